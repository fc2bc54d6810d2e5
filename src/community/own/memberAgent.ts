import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { bidLimit, offerLimit, type PriceRange } from "#world/households/bidding.ts";
import { createForecaster } from "#world/households/sameTimeForecast.ts";

const SECONDS_PER_DAY = 86_400;
/** Half of the price range is left to the other side: an agent that knows no prices of its market asks for no more. */
const REACH = 0.5;
const EXPERIENCE = 0.5;
const SMALLEST_ORDER_WH = 1;

/** What a meter counted over an interval, whole Wh. */
export type CountedEnergy = {
  readonly intervalId: IntervalId;
  readonly importWh: number;
  readonly exportWh: number;
};

/** Decides for one member what to order, from the readings of its meter alone (R5.9). */
export type MemberAgent = {
  /** Learns from a reading; those of one interval count once, older ones than the newest not at all. */
  observe(counted: CountedEnergy): void;
  /** The order for an interval that is to come; null while nothing is known, and where nothing is expected. */
  quote(intervalId: IntervalId): Order<number> | null;
};

/** An agent of a member; prices by its tariff: no less than feed-in, no more than retail less the grid fee (R5.6). */
export function createMemberAgent({
  member,
  terms,
  rangeAt,
}: {
  readonly member: number;
  readonly terms: Pick<AreaTerms, "intervalSeconds" | "gateClosureSeconds">;
  readonly rangeAt: (intervalId: IntervalId) => PriceRange;
}): MemberAgent {
  const slotsPerDay = Math.round(SECONDS_PER_DAY / terms.intervalSeconds);
  const forecaster = createForecaster({ homes: 1, slotsPerDay });
  let newest = -1;
  return {
    observe({ intervalId, importWh, exportWh }) {
      if (intervalId <= newest) return;
      newest = intervalId;
      forecaster.observe(intervalId, { loadWh: Float64Array.of(importWh), pvWh: Float64Array.of(exportWh) });
    },
    quote(intervalId) {
      if (newest < 0) return null;
      const expected = { loadWh: new Float64Array(1), pvWh: new Float64Array(1) };
      forecaster.forecast(intervalId, expected);
      const surplusWh = Math.round((expected.pvWh[0] ?? 0) - (expected.loadWh[0] ?? 0));
      const energyWh = Math.abs(surplusWh);
      if (energyWh < SMALLEST_ORDER_WH) return null;
      const range = rangeAt(intervalId);
      const isSurplus = surplusWh > 0;
      const limit = isSurplus ? offerLimit : bidLimit;
      return {
        participant: member,
        side: isSurplus ? "offer" : "bid",
        energyWh,
        limitPriceMicroPerKwh: limit(range, REACH, EXPERIENCE),
        sequence: 0,
      };
    },
  };
}

/** So long before its gate closes an agent orders for an interval: a tenth of the time, at least two seconds. */
export function ordersAt(intervalId: IntervalId, terms: AreaTerms): number {
  const before = Math.max(2, Math.floor(terms.intervalSeconds / 10));
  return gateClosesAt(intervalId, terms) - before;
}
