import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** The node's words fill at most this much of the disk; what came before is dropped. */
const MAX_LOG_BYTES = 1_000_000;
const TAIL_CHARACTERS = 8_000;

/** What the node prints, in a bounded file. */
export type AnvilLog = {
  write(chunk: Buffer): void;
  /** The last words, for an error that has to say why. */
  tail(): string;
  close(): void;
};

/** Begins the log file anew. */
export function createAnvilLog(path: string): AnvilLog {
  const descriptor = openSync(path, "w");
  let size = 0;
  let tail = "";
  return {
    write: (chunk) => {
      tail = (tail + chunk.toString("utf8")).slice(-TAIL_CHARACTERS);
      try {
        size = appendBounded({ descriptor, size, chunk });
      } catch {
        // A full disk is reported by the archive, whose words count; the log's may be lost.
      }
    },
    tail: () => tail,
    close: () => closeSync(descriptor),
  };
}

function appendBounded({
  descriptor,
  size,
  chunk,
}: {
  descriptor: number;
  size: number;
  chunk: Buffer;
}): number {
  const isFull = size + chunk.length > MAX_LOG_BYTES;
  if (isFull) ftruncateSync(descriptor, 0);
  const position = isFull ? 0 : size;
  return position + writeSync(descriptor, chunk, 0, chunk.length, position);
}
