import { divideRoundingDown, divideRoundingUp } from "./rounding.ts";

const WH_PER_KWH = 1_000n;
const MICRO_PER_UNIT = 1_000_000n;

/** Energy in Wh times price in micro per kWh: thousandths of a micro, exact, before any rounding. */
export function exactCost({ energyWh, priceMicroPerKwh }: EnergyAtPrice): bigint {
  return energyWh * priceMicroPerKwh;
}

/** Thousandths of a micro into micro, rounded up: what a payer owes (positive), or a payee gets (negative, smaller). */
export function microRoundingUp(exact: bigint): bigint {
  return divideRoundingUp(exact, WH_PER_KWH);
}

/** Thousandths of a micro into micro, rounded down: what a payee gets. */
export function microRoundingDown(exact: bigint): bigint {
  return divideRoundingDown(exact, WH_PER_KWH);
}

/** Cost in micro, rounded up (the payer's side). */
export function costRoundingUp(amount: EnergyAtPrice): bigint {
  return microRoundingUp(exactCost(amount));
}

/** Cost in micro, rounded down (the payee's side). */
export function costRoundingDown(amount: EnergyAtPrice): bigint {
  return microRoundingDown(exactCost(amount));
}

/** Micro as a decimal number of currency units with `decimals` places, for people: 173000n gives "0.173". */
export function formatMicro(micro: bigint, decimals = 3): string {
  const sign = micro < 0n ? "-" : "";
  const size = micro < 0n ? -micro : micro;
  const step = 10n ** BigInt(6 - decimals);
  const rounded = (size + step / 2n) / step;
  const scale = MICRO_PER_UNIT / step;
  const fraction = (rounded % scale).toString().padStart(decimals, "0");
  return `${rounded === 0n ? "" : sign}${rounded / scale}${decimals > 0 ? `.${fraction}` : ""}`;
}

/** Micro as a decimal number, exactly, with three decimals or as many as it takes: 173_250n gives "0.17325". */
export function formatExactMicro(micro: bigint): string {
  return formatMicro(micro, 6).replace(/0{1,3}$/, "");
}

type EnergyAtPrice = { energyWh: bigint; priceMicroPerKwh: bigint };
