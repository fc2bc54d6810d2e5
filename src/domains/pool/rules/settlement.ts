import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { microRoundingDown, microRoundingUp } from "#kernel/units/money.ts";
import type { SettlementPrices } from "./area.ts";

/**
 * What a participant traded for one interval.
 *
 * @property exactPayment Σ bought · price − Σ sold · price in thousandths of a micro, signed: positive pays
 */
export type Position = {
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly exactPayment: bigint;
};

/**
 * The settlement of one position against its reading. Money in micro.
 *
 * @property paymentMicro for the trades; positive pays, rounded up
 * @property shortfallWh sold net and not exported; charged `shortfallMicro`
 * @property unconsumedWh bought net and not imported; credited `surplusMicro` (negative when the surplus price is)
 * @property gridFeeMicro on the bought energy that was consumed, owed to the DSO
 * @property netMicro what the participant pays in all: payment + shortfall − surplus + grid fee
 */
export type MemberSettlement = {
  readonly paymentMicro: bigint;
  readonly shortfallWh: bigint;
  readonly shortfallMicro: bigint;
  readonly unconsumedWh: bigint;
  readonly surplusMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly netMicro: bigint;
};

/**
 * Settles a position against the meter: the trade at its price, a net seller's shortfall at the shortfall price
 * (R7.19, AMB-16), a net buyer's unconsumed energy at the surplus price, the grid fee on what was consumed (R2.51).
 * Charges round up, credits down. `docs/model/settlement.md` has the equations; the contract computes the same.
 */
export function settlePosition(
  position: Position,
  reading: MeteredEnergy,
  prices: SettlementPrices,
): MemberSettlement {
  const netSoldWh = position.soldWh - position.boughtWh;
  const shortfallWh = excess(netSoldWh, reading.exportWh);
  const unconsumedWh = excess(-netSoldWh, reading.importWh);
  const paymentMicro = microRoundingUp(position.exactPayment);
  const shortfallMicro = microRoundingUp(shortfallWh * prices.shortfallMicroPerKwh);
  const surplusMicro = microRoundingDown(unconsumedWh * prices.surplusMicroPerKwh);
  const gridFeeMicro = microRoundingUp((position.boughtWh - unconsumedWh) * prices.gridFeeMicroPerKwh);
  return {
    paymentMicro,
    shortfallWh,
    shortfallMicro,
    unconsumedWh,
    surplusMicro,
    gridFeeMicro,
    netMicro: paymentMicro + shortfallMicro - surplusMicro + gridFeeMicro,
  };
}

/** The settlements of all positions that have a reading, by member. */
export function settleAll(
  positions: ReadonlyMap<number, Position>,
  readings: Iterable<{ readonly member: number; readonly importWh: number; readonly exportWh: number }>,
  prices: SettlementPrices,
): ReadonlyMap<number, MemberSettlement> {
  const settlements = new Map<number, MemberSettlement>();
  if (positions.size === 0) return settlements;
  for (const { member, importWh, exportWh } of readings) {
    const position = positions.get(member);
    if (position === undefined) continue;
    const metered = { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
    settlements.set(member, settlePosition(position, metered, prices));
  }
  return settlements;
}

/**
 * What is reserved for a position at the clearing, micro ≥ 0: the most that its settlement can cost, whatever the meter
 * will say.
 */
export function reserveMicro(position: Position, prices: SettlementPrices): bigint {
  const netSoldWh = position.soldWh - position.boughtWh;
  const shortfall = netSoldWh > 0n ? microRoundingUp(netSoldWh * prices.shortfallMicroPerKwh) : 0n;
  const disposal =
    netSoldWh < 0n && prices.surplusMicroPerKwh < 0n
      ? microRoundingUp(netSoldWh * prices.surplusMicroPerKwh)
      : 0n;
  const gridFee = microRoundingUp(position.boughtWh * prices.gridFeeMicroPerKwh);
  const worst = microRoundingUp(position.exactPayment) + shortfall + disposal + gridFee;
  return worst > 0n ? worst : 0n;
}

function excess(energyWh: bigint, otherWh: bigint): bigint {
  return energyWh > otherWh ? energyWh - otherWh : 0n;
}
