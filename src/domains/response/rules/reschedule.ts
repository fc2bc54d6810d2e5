import { assert } from "#kernel/units/assert.ts";
import type { FirstSettlement } from "./firstSettlement.ts";
import { optimalDemandWh, type Utility } from "./utility.ts";

/**
 * A prosumer's second decision for a slot (R7.15, R7.16).
 *
 * @property newDemandWh d^new, never above the demand of the first stage in a slot that is scarce (E7.7)
 * @property drWh d^DR = d − d^new ≥ 0: offered to be shifted or curtailed, eq. (4)
 * @property clippedWh by how much eq. (4) would have been negative; to be logged (E7.7)
 */
export type Rescheduling = {
  readonly newDemandWh: number;
  readonly drWh: number;
  readonly clippedWh: number;
};

/**
 * The demand of a prosumer that takes part, at the marginal price π + π^DR: a kWh used costs π and forfeits π^DR (E7.5, AMB-30). Without
 * a DR price that is eq. (1) at π.
 */
export function reschedule(
  utility: Utility,
  demandWh: number,
  { priceMicroPerKwh, drMicroPerKwh }: Pick<FirstSettlement, "priceMicroPerKwh" | "drMicroPerKwh">,
): Rescheduling {
  return respond(demandWh, optimalDemandWh(utility, priceMicroPerKwh + drMicroPerKwh));
}

/** Eq. (4) for a demand that was chosen anew, whatever the rule it was chosen by. */
export function respond(demandWh: number, chosenWh: number): Rescheduling {
  return {
    newDemandWh: Math.min(chosenWh, demandWh),
    drWh: Math.max(0, demandWh - chosenWh),
    clippedWh: Math.max(0, chosenWh - demandWh),
  };
}

/** A prosumer that does not take part keeps its demand. */
export function keepDemand(demandWh: number): Rescheduling {
  return { newDemandWh: demandWh, drWh: 0, clippedWh: 0 };
}

/** A later slot that shifted energy may go to: what it is expected to cost and what it has room for. */
export type ShiftSlot = { readonly expectedMicroPerKwh: number; readonly roomWh: number };

/**
 * Shifted energy reappears in later slots, the cheapest first, of equal ones the earlier (R7.16). The parts belong to `slots`; what
 * finds no room is `unplacedWh`, so that nothing is lost.
 */
export function placeShifted(
  shiftedWh: number,
  slots: readonly ShiftSlot[],
): { readonly placedWh: readonly number[]; readonly unplacedWh: number } {
  assert(
    Number.isSafeInteger(shiftedWh) && shiftedWh >= 0,
    `shifted energy of ${shiftedWh} Wh is not whole or below 0`,
  );
  const placedWh = slots.map(() => 0);
  const cheapestFirst = slots
    .map((slot, index) => ({ ...slot, index }))
    .sort((a, b) => a.expectedMicroPerKwh - b.expectedMicroPerKwh || a.index - b.index);
  let left = shiftedWh;
  for (const { index, roomWh } of cheapestFirst) {
    const part = Math.min(left, Math.max(0, roomWh));
    placedWh[index] = part;
    left -= part;
  }
  return { placedWh, unplacedWh: left };
}
