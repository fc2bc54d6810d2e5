import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { PAGE_MEMBERS } from "#domains/metering/rules/readingTree.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { fromHex, type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { type MemberPosition, packPositions } from "./positionWord.ts";

/** A page of an interval. */
type Page = { readonly areaId: number; readonly intervalId: number; readonly page: number };

/**
 * What a page was settled by, as the contract seals it (SealLib).
 *
 * @property terms version that the interval was cleared with
 * @property localPrice micro per kWh
 * @property supplier member of the area when it was cleared, as is `dso`
 * @property taken members of whom another market has all, bit n % 256 for member n
 * @property positions packed, as the clearing committed to them
 * @property readings what counted, a word for each member from the page's first on, to the last that has a position; 0 for none
 */
export type Settled = {
  readonly terms: number;
  readonly isSupplied: boolean;
  readonly localPrice: number;
  readonly supplier: number;
  readonly dso: number;
  readonly taken: bigint;
  readonly positions: readonly bigint[];
  readonly readings: readonly bigint[];
};

const SEAL_BITS = 40n;

/** What a page was settled by, from its positions and the words that counted, of any members. */
export function settledPage({
  positions,
  pricing,
  words,
  ...basis
}: Omit<Settled, "positions" | "readings"> & {
  readonly positions: readonly MemberPosition[];
  readonly pricing: Pricing;
  readonly words: Iterable<bigint>;
}): Settled {
  const last = Math.max(...positions.map(({ member }) => member % PAGE_MEMBERS));
  const readings = Array.from({ length: last + 1 }, () => 0n);
  for (const word of words) readings[memberOfReading(word) % PAGE_MEMBERS] = word;
  return { ...basis, positions: packPositions(positions, { pricing }), readings };
}

/** The hash by which a page's corrections know what it was settled by; its low 40 bits are zero. */
export function sealOf({ areaId, intervalId, page }: Page, settled: Settled): Hex {
  const place = (BigInt(areaId) << 48n) | (BigInt(intervalId) << 16n) | BigInt(page);
  const basis =
    (BigInt(settled.terms) << 72n) |
    (settled.isSupplied ? 1n << 64n : 0n) |
    (BigInt.asUintN(32, BigInt(settled.localPrice)) << 32n) |
    (BigInt(settled.supplier) << 16n) |
    BigInt(settled.dso);
  const positions = clip(hashWords(settled.positions));
  return toHex(
    wordOf(clip(hashWords([place, basis, settled.taken, positions, hashWords(settled.readings)]))),
  );
}

/** A seal where a page has none. */
export const NO_SEAL: Hex = toHex(wordOf(0n));

function hashWords(words: readonly bigint[]): bigint {
  const bytes = words.map((word) => toHex(wordOf(word)).slice(2)).join("");
  return numberOf(keccak256(fromHex(`0x${bytes}`)));
}

function clip(hash: bigint): bigint {
  return (hash >> SEAL_BITS) << SEAL_BITS;
}
