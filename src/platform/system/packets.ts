import { createHash } from "node:crypto";

/** A packet of a file: length of its content (4 bytes), the same inverted, 8 bytes of its SHA-256, content. */
const LENGTH_BYTES = 8;
const HEAD_BYTES = 16;

/** What stands at a byte of a file of packets; `torn` where the bytes end within one, as a write leaves it that was cut short. */
export type FoundPacket = { readonly content: Buffer; readonly end: number } | "torn" | "damaged";

/** A content as it is written into a file of packets. */
export function packetOf(content: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(content.length, 0);
  length.writeUInt32BE(~content.length >>> 0, 4);
  return Buffer.concat([length, checksumOf(content), content]);
}

export function packetAt(bytes: Buffer, at: number): FoundPacket {
  if (bytes.length - at < HEAD_BYTES) return "torn";
  const length = bytes.readUInt32BE(at);
  // A file system may have lengthened the file and not yet written into it.
  if (length === 0 && bytes.subarray(at).every((byte) => byte === 0)) return "torn";
  if (bytes.readUInt32BE(at + 4) !== ~length >>> 0) return "damaged";
  const end = at + HEAD_BYTES + length;
  if (end > bytes.length) return "torn";
  const content = bytes.subarray(at + HEAD_BYTES, end);
  const checksum = bytes.subarray(at + LENGTH_BYTES, at + HEAD_BYTES);
  return checksumOf(content).equals(checksum) ? { content, end } : "damaged";
}

function checksumOf(content: Uint8Array): Buffer {
  return createHash("sha256")
    .update(content)
    .digest()
    .subarray(0, HEAD_BYTES - LENGTH_BYTES);
}
