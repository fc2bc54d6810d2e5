import { createHash } from "node:crypto";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";

/**
 * A record: length of the content (4 bytes), the same inverted, SHA-256 over the record's number and the content, content.
 * The inverted length tells a write that was cut short from a length that was changed.
 */
const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 32;
export const RECORD_HEAD_BYTES = LENGTH_BYTES + CHECKSUM_BYTES;

/** Where a record lies in its file. */
export type RecordPlace = { readonly path: string; readonly number: number; readonly offset: number };

export function encodeRecord(number: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES);
  head.writeUInt32BE(content.length, 0);
  head.writeUInt32BE(~content.length >>> 0, 4);
  return Buffer.concat([head, checksumOf(number, content), content]);
}

/**
 * The record at the place in `bytes`, which may be the whole file or begin with the record; null when the bytes end within it,
 * as a write leaves it that was cut short.
 *
 * @throws ChainStateDamagedError naming the file and the byte
 */
export function readRecord(
  bytes: Buffer,
  place: RecordPlace,
  at: number = place.offset,
): { readonly content: Buffer; readonly end: number } | null {
  const left = bytes.length - at;
  if (left < LENGTH_BYTES) return null;
  const length = bytes.readUInt32BE(at);
  // A file system may have lengthened the file and not yet written into it.
  if (length === 0 && bytes.subarray(at).every((byte) => byte === 0)) return null;
  if (bytes.readUInt32BE(at + 4) !== ~length >>> 0) throw damaged(place, "has no length");
  if (left < RECORD_HEAD_BYTES + length) return null;
  const end = at + RECORD_HEAD_BYTES + length;
  const content = bytes.subarray(at + RECORD_HEAD_BYTES, end);
  const checksum = bytes.subarray(at + LENGTH_BYTES, at + RECORD_HEAD_BYTES);
  if (!checksum.equals(checksumOf(place.number, content)))
    throw damaged(place, "does not match its checksum");
  return { content, end };
}

function checksumOf(number: number, content: Uint8Array): Buffer {
  return createHash("sha256").update(`${number} `).update(content).digest();
}

function damaged({ path, number, offset }: RecordPlace, problem: string): ChainStateDamagedError {
  return new ChainStateDamagedError({
    file: path,
    problem: `is damaged: the record at byte ${offset}, block ${number}, ${problem}`,
  });
}
