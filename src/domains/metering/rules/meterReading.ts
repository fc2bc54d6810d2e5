import { type Address, fromHex, type Hex, numberOf, wordOf } from "#kernel/crypto/hex.ts";
import { isSameBytes, type Remembering, rememberLast } from "#kernel/crypto/rememberLast.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import type { CompactSignature } from "#kernel/crypto/signatureEngine.ts";
import { domainSeparator, keccak256, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";

/** How a reading came about. Only a measured one comes from the meter itself. */
export type ReadingQuality = "measured" | "estimated" | "substituted" | "missing";

/**
 * What a metering point registered over an interval (R8.26).
 *
 * @property member number of the metering point in its area
 * @property importWh energy into the premises, whole Wh, 0 … 2³² − 1
 * @property exportWh energy out of the premises, whole Wh, 0 … 2³² − 1
 * @property version 1 for the first reading of the interval, rising with each correction
 */
export type MeterReading = {
  readonly meterId: Hex;
  readonly member: number;
  readonly areaId: number;
  readonly intervalId: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly quality: ReadingQuality;
  readonly version: number;
};

/** What a meter registered over an interval, whole Wh ≥ 0: a reading without its place, as it is settled. */
export type MeteredEnergy = { readonly importWh: bigint; readonly exportWh: bigint };

/** A reading with the signature of its metering point's device key (R6.11). */
export type SignedReading = MeterReading & { readonly signature: CompactSignature };

export const QUALITY_NUMBER = {
  measured: 0,
  estimated: 1,
  substituted: 2,
  missing: 3,
} as const satisfies Record<ReadingQuality, number>;

const READING_TYPE_HASH = keccak256Text(
  "MeterReading(bytes32 meterId,uint16 areaId,uint32 intervalId,uint32 importWh,uint32 exportWh,uint8 quality,uint8 version)",
);

export function ledgerSeparator(chainId: number, meterLedger: Address): Uint8Array {
  return domainSeparator({ name: "Commonwatt MeterLedger", chainId, verifyingContract: meterLedger });
}

/** What the metering device signs; not to be written to. Computed once for a reading and ledger (see rememberLast). */
export const readingDigest: Remembering<MeterReading, Uint8Array, Uint8Array> = /* @__PURE__ */ rememberLast(
  computeDigest,
  isSameBytes,
);

function computeDigest(reading: MeterReading, separator: Uint8Array): Uint8Array {
  return typedDigest(separator, READING_TYPE_HASH, [
    fromHex(reading.meterId),
    wordOf(reading.areaId),
    wordOf(reading.intervalId),
    wordOf(reading.importWh),
    wordOf(reading.exportWh),
    wordOf(QUALITY_NUMBER[reading.quality]),
    wordOf(reading.version),
  ]);
}

export function signReading(
  reading: MeterReading,
  separator: Uint8Array,
  deviceKey: Uint8Array,
): SignedReading {
  const signature = signDigest(readingDigest(reading, separator), deviceKey);
  return readingDigest.carry(reading, { ...reading, signature });
}

/** The device that signed the reading, or null when none did. Recovered once for a reading and ledger (see rememberLast). */
export const readingSigner: Remembering<SignedReading, Uint8Array, Address | null> =
  /* @__PURE__ */ rememberLast(
    (reading, separator) => recoverSigner(readingDigest(reading, separator), reading.signature),
    isSameBytes,
  );

/**
 * A reading as the contract takes it, one word: member (16 bits), zero (40), importWh (32), exportWh (32), quality (8),
 * salt (128). The salt is the head of the hash of the signature: nobody without the device key can guess a sealed
 * reading by trying the few values that it can have (R1.3).
 */
export function readingWord(
  reading: Pick<SignedReading, "member" | "importWh" | "exportWh" | "quality" | "signature">,
): bigint {
  const salt = numberOf(keccak256(reading.signature).subarray(0, 16));
  return (
    (BigInt(reading.member) << 240n) |
    (BigInt(reading.importWh) << 168n) |
    (BigInt(reading.exportWh) << 136n) |
    (BigInt(QUALITY_NUMBER[reading.quality]) << 128n) |
    salt
  );
}

/** The member of a reading's word. */
export function memberOfReading(word: bigint): number {
  return Number(word >> 240n);
}

/** The fields that a word opens; the salt stays what it is. */
export function openReadingWord(word: bigint): {
  member: number;
  importWh: number;
  exportWh: number;
  quality: ReadingQuality;
} {
  const qualityNumber = Number((word >> 128n) & 0xffn);
  const quality = (Object.keys(QUALITY_NUMBER) as ReadingQuality[]).find(
    (name) => QUALITY_NUMBER[name] === qualityNumber,
  );
  return {
    member: memberOfReading(word),
    importWh: Number((word >> 168n) & 0xffffffffn),
    exportWh: Number((word >> 136n) & 0xffffffffn),
    quality: quality ?? "missing",
  };
}
