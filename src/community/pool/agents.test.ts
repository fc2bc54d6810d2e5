import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createAgentBook } from "#domains/pool/agentBook.ts";
import { FREE_AGENT } from "#domains/pool/rules/agentSettings.ts";
import { openAgentFile } from "./agentFile.ts";

const PLACE = { areaId: 1, member: 6 };
const AT_LEAST_20 = { ...FREE_AGENT, leastOfferMicroPerKwh: 200_000 };

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-agents-"));
  path = join(directory, "agents.json");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (now: number) =>
  createAgentBook({ isThere: () => true, now: () => now, ...openAgentFile(path) });

it("holds from the next second on, and what was ordered before is found as it was, after a restart too", () => {
  expect(open(1_000).set(PLACE, AT_LEAST_20)).toEqual({ ...AT_LEAST_20, setAt: 1_001 });
  open(2_000).set(PLACE, FREE_AGENT);
  const book = open(3_000);
  expect(book.settingsAt(PLACE, 1_000)).toEqual(FREE_AGENT);
  expect(book.settingsAt(PLACE, 1_001)).toMatchObject(AT_LEAST_20);
  expect(book.settingsAt(PLACE, 2_000)).toMatchObject(AT_LEAST_20);
  expect(book.newest(PLACE)).toEqual({ ...FREE_AGENT, setAt: 2_001 });
  expect(book.newest({ ...PLACE, member: 7 })).toBeNull();
});

it("keeps what it is told before it counts", () => {
  const book = createAgentBook({
    isThere: () => true,
    now: () => 1,
    keep: () => {
      throw new Error("the disk is full");
    },
  });
  expect(() => book.set(PLACE, AT_LEAST_20)).toThrow("the disk is full");
  expect(book.newest(PLACE)).toBeNull();
});

it("refuses a damaged file rather than forget a price", () => {
  writeFileSync(path, "[{");
  expect(() => openAgentFile(path)).toThrow(/agents\.json can't be read/);
});
