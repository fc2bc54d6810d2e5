import { Command } from "commander";
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
