import type { Position } from "#domains/pool/rules/settlement.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";

/** What a member of an area bought or sold in an interval; nobody does both. Of nothing, its order stands on `side`. */
export type MemberPosition = Position & { readonly member: number; readonly side: Side };

/** How the positions of an interval are packed: with one price of all trades, a position's payment follows from it. */
export type PositionPacking = { readonly pricing: Pricing; readonly localPriceMicroPerKwh: number };

const PRICED_BITS = 64n;
const PAIRED_BITS = 128n;
const WORD_BITS = 256n;
const ENERGY_BITS = 40n;

/**
 * Positions as the contract commits to them (PositionLib), by rising member: amount (64 bits, thousandths of a micro,
 * positive from buyer to seller), side (8), member (16), energy (40). The first stands lowest in its word. With one price four
 * go into a word, without their amounts; else two.
 */
export function packPositions(
  positions: readonly MemberPosition[],
  { pricing }: Pick<PositionPacking, "pricing">,
): bigint[] {
  const bits = bitsOf(pricing);
  const aWord = Number(WORD_BITS / bits);
  const words: bigint[] = [];
  positions.forEach((position, i) => {
    const packed = BigInt.asUintN(Number(bits), positionBits(position));
    const word = Math.floor(i / aWord);
    words[word] = (words[word] ?? 0n) | (packed << (bits * BigInt(i % aWord)));
  });
  return words;
}

/** The positions of packed words, in their order. */
export function openPositions(words: readonly bigint[], packing: PositionPacking): MemberPosition[] {
  const bits = bitsOf(packing.pricing);
  const positions: MemberPosition[] = [];
  for (const word of words)
    for (let rest = word; rest !== 0n; rest >>= bits)
      positions.push(openPosition(BigInt.asUintN(Number(bits), rest), packing));
  return positions;
}

function bitsOf(pricing: Pricing): bigint {
  return pricing === "midpoint" ? PAIRED_BITS : PRICED_BITS;
}

function positionBits({ side, member, boughtWh, soldWh, exactPayment }: MemberPosition): bigint {
  const amount = side === "bid" ? exactPayment : -exactPayment;
  return (
    (BigInt.asUintN(64, amount) << 64n) |
    ((side === "bid" ? 0n : 1n) << 56n) |
    (BigInt(member) << ENERGY_BITS) |
    (boughtWh + soldWh)
  );
}

function openPosition(bits: bigint, { pricing, localPriceMicroPerKwh }: PositionPacking): MemberPosition {
  const energyWh = BigInt.asUintN(Number(ENERGY_BITS), bits);
  const amount =
    pricing === "midpoint" ? BigInt.asIntN(64, bits >> 64n) : energyWh * BigInt(localPriceMicroPerKwh);
  const isBid = ((bits >> 56n) & 0xffn) === 0n;
  return {
    member: Number((bits >> ENERGY_BITS) & 0xffffn),
    side: isBid ? "bid" : "offer",
    boughtWh: isBid ? energyWh : 0n,
    soldWh: isBid ? 0n : energyWh,
    exactPayment: isBid ? amount : -amount,
  };
}
