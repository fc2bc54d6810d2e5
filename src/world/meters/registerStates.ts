/** What a message says of a meter's registers, Wh ≥ 0; `saidAt` is the meter's own time, unix seconds, null without a clock. */
export type RegisterStates = {
  readonly importWh: number;
  readonly exportWh: number;
  readonly saidAt: number | null;
};

/** Registers, or in words why a message has none. */
export type ReadStates = RegisterStates | { readonly fault: string };

const WH_PER_KWH = 1_000;

/** Wh of a register in kWh, to a thousandth of a Wh, so that 0.1 kWh is 100 Wh. */
export function whOf(kilowattHours: number): number {
  return Math.round(kilowattHours * WH_PER_KWH * WH_PER_KWH) / WH_PER_KWH;
}
