import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createJournalFile, type JournalBlock, openJournal, readJournalFile } from "./chainJournal.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";

const HEADER = { format: 1, chainId: 31_337, firstBlock: 5 } as const;

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chain-journal-"));
  path = join(directory, "journal-5.jsonl");
  createJournalFile(path, HEADER);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function block(number: number): JournalBlock {
  return {
    number,
    timestamp: 1_700_000_000 + number,
    prevrandao: `0x${"ab".repeat(32)}`,
    hash: `0x${number.toString(16).padStart(64, "0")}`,
    transactions: number % 2 === 0 ? [] : ["0x02f86d", "0x02f86e"],
  };
}

async function append(...blocks: JournalBlock[]): Promise<void> {
  const journal = await openJournal(path, readJournalFile(path));
  try {
    await journal.append(blocks);
  } finally {
    await journal.close();
  }
}

function damageOf(file: string): ChainStateDamagedError {
  try {
    readJournalFile(file);
  } catch (error) {
    if (error instanceof ChainStateDamagedError) return error;
    throw error;
  }
  throw new Error("the journal was read");
}

describe("a journal", () => {
  it("gives back what was appended, over several openings", async () => {
    await append(block(5), block(6));
    await append(block(7));
    expect(readJournalFile(path)).toMatchObject({
      header: HEADER,
      blocks: [block(5), block(6), block(7)],
      tornBytes: 0,
      goodBytes: statSync(path).size,
    });
  });

  it("drops a line that was cut short, wherever, and goes on after the last whole one", async () => {
    await append(block(5), block(6));
    const whole = readFileSync(path);
    const lastLineAt = whole.subarray(0, -1).lastIndexOf("\n") + 1;
    for (const cut of [lastLineAt + 1, lastLineAt + 64, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(readJournalFile(path)).toMatchObject({ blocks: [block(5)], tornBytes: cut - lastLineAt });
      await append(block(6));
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it("drops the zeros that a file system may leave after a power cut", async () => {
    await append(block(5));
    appendFileSync(path, Buffer.alloc(4096));
    expect(readJournalFile(path)).toMatchObject({ blocks: [block(5)], tornBytes: 4096 });
  });

  it("never takes a changed byte for good, and names the file", async () => {
    await append(block(5), block(6), block(7));
    const whole = readFileSync(path);
    fc.assert(
      // The last byte is the newline that makes the last line whole: without it, the line counts as cut short.
      fc.property(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        writeFileSync(path, damaged);
        expect(damageOf(path)).toMatchObject({ code: "chainStateDamaged", file: path });
      }),
    );
  });

  it("misses a line that was taken out, and one that was moved", async () => {
    await append(block(5), block(6), block(7));
    const [header, first, second, third] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${[header, first, third].join("\n")}\n`);
    expect(damageOf(path).message).toContain("line 3");
    writeFileSync(path, `${[header, second, first, third].join("\n")}\n`);
    expect(damageOf(path).message).toContain("line 2");
  });

  it("refuses a block out of its place", async () => {
    await append(block(5), block(9));
    expect(damageOf(path).message).toContain("block 9 in the place of 6");
  });

  it("refuses a file without a header, and a file that is not there", () => {
    writeFileSync(path, "");
    expect(damageOf(path).message).toContain("has no header");
    rmSync(path);
    expect(damageOf(path).message).toContain("can't be read");
  });

  it("takes nothing more after a write has failed", async () => {
    const journal = await openJournal(path, readJournalFile(path));
    await journal.close();
    await expect(journal.append([block(5)])).rejects.toMatchObject({ code: "journalWriteFailed" });
    await expect(journal.append([block(5)])).rejects.toMatchObject({ code: "journalWriteFailed" });
    expect(readJournalFile(path).blocks).toEqual([]);
  });
});
