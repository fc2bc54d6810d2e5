import fc from "fast-check";
import type { MeterReading, ReadingQuality } from "#domains/metering/rules/meterReading.ts";
import { type Hex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";

/** A private key for each number, known to everybody. */
export function keyOf(number: number): Uint8Array {
  return keccak256(wordOf(number + 1));
}

function hexOf(bytes: number): fc.Arbitrary<Hex> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((list) => `0x${Buffer.from(list).toString("hex")}` as Hex);
}

export const bytes32 = hexOf(32);
export const addresses = hexOf(20);
export const keys = fc.nat(1_000).map(keyOf);

/** A signing domain's chain and contract. */
export const places = fc.record({ chainId: fc.integer({ min: 1, max: 2 ** 48 }), contract: addresses });

const uint = (bits: number) =>
  fc.oneof(fc.constantFrom(0, 2 ** bits - 1), fc.integer({ min: 0, max: 2 ** bits - 1 }));

export const areaIds = uint(16);
export const intervalIds = uint(32);

export const orders = fc.record({
  participant: uint(16),
  side: fc.constantFrom("bid" as const, "offer" as const),
  energyWh: uint(32),
  limitPriceMicroPerKwh: fc.oneof(
    fc.constantFrom(-(2 ** 31), -1, 0, 2 ** 31 - 1),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  ),
  sequence: uint(4),
});

export const readings: fc.Arbitrary<MeterReading> = fc.record({
  meterId: bytes32,
  member: uint(16),
  areaId: areaIds,
  intervalId: intervalIds,
  importWh: uint(32),
  exportWh: uint(32),
  quality: fc.constantFrom<ReadingQuality>("measured", "estimated", "substituted", "missing"),
  version: fc.integer({ min: 1, max: 255 }),
});

/** `bytes` with one bit turned. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % bytes.length;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

/** The 65 bytes r, s, v of a signature in compact form, as wallets write it. */
export function wideSignature(compact: Uint8Array): Uint8Array {
  const wide = new Uint8Array(65);
  wide.set(compact);
  const parity = (compact[32] ?? 0) >> 7;
  wide[32] = (compact[32] ?? 0) & 0x7f;
  wide[64] = 27 + parity;
  return wide;
}
