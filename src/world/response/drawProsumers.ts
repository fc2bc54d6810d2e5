import type { Utility } from "#domains/response/rules/utility.ts";
import { normalDeviate, type Random } from "#kernel/units/random.ts";
import { SUNSHINE, TWO_STAGE_CASE, USUAL_DEMAND_WH } from "./twoStageCase.ts";

/**
 * A prosumer of the case.
 *
 * @property size its demand over a mean home's
 * @property pvPeakWh generation of an hour of full sun
 * @property windWh mean generation of its small wind turbine in an hour
 * @property takesPart whether it answers in the second stage
 */
export type Prosumer = {
  readonly member: number;
  readonly size: number;
  readonly pvPeakWh: number;
  readonly windWh: number;
  readonly takesPart: boolean;
};

/** What a slot is to a prosumer: what consumption is worth to it, and what it will generate, forecast an hour before (R7.9). */
export type ProsumerSlot = { readonly utility: Utility; readonly capacityWh: number };

/** Draws the prosumers: half have sun, a fifth a little wind; the declared share takes part. */
export function drawProsumers(random: Random): readonly Prosumer[] {
  const { prosumers, participation } = TWO_STAGE_CASE;
  const drawn = Array.from({ length: prosumers }, (_, i) => ({
    member: i + 1,
    size: 0.6 + 0.8 * random(),
    pvPeakWh: i % 2 === 0 ? Math.round(1_500 + 2_500 * random()) : 0,
    windWh: i % 5 === 1 ? Math.round(400 + 600 * random()) : 0,
    lot: random(),
  }));
  const lots = drawn.map(({ lot }) => lot).sort((a, b) => a - b);
  const last = lots[Math.round(participation * prosumers) - 1] ?? Number.NEGATIVE_INFINITY;
  return drawn.map(({ lot, ...prosumer }) => ({ ...prosumer, takesPart: lot <= last }));
}

/** Weather and habits of one day, hour by hour, for all prosumers in turn. */
export type DayDraw = readonly (readonly ProsumerSlot[])[];

/** Draws a day: how sunny and windy it is, and how far each demand is from the usual one. */
export function drawDay(prosumers: readonly Prosumer[], random: Random): DayDraw {
  const clearness = 0.55 + 0.4 * random();
  const wind = 0.4 + 1.2 * random();
  return USUAL_DEMAND_WH.map((usualWh, hour) => {
    const sun = (SUNSHINE[hour] ?? 0) * clearness;
    return prosumers.map(({ size, pvPeakWh, windWh }) => {
      const demandWh = usualWh * size * Math.exp(0.15 * normalDeviate(random));
      const capacityWh = Math.round(pvPeakWh * sun + windWh * wind * (0.7 + 0.6 * random()));
      return { utility: utilityOf(demandWh), capacityWh };
    });
  });
}

/** The utility of which eq. (1) gives `usualWh` at the reference price, with the case's elasticity there. */
function utilityOf(usualWh: number): Utility {
  const { elasticity, referenceMicroPerKwh, leastShare, mostShare } = TWO_STAGE_CASE;
  const curvature = referenceMicroPerKwh / (elasticity * (usualWh / 1_000));
  return {
    betaMicroPerKwh: referenceMicroPerKwh + (curvature * usualWh) / 1_000,
    curvatureMicroPerKwh2: curvature,
    leastWh: Math.round(leastShare * usualWh),
    mostWh: Math.round(mostShare * usualWh),
  };
}
