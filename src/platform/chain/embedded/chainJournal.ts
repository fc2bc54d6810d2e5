import { createHash } from "node:crypto";
import { readFileSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { HEX } from "./anvilRpc.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";

const NEWLINE = 0x0a;
const CHECKSUM_LENGTH = 64;
const FIRST_CHECKSUM = "0".repeat(CHECKSUM_LENGTH);

const HEADER = z.strictObject({ format: z.literal(1), chainId: z.int(), firstBlock: z.int() });
const BLOCK = z.strictObject({
  number: z.int(),
  timestamp: z.int(),
  prevrandao: HEX,
  hash: HEX,
  transactions: z.array(HEX),
});

/**
 * All that a block needs to be made again, byte for byte: its number, time (unix seconds), random value and raw signed
 * transactions in their order; its hash proves that it came out the same.
 */
export type JournalBlock = Readonly<z.infer<typeof BLOCK>>;

/** First line of a journal file: which chain, and the number of the first block that the file may hold. */
export type JournalHeader = Readonly<z.infer<typeof HEADER>>;

/** What a journal file holds. `goodBytes` end after the last whole line; `tornBytes` follow, a write cut short. */
export type JournalContent = {
  readonly header: JournalHeader;
  readonly blocks: readonly JournalBlock[];
  readonly checksum: string;
  readonly goodBytes: number;
  readonly tornBytes: number;
};

export type Journal = {
  /** Appends the blocks and returns when they are on the disk. After a failure the journal takes no more. */
  append(blocks: readonly JournalBlock[]): Promise<void>;
  close(): Promise<void>;
};

/** Creates, or replaces, a journal file that holds its header only. */
export function createJournalFile(path: string, header: JournalHeader): void {
  writeFileAside(path, Buffer.from(journalLine(header, FIRST_CHECKSUM).line));
}

/**
 * Reads a journal file. A line is `<sha256 in hex> <JSON>`; the checksum covers the line before's checksum and the JSON,
 * so that a changed, lost or exchanged line shows. A last line without its newline is what a power cut leaves: it was
 * never acknowledged, and is reported in `tornBytes`.
 *
 * @throws ChainStateDamagedError naming the file and the line
 */
export function readJournalFile(path: string): JournalContent {
  const bytes = readBytes(path);
  const goodBytes = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.subarray(0, goodBytes).toString("utf8").split("\n").slice(0, -1);
  const [first, ...rest] = lines;
  if (first === undefined) throw new ChainStateDamagedError({ file: path, problem: "has no header" });
  const head = checkedJson({ path, line: first, lineNumber: 1, before: FIRST_CHECKSUM, schema: HEADER });
  let checksum = head.checksum;
  const blocks = rest.map((line, index) => {
    const lineNumber = index + 2;
    const block = checkedJson({ path, line, lineNumber, before: checksum, schema: BLOCK });
    checksum = block.checksum;
    const expected = head.value.firstBlock + index;
    if (block.value.number !== expected)
      throw damagedLine(path, lineNumber, `holds block ${block.value.number} in the place of ${expected}`);
    return block.value;
  });
  return { header: head.value, blocks, checksum, goodBytes, tornBytes: bytes.length - goodBytes };
}

/** Opens a journal file for appending after `content`, which was read from it; torn bytes are cut off first. */
export async function openJournal(path: string, content: JournalContent): Promise<Journal> {
  if (content.tornBytes > 0) truncateSync(path, content.goodBytes);
  const file = await open(path, "a");
  if (content.tornBytes > 0) await file.sync();
  return journalOn({ path, file, checksum: content.checksum });
}

function journalOn({
  path,
  file,
  checksum: start,
}: {
  path: string;
  file: FileHandle;
  checksum: string;
}): Journal {
  let checksum = start;
  let failure: JournalWriteError | null = null;
  return {
    append: async (blocks) => {
      // After a failed write or fsync nobody knows what is on the disk; a further line could hide the gap.
      if (failure !== null) throw failure;
      try {
        const appended = journalLines(blocks, checksum);
        await file.appendFile(appended.text);
        await file.datasync();
        checksum = appended.checksum;
      } catch (cause) {
        failure = new JournalWriteError(path, { cause });
        throw failure;
      }
    },
    close: () => file.close(),
  };
}

function journalLines(blocks: readonly JournalBlock[], before: string): { text: string; checksum: string } {
  let checksum = before;
  let text = "";
  for (const block of blocks) {
    const next = journalLine(block, checksum);
    checksum = next.checksum;
    text += next.line;
  }
  return { text, checksum };
}

function journalLine(
  value: JournalHeader | JournalBlock,
  before: string,
): { line: string; checksum: string } {
  const json = JSON.stringify(value);
  const checksum = checksumOf(before, json);
  return { line: `${checksum} ${json}\n`, checksum };
}

type CheckedLine<T> = {
  path: string;
  line: string;
  lineNumber: number;
  before: string;
  schema: z.ZodType<T>;
};

function checkedJson<T>({ path, line, lineNumber, before, schema }: CheckedLine<T>) {
  const checksum = line.slice(0, CHECKSUM_LENGTH);
  const json = line.slice(CHECKSUM_LENGTH + 1);
  if (line[CHECKSUM_LENGTH] !== " " || checksum !== checksumOf(before, json))
    throw damagedLine(path, lineNumber, "does not match its checksum");
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw damagedLine(path, lineNumber, "is of another format than this version writes");
  return { value: parsed.data, checksum };
}

function checksumOf(before: string, json: string): string {
  return createHash("sha256").update(before).update(json).digest("hex");
}

function damagedLine(file: string, lineNumber: number, problem: string): ChainStateDamagedError {
  return new ChainStateDamagedError({ file, problem: `is damaged: line ${lineNumber} ${problem}` });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ChainStateDamagedError({ file: path, problem: "can't be read", cause });
  }
}

/** Blocks could not be made durable; the chain must be stopped, and continues from what the disk holds. */
export class JournalWriteError extends DomainError {
  readonly code = "journalWriteFailed";

  constructor(path: string, options: ErrorOptions) {
    super(`${path} can't be written: stop, free the disk, and start again`, options);
  }
}
