import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Bytes as a person and JSON-RPC write them: `0x` and two lower-case digits a byte. */
export type Hex = `0x${string}`;

/** A 20-byte account address, lower case. */
export type Address = Hex;

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

export function fromHex(hex: Hex): Uint8Array {
  return hexToBytes(hex.slice(2));
}

/** A whole number as `size` bytes, two's complement when negative. */
export function wordOf(value: bigint | number, size = 32): Uint8Array {
  const bytes = new Uint8Array(size);
  if (typeof value === "number" && Number.isSafeInteger(value)) writeNumber(bytes, value);
  else writeBigint(bytes, BigInt(value));
  return bytes;
}

/** Most words are of small numbers, and are hashed by the thousand: no bigint is made for them. */
function writeNumber(bytes: Uint8Array, value: number): void {
  if (value < 0) bytes.fill(0xff);
  let rest = value;
  for (let i = bytes.length - 1; i >= 0 && rest !== 0 && rest !== -1; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function writeBigint(bytes: Uint8Array, value: bigint): void {
  let rest = BigInt.asUintN(bytes.length * 8, value);
  for (let i = bytes.length - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** The whole number in `bytes`, big-endian, without a sign. */
export function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
