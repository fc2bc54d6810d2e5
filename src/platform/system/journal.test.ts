import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JournalDamagedError, openJournal } from "./journal.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-journal-"));
  path = join(directory, "deep", "one.journal");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function written(...groups: unknown[][]): Promise<void> {
  const journal = openJournal(path);
  await Promise.all(groups.map((group) => journal.append(group)));
  await journal.close();
}

async function read(): Promise<readonly unknown[]> {
  const journal = openJournal(path);
  await journal.close();
  return journal.found;
}

it("gives back what was added, in its order", async () => {
  await written([1, { two: "2" }], [3], []);
  await written([4]);
  expect(await read()).toEqual([1, { two: "2" }, 3, 4]);
});

it("cut short at any byte, keeps every group before it and goes on behind them", async () => {
  await written([1], [2]);
  const whole = readFileSync(path);
  await written([3]);
  const longer = readFileSync(path);
  for (let bytes = whole.length; bytes < longer.length; bytes += 1) {
    writeFileSync(path, longer.subarray(0, bytes));
    const journal = openJournal(path);
    expect(journal.found).toEqual([1, 2]);
    expect(journal.notice === null).toBe(bytes === whole.length);
    await journal.append(["new"]);
    await journal.close();
    expect(await read()).toEqual([1, 2, "new"]);
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(100)]));
  expect(await read()).toEqual([1, 2]);
});

it("refuses a file that was changed before its end", async () => {
  await written(["something long enough"], [2]);
  const bytes = readFileSync(path);
  bytes[20] = bytes[20]! ^ 1;
  writeFileSync(path, bytes);
  expect(() => openJournal(path)).toThrow(JournalDamagedError);
  expect(() => openJournal(path)).toThrow(/the group at byte 0 of .* does not fit its checksum/);
});

it("is replaced as a whole, and goes on", async () => {
  const journal = openJournal(path);
  await journal.append(Array.from({ length: 100 }, (_, i) => i));
  const before = journal.bytes();
  journal.replace(["kept"]);
  expect(journal.bytes()).toBeLessThan(before);
  journal.note([1]);
  await journal.close();
  expect(await read()).toEqual(["kept", 1]);
});

it("takes no part of a group that its writer could not finish", async () => {
  await written([1]);
  appendFileSync(path, "x".repeat(7));
  expect(await read()).toEqual([1]);
  truncateSync(path, 0);
  expect(await read()).toEqual([]);
});
