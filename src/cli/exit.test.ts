import { Command } from "commander";
import { DrizzleQueryError } from "drizzle-orm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runCommand, UsageError } from "./exit.ts";

let exitCodeBefore: typeof process.exitCode;
let printed = "";

beforeEach(() => {
  exitCodeBefore = process.exitCode;
  process.exitCode = undefined;
  printed = "";
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += text;
      return true;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = exitCodeBefore;
});

it("leaves the exit code alone when the action is done", async () => {
  await runCommand(async () => "done");
  expect([process.exitCode, printed]).toEqual([undefined, ""]);
});

it.each([
  ["wrong usage", 2, () => Promise.reject(new UsageError("--days is -1, not a whole number of days"))],
  ["a failure", 1, () => Promise.reject(new TypeError("--days is -1, not a whole number of days"))],
])("says in one line what is %s and sets the exit code %d", async (_, exitCode, action) => {
  await runCommand(action);
  expect(process.exitCode).toBe(exitCode);
  expect(printed).toMatch(/^commonwatt: .*--days is -1, not a whole number of days\n$/);
});

it.each([
  ["--help", undefined, /^Usage: /],
  ["--nonsense", 2, /^error: unknown option '--nonsense'\n$/],
])("leaves the words on %s to commander", async (option, exitCode, words) => {
  const program = new Command("commonwatt").exitOverride();
  await runCommand(() => program.parseAsync([option], { from: "user" }));
  expect(process.exitCode).toBe(exitCode);
  expect(printed).toMatch(words);
});

it("says what a full disk needs, however deep the reason lies, and never what was being written", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    path: "/data/day.archive",
  });
  const statement = new DrizzleQueryError("insert into charges", ["11951"], full);
  await runCommand(() => Promise.reject(new Error("the gateway stopped", { cause: statement })));
  expect([process.exitCode, printed]).toEqual([
    1,
    "commonwatt: the disk is full (/data/day.archive): free some space, and start again; what was confirmed is kept\n",
  ]);
});

it("says why a statement failed, without what it would have written", async () => {
  const statement = new DrizzleQueryError("insert into charges", ["11951"], new Error("a row is there"));
  await runCommand(() => Promise.reject(statement));
  expect(printed).toBe("commonwatt: unexpected failure: a row is there\n");
});

it("tells a port that may not be taken from a disk", async () => {
  const refused = Object.assign(new Error("listen EACCES: permission denied 127.0.0.1:80"), {
    code: "EACCES",
  });
  await runCommand(() => Promise.reject(refused));
  expect(printed).toMatch(/unexpected failure: listen EACCES/);
});
