import { type MeteredEnergy, openReadingWord } from "#domains/metering/rules/meterReading.ts";
import type { SettlementPrices } from "./area.ts";
import { type MemberSettlement, type Position, settlePosition } from "./settlement.ts";

/**
 * What a corrected reading changes for a position, micro: owed by the member to the supplier and to the DSO; negative is owed to
 * it. What was traded stays (docs/model/corrections.md).
 */
export type PositionCorrection = {
  readonly supplierMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly settlement: MemberSettlement;
};

/** Settles a position by what counted of its reading and by what counts now; gives the difference and the new settlement. */
export function correctPosition(
  position: Position,
  { before, corrected }: { readonly before: bigint; readonly corrected: bigint },
  prices: SettlementPrices,
): PositionCorrection {
  const old = settlePosition(position, energyOfWord(before), prices);
  const settlement = settlePosition(position, energyOfWord(corrected), prices);
  return {
    supplierMicro:
      settlement.shortfallMicro - settlement.surplusMicro - (old.shortfallMicro - old.surplusMicro),
    gridFeeMicro: settlement.gridFeeMicro - old.gridFeeMicro,
    settlement,
  };
}

/** The energy of a reading's word; none of no word. */
export function energyOfWord(word: bigint): MeteredEnergy {
  const { importWh, exportWh } = openReadingWord(word);
  return { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
}

/** A reading's word without so much exported energy as others claimed of it before. */
export function unclaimedWord(word: bigint, claimedWh: bigint): bigint {
  const { exportWh } = openReadingWord(word);
  const claimed = claimedWh < BigInt(exportWh) ? claimedWh : BigInt(exportWh);
  return word - (claimed << 136n);
}
