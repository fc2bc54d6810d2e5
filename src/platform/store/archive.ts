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
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { DomainError } from "#kernel/units/domainError.ts";
import { packetAt, packetOf } from "#platform/system/packets.ts";
import { syncDirectory } from "#platform/system/writeFileAside.ts";

/** How a record is written as one JSON value, and what of an unknown value is a record; null when it is none. */
export type Codec<Item> = {
  readonly encode: (item: Item) => unknown;
  readonly decode: (value: unknown) => Item | null;
};

/**
 * Records that are only ever added, in files of packets that each carry a checksum: what was appended at once, as compressed
 * JSON. What `append` returned for is on the disk.
 */
export type Archive<Item> = {
  append(items: readonly Item[]): void;
  /** Records of one file, in the order in which they were added. */
  read(file: string): readonly Item[];
  /** Names of the files, sorted. */
  files(): string[];
  /** Says which unfinished last packets a crash left, and that they were cut off; empty otherwise. */
  readonly notices: readonly string[];
};

/** Files kept in memory: today's and yesterday's of an area, with room for a second area. */
const CACHED_FILES = 4;
const EXTENSION = ".archive";
/** What most records have in common: names and usual values, which then take no room. */
const DICTIONARY = Buffer.from(
  '","side":"offer","side":"bid","quality":"estimated","quality":"measured","signature":"0x","orderId":"0x","meterId":"0x' +
    '","areaId":1,"intervalId":19,"account":,"participant":,"importWh":0,"exportWh":0,"version":1,"energyWh":' +
    ',"limitPriceMicroPerKwh":,"sequence":0,"receivedAt":17,"refusal":null}',
);

/**
 * Opens the archive in `directory`; `fileOf` says into which file a record belongs. A last packet that was not finished
 * is cut off with a notice. `isReadOnly` is for who looks on while another process writes: nothing is changed, a packet
 * that is being written is passed over, and what was added since is seen.
 *
 * @throws ArchiveDamagedError when any other packet does not fit its checksum
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
        appendPacket(join(directory, file + EXTENSION), packetOf(contentOf(added.map(codec.encode))));
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

function appendPacket(path: string, packet: Buffer): void {
  const isNew = !existsSync(path);
  const handle = openSync(path, "a");
  try {
    appendFileSync(handle, packet);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  if (isNew) syncDirectory(dirname(path));
}

function contentOf(values: readonly unknown[]): Buffer {
  return deflateRawSync(JSON.stringify(values), { dictionary: DICTIONARY });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function cutOff(path: string, notices: string[]): (bytes: number) => void {
  return (bytes) => {
    truncateSync(path, bytes);
    notices.push(`${path}: the last packet was not finished and is cut off`);
  };
}

/** `onTorn` is told the length of what is whole when the last packet was not finished. */
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
  const bytes = readFileSync(path);
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    if (packet === "damaged") throw new ArchiveDamagedError(path, at);
    if (packet === "torn") {
      onTorn(at);
      break;
    }
    for (const value of valuesOf(packet.content)) {
      const item = codec.decode(value);
      if (item === null) throw new ArchiveDamagedError(path, at);
      items.push(item);
    }
    at = packet.end;
  }
  return items;
}

function valuesOf(content: Buffer): unknown[] {
  return JSON.parse(inflateRawSync(content, { dictionary: DICTIONARY }).toString("utf8")) as unknown[];
}

export class ArchiveDamagedError extends DomainError {
  readonly code = "archiveDamaged";

  constructor(path: string, byte: number) {
    super(
      `the packet at byte ${byte} of ${path} does not fit its checksum; it was changed after it was written`,
    );
  }
}
