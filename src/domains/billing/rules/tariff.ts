import { costRoundingDown } from "#kernel/units/money.ts";

const WH_PER_KWH = 1_000;

/** What the supplier pays for exported and asks for imported energy, micro per kWh. */
export type TariffPrices = {
  readonly feedInMicroPerKwh: number;
  readonly retailMicroPerKwh: number;
};

/** The supplier's tariff, published ahead of every interval; index 0 is the scenario's first interval (R3.9, R5.6). */
export type Tariff = { at(index: number): TariffPrices };

/** Parts of the retail price that are not energy, micro per kWh (R2.50). */
export type RetailParts = { readonly gridFeeMicroPerKwh: number; readonly leviesMicroPerKwh: number };

/** Energy at the tariff, micro: {@link importMicro} less {@link exportMicro} (`docs/model/bills.md`, equation 3). */
export function tariffMicro(importWh: number, exportWh: number, prices: TariffPrices): number {
  return importMicro(importWh, prices) - exportMicro(exportWh, prices);
}

/** What imported energy costs at the retail price, micro, rounded up (R3.9). */
export function importMicro(importWh: number, { retailMicroPerKwh }: TariffPrices): number {
  return 0 - costDown(importWh, -retailMicroPerKwh);
}

/** What exported energy earns at the feed-in price, micro, rounded down (R3.9). */
export function exportMicro(exportWh: number, { feedInMicroPerKwh }: TariffPrices): number {
  return costDown(exportWh, feedInMicroPerKwh);
}

/** Below this a quotient by a thousand differs from a whole number by more than a double's rounding. */
const EXACT_QUOTIENT_BELOW = 2 ** 50;

/** Doubles where product and quotient are exact, bigint beyond. */
function costDown(energyWh: number, priceMicroPerKwh: number): number {
  const exact = energyWh * priceMicroPerKwh;
  if (Math.abs(exact) < EXACT_QUOTIENT_BELOW) return Math.floor(exact / WH_PER_KWH);
  return Number(costRoundingDown({ energyWh: BigInt(energyWh), priceMicroPerKwh: BigInt(priceMicroPerKwh) }));
}
