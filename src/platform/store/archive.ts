import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { toHex } from "#kernel/crypto/hex.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { syncDirectory } from "#platform/system/writeFileAside.ts";

/** How a record is written as one JSON value, and what of an unknown value is a record; null when it is none. */
export type Codec<Item> = {
  readonly encode: (item: Item) => unknown;
  readonly decode: (value: unknown) => Item | null;
};

/**
 * Records that are only ever added, in files of lines that each carry a checksum. What `append` returned for is on the
 * disk.
 */
export type Archive<Item> = {
  append(items: readonly Item[]): void;
  /** Records of one file, in the order in which they were added. */
  read(file: string): readonly Item[];
  /** Names of the files, sorted. */
  files(): string[];
  /** Says which unfinished last lines a crash left, and that they were cut off; empty otherwise. */
  readonly notices: readonly string[];
};

/** Files kept in memory: today's and yesterday's of an area, with room for a second area. */
const CACHED_FILES = 4;
const CHECKSUM_DIGITS = 16;
const EXTENSION = ".jsonl";

/**
 * Opens the archive in `directory`; `fileOf` says into which file a record belongs. A last line that was not finished
 * is cut off with a notice. `isReadOnly` is for who looks on while another process writes: nothing is changed, a line that
 * is being written is passed over, and what was added since is seen.
 *
 * @throws ArchiveDamagedError when any other line does not fit its checksum
 */
export function openArchive<Item>({
  directory,
  codec,
  fileOf,
  isReadOnly = false,
}: {
  directory: string;
  codec: Codec<Item>;
  fileOf: (item: Item) => string;
  isReadOnly?: boolean;
}): Archive<Item> {
  if (!isReadOnly) mkdirSync(directory, { recursive: true });
  const notices: string[] = [];
  const cache: Cache<Item> = new Map();
  const files = () =>
    readdirSync(directory)
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length))
      .sort();
  const read = (file: string): Item[] => {
    const path = join(directory, file + EXTENSION);
    const bytes = isReadOnly ? sizeOf(path) : 0;
    const known = cache.get(file);
    if (known?.bytes === bytes) return known.items;
    const items = readFile({ path, codec, onTorn: isReadOnly ? () => {} : cutOff(path, notices) });
    remember(cache, file, { items, bytes });
    return items;
  };
  return {
    append(items) {
      const byFile = new Map<string, Item[]>();
      for (const item of items) {
        const file = fileOf(item);
        byFile.set(file, [...(byFile.get(file) ?? []), item]);
      }
      for (const [file, added] of byFile) {
        const known = read(file);
        // Should the write fail half-way, the file is read again before the next one, and its torn end cut off.
        cache.delete(file);
        appendLines(
          join(directory, file + EXTENSION),
          added.map((item) => lineOf(codec.encode(item))),
        );
        known.push(...added);
        remember(cache, file, { items: known, bytes: 0 });
      }
    },
    read,
    files,
    notices,
  };
}

/** Records of a file, and its length when another process may add to it, else 0. */
type Cache<Item> = Map<string, { readonly items: Item[]; readonly bytes: number }>;

function remember<Item>(cache: Cache<Item>, file: string, entry: { items: Item[]; bytes: number }): void {
  cache.set(file, entry);
  const [oldest] = cache.keys();
  if (cache.size > CACHED_FILES && oldest !== undefined) cache.delete(oldest);
}

function appendLines(path: string, lines: readonly string[]): void {
  const isNew = !existsSync(path);
  const handle = openSync(path, "a");
  try {
    appendFileSync(handle, lines.join(""));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  if (isNew) syncDirectory(dirname(path));
}

function lineOf(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksumOf(json)} ${json}\n`;
}

function checksumOf(json: string): string {
  return toHex(keccak256Text(json)).slice(2, 2 + CHECKSUM_DIGITS);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function cutOff(path: string, notices: string[]): (bytes: number) => void {
  return (bytes) => {
    truncateSync(path, bytes);
    notices.push(`${path}: the last line was not finished and is cut off`);
  };
}

/** `onTorn` is told the length of what is whole when the last line was not finished. */
function readFile<Item>({
  path,
  codec,
  onTorn,
}: {
  path: string;
  codec: Codec<Item>;
  onTorn: (bytes: number) => void;
}): Item[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) onTorn(Buffer.byteLength(text.slice(0, end)));
  const lines = text.slice(0, end).split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const item = decodeLine(line, codec);
    if (item === null) throw new ArchiveDamagedError(path, i + 1);
    return item;
  });
}

function decodeLine<Item>(line: string, codec: Codec<Item>): Item | null {
  const json = line.slice(CHECKSUM_DIGITS + 1);
  if (line.slice(0, CHECKSUM_DIGITS) !== checksumOf(json)) return null;
  return codec.decode(JSON.parse(json));
}

export class ArchiveDamagedError extends DomainError {
  readonly code = "archiveDamaged";

  constructor(path: string, line: number) {
    super(`line ${line} of ${path} does not fit its checksum; it was changed after it was written`);
  }
}
