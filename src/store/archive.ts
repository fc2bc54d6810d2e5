import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { toHex } from "#evidence/hex.ts";
import { keccak256Text } from "#evidence/typedData.ts";
import { syncDirectory } from "#system/writeFileAside.ts";
import { DomainError } from "#units/domainError.ts";

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
 * is cut off with a notice.
 *
 * @throws ArchiveDamagedError when any other line does not fit its checksum
 */
export function openArchive<Item>({
  directory,
  codec,
  fileOf,
}: {
  directory: string;
  codec: Codec<Item>;
  fileOf: (item: Item) => string;
}): Archive<Item> {
  mkdirSync(directory, { recursive: true });
  const notices: string[] = [];
  const cache = new Map<string, Item[]>();
  const files = () =>
    readdirSync(directory)
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length))
      .sort();
  const read = (file: string): Item[] => {
    const known = cache.get(file);
    if (known) return known;
    const items = readFile({ path: join(directory, file + EXTENSION), codec, notices });
    remember(cache, file, items);
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
        remember(cache, file, known);
      }
    },
    read,
    files,
    notices,
  };
}

function remember<Item>(cache: Map<string, Item[]>, file: string, items: Item[]): void {
  cache.set(file, items);
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

function readFile<Item>({
  path,
  codec,
  notices,
}: {
  path: string;
  codec: Codec<Item>;
  notices: string[];
}): Item[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) {
    truncateSync(path, Buffer.byteLength(text.slice(0, end)));
    notices.push(`${path}: the last line was not finished and is cut off`);
  }
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
