import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { present } from "#kernel/units/assert.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { ArchivedBlock } from "./archivedBlock.ts";
import { type BlockArchive, createBlockArchive, openBlockArchive } from "./blockArchive.ts";
import { chainOfBlocks } from "./blocks.fixture.ts";
import { isSelected, type LogSelection } from "./logFilter.ts";

// Processes are started and killed; a busy machine needs its time for each.
vi.setConfig({ testTimeout: 240_000 });

const CHAIN_ID = 31_337;
/** A few blocks a file. */
const SEGMENT_BYTES = 2_000;

let directory: string;
let opened: BlockArchive[];
let notices: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "block-archive-"));
  opened = [];
  notices = [];
});

afterEach(async () => {
  for (const archive of opened) await archive.close();
  rmSync(directory, { recursive: true, force: true });
});

const options = (place = directory) => ({
  directory: place,
  chainId: CHAIN_ID,
  segmentBytes: SEGMENT_BYTES,
  onNotice: (sentence: string) => void notices.push(sentence),
});

async function reopen(place = directory): Promise<BlockArchive> {
  const archive = await openBlockArchive(options(place));
  opened.push(archive);
  return archive;
}

/** An archive of some blocks, closed again. */
async function write(blocks: readonly ArchivedBlock[]): Promise<void> {
  const archive = await createBlockArchive(options());
  for (const block of blocks) await archive.append([block]);
  await archive.close();
}

function all(archive: BlockArchive): (ArchivedBlock | null)[] {
  return Array.from({ length: archive.newest() + 1 }, (_, number) => archive.block(number));
}

const files = (extension: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(extension))
    .sort((a, b) => numberIn(a) - numberIn(b));
const numberIn = (name: string) => Number(/\d+/.exec(name)?.[0]);
const lastFile = () => join(directory, present(files(".archive").at(-1), "the last file"));

describe("an archive of blocks", () => {
  it("gives back every block, over several files and openings, by number, hash and transaction", async () => {
    const blocks = chainOfBlocks(40);
    await write(blocks.slice(0, 25));
    const first = await reopen();
    await first.append(blocks.slice(25));
    const archive = await reopen();
    expect(files(".archive").length).toBeGreaterThan(5);
    for (const each of [first, archive]) expect(all(each)).toEqual(blocks);
    for (const block of blocks) {
      expect(archive.blockByHash(block.header.hash)).toEqual(block);
      for (const [index, { hash }] of block.transactions.entries())
        expect(archive.transaction(hash)).toEqual({ block, index });
    }
    expect(archive.block(40)).toBeNull();
    expect(archive.blockByHash(`0x${"9".repeat(64)}`)).toBeNull();
    expect(notices).toEqual([]);
  });

  it("finds the logs that a look at every block finds, and reads few blocks besides", async () => {
    const blocks = chainOfBlocks(60);
    await write(blocks);
    const archive = await reopen();
    const log = present(blocks[31]?.transactions[0]?.receipt.logs[0], "a log");
    const selections: LogSelection[] = [
      { addresses: null, topics: [] },
      { addresses: [log.address], topics: [] },
      { addresses: null, topics: [null, [present(log.topics[1], "a topic")]] },
      { addresses: [`0x${"e".repeat(40)}`], topics: [] },
    ];
    for (const selection of selections) {
      const read: ArchivedBlock[] = [];
      for await (const block of archive.blocksWith(selection, { fromBlock: 5, toBlock: 50 }))
        read.push(block);
      const expected = blocks.slice(5, 51).filter((block) => logsIn(block, selection) > 0);
      expect(read.filter((block) => logsIn(block, selection) > 0)).toEqual(expected);
      if (selection.addresses !== null || selection.topics.length > 0)
        expect(read.length).toBeLessThanOrEqual(expected.length + 3);
    }
  });

  it("takes no block that does not follow by its hash, and none after a failure", async () => {
    const blocks = chainOfBlocks(3);
    const archive = await createBlockArchive(options());
    opened.push(archive);
    await archive.append(blocks.slice(0, 1));
    await expect(archive.append(blocks.slice(2))).rejects.toMatchObject({ code: "blockWriteFailed" });
    await expect(archive.append(blocks.slice(1))).rejects.toMatchObject({ code: "blockWriteFailed" });
  });
});

function logsIn({ transactions }: ArchivedBlock, selection: LogSelection): number {
  return transactions.flatMap(({ receipt }) => receipt.logs).filter((log) => isSelected(log, selection))
    .length;
}

describe("a cut", () => {
  it("anywhere in the last block loses that block alone, says so, and the archive goes on", async () => {
    const blocks = chainOfBlocks(8);
    await write(blocks.slice(0, 7));
    const path = lastFile();
    const before = readFileSync(path).length;
    const archive = await reopen();
    await archive.append(blocks.slice(7));
    const whole = readFileSync(path);
    expect(whole.length).toBeGreaterThan(before);
    for (let length = before; length < whole.length; length += 1) {
      notices = [];
      writeFileSync(path, whole.subarray(0, length));
      const cut = await openBlockArchive(options());
      expect(cut.newest()).toBe(6);
      expect(notices).toHaveLength(length === before ? 0 : 1);
      await cut.append(blocks.slice(7));
      expect(cut.block(7)).toEqual(blocks[7]);
      await cut.close();
      rmSync(join(directory, "blocks-8.archive"), { force: true });
      rmSync(path.replace(".archive", ".index"), { force: true });
    }
  });

  it("between a full file and the next, or its index, leaves nothing to be lost", async () => {
    const blocks = chainOfBlocks(30);
    await write(blocks);
    const index = join(directory, present(files(".index").at(-1), "an index"));
    for (const damage of [() => rmSync(index), () => writeFileSync(index, "torn")]) {
      damage();
      expect(all(await reopen())).toEqual(blocks);
      expect(existsSync(index)).toBe(true);
    }
  });

  it("by kill -9 at any time loses no block that was acknowledged", async () => {
    const random = seededRandom(8);
    const blocks = chainOfBlocks(200);
    for (let round = 0; round < 3; round += 1) {
      const place = join(directory, String(round));
      const acknowledged = await appendUntilKilled(place, 1 + Math.floor(random() * 150));
      const archive = await reopen(place);
      expect(archive.newest()).toBeGreaterThanOrEqual(acknowledged);
      expect(all(archive)).toEqual(blocks.slice(0, archive.newest() + 1));
      await archive.append(blocks.slice(archive.newest() + 1));
      expect(archive.newest()).toBe(199);
    }
  });
});

/** A process that appends block by block is killed once it has said so many; gives the last one that it said. */
async function appendUntilKilled(place: string, blocks: number): Promise<number> {
  const of = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    const { mkdirSync } = await import("node:fs");
    const { createBlockArchive } = await import(${of("./blockArchive.ts")});
    const { chainOfBlocks } = await import(${of("./blocks.fixture.ts")});
    mkdirSync(${JSON.stringify(place)});
    const archive = await createBlockArchive(${JSON.stringify({ ...options(place), onNotice: undefined })});
    for (const block of chainOfBlocks(200)) {
      await archive.append([block]);
      process.stdout.write(block.number + "\\n");
    }
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = -1;
  createInterface({ input: child.stdout }).on("line", (line) => {
    acknowledged = Number(line);
    if (acknowledged >= blocks) child.kill("SIGKILL");
  });
  await once(child, "close");
  return acknowledged;
}

describe("damage", () => {
  it("to any byte of a block that others follow is refused, with file and place", async () => {
    await write(chainOfBlocks(3));
    const path = lastFile();
    const whole = readFileSync(path);
    const header = whole.readUInt32BE(0) + 40;
    const second = header + whole.readUInt32BE(header) + 40;
    for (let at = header; at < second; at += 7) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
      writeFileSync(path, changed);
      await expect(openBlockArchive(options())).rejects.toMatchObject({
        code: "chainStateDamaged",
        file: path,
        message: expect.stringContaining(`byte ${header}, block 0`),
      });
    }
  });

  it("to a block of an older file is found when it is read", async () => {
    await write(chainOfBlocks(30));
    const path = join(directory, "blocks-0.archive");
    const changed = readFileSync(path);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 0x01, changed.length - 1);
    writeFileSync(path, changed);
    await expect(reopen()).rejects.toMatchObject({ code: "chainStateDamaged", file: path });
  });

  it("by a missing or exchanged file is refused and named", async () => {
    await write(chainOfBlocks(30));
    const [first = "", second = "", third = ""] = files(".archive").map((name) => join(directory, name));
    const last = lastFile();
    for (const [file, named] of [
      [first, first],
      [second, third],
      [last, last],
    ] as const) {
      const whole = readFileSync(file);
      rmSync(file);
      await expect(reopen()).rejects.toMatchObject({ code: "chainStateDamaged", file: named });
      writeFileSync(file, whole);
    }
    copyFileSync(third, second);
    await expect(reopen()).rejects.toMatchObject({ code: "chainStateDamaged", file: second });
  });
});
