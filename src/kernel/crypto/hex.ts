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
  let rest = BigInt.asUintN(size * 8, BigInt(value));
  for (let i = size - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The whole number in `bytes`, big-endian, without a sign. */
export function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
