import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import { packetAt, packetOf } from "./packets.ts";
import { syncDirectory, writeFileAside } from "./writeFileAside.ts";

/** Values that are only ever added to a file of one writer, each group with a checksum. */
export type Journal = {
  /** Values of the file when it was opened, in the order in which they were added. */
  readonly found: readonly unknown[];
  /** Says that an unfinished last group was cut off; null otherwise. */
  readonly notice: string | null;
  /**
   * Writes values, so that they outlive this process; resolves once they outlive a power cut. What is added while the disk is
   * busy shares the next wait. Throws what the disk says when they can't be written; nothing of them is left then.
   */
  append(values: readonly unknown[]): Promise<void>;
  /** Writes values that outlive this process, and a power cut once the next are appended. */
  note(values: readonly unknown[]): void;
  /** Takes these for all that was written before: whole or not at all. */
  replace(values: readonly unknown[]): void;
  bytes(): number;
  /** Closes the file once the disk is idle. */
  close(): Promise<void>;
};

/**
 * Opens the journal at `path`, which is created when it is missing.
 *
 * @throws JournalDamagedError when a group other than the last does not fit its checksum
 */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const { found, bytes, isTorn } = readGroups(path);
  const notice = isTorn ? `${path}: the last group was not finished and is cut off` : null;
  const open = openForWriting(path, bytes);
  const disk = sharedSync(() => open.descriptor);
  const note = (values: readonly unknown[]) => writeAt(open, groupOf(values));
  return {
    found,
    notice,
    note,
    append(values) {
      note(values);
      return disk.sync();
    },
    replace(values) {
      const group = groupOf(values);
      writeFileAside(path, group);
      void disk.closeWhenIdle(open.descriptor);
      Object.assign(open, openForWriting(path, group.length));
    },
    bytes: () => open.bytes,
    close: () => disk.closeWhenIdle(open.descriptor),
  };
}

function groupOf(values: readonly unknown[]): Buffer {
  return packetOf(Buffer.from(JSON.stringify(values)));
}

type OpenFile = { descriptor: number; bytes: number };

function openForWriting(path: string, bytes: number): OpenFile {
  const descriptor = openSync(path, bytes === 0 ? "w" : "r+");
  ftruncateSync(descriptor, bytes);
  if (bytes === 0) syncDirectory(dirname(path));
  return { descriptor, bytes };
}

/** A write that fails half-way leaves its beginning: the next one goes to the same place. */
function writeAt(open: OpenFile, packet: Buffer): void {
  let written = 0;
  try {
    while (written < packet.length)
      written += writeSync(open.descriptor, packet, written, packet.length - written, open.bytes + written);
  } catch (cause) {
    ftruncateSync(open.descriptor, open.bytes);
    throw cause;
  }
  open.bytes += packet.length;
}

/** One wait for the disk at a time; all who come meanwhile share the one after it. A file that it waits for is not closed. */
function sharedSync(descriptor: () => number) {
  let underWay: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    const ended = syncOnce(descriptor()).finally(() => {
      if (underWay === ended) underWay = null;
    });
    underWay = ended;
    return ended;
  };
  const whenIdle = async () => {
    while (underWay !== null) await underWay.catch(() => undefined);
  };
  return {
    sync(): Promise<void> {
      if (underWay === null) return begin();
      next ??= underWay
        .catch(() => undefined)
        .then(() => {
          next = null;
          return begin();
        });
      return next;
    },
    async closeWhenIdle(file: number): Promise<void> {
      await whenIdle();
      closeSync(file);
    },
  };
}

function syncOnce(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
  });
}

function readGroups(path: string): { found: unknown[]; bytes: number; isTorn: boolean } {
  const bytes = readOrNothing(path);
  const found: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    if (packet === "damaged") throw new JournalDamagedError(path, at);
    if (packet === "torn") return { found, bytes: at, isTorn: true };
    found.push(...(JSON.parse(packet.content.toString("utf8")) as unknown[]));
    at = packet.end;
  }
  return { found, bytes: bytes.length, isTorn: false };
}

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

export class JournalDamagedError extends DomainError {
  readonly code = "journalDamaged";

  constructor(path: string, byte: number) {
    super(
      `the group at byte ${byte} of ${path} does not fit its checksum; it was changed after it was written`,
    );
  }
}
