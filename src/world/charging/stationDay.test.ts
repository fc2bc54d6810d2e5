import fc from "fast-check";
import { expect, it } from "vitest";
import { sellerReserveMicroPerKwh } from "#domains/charging/rules/vehicleTrade.ts";
import {
  DISCHARGE_COSTS,
  drawStationDay,
  INTERVAL_SECONDS,
  INTERVALS,
  STATION_DAY,
  type StationSite,
} from "./drawStationDay.ts";
import { runStationDay } from "./stationDay.ts";

const RULES = { peakW: 30_000, callMicroPerKwh: 350_000n };
const RUNS = 20;

it("keeps promises below the peak, comfort, and prices between reserve and market, on any day (R5.48, R5.49, R9.24)", () => {
  const reserve = sellerReserveMicroPerKwh(DISCHARGE_COSTS, STATION_DAY.offPeakMicroPerKwh);
  let traded = 0;
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 15_000, max: 60_000 }), (seed, peakW) => {
      const site = drawStationDay(seed);
      const { vehicles, peaksW, promisesKept, belowComfort, trades, call, spareWh } = runStationDay(site, {
        ...RULES,
        peakW,
      });
      expect([promisesKept, belowComfort]).toEqual([vehicles.taking, 0]);
      // Trades add nothing to what is drawn; a call takes off.
      expect(peaksW.drawn).toBeLessThanOrEqual(peaksW.planned);
      const givenWh = trades.deliveredWh + call.answeredWh;
      const broughtWh = site.giving.reduce((sum, vehicle) => sum + vehicle.spareWh, 0);
      expect(givenWh + spareWh).toBeCloseTo(broughtWh, 6);
      traded += trades.count;
      if (trades.lowestMicroPerKwh === null) return;
      expect(BigInt(trades.lowestMicroPerKwh)).toBeGreaterThanOrEqual(reserve);
      expect(BigInt(trades.highestMicroPerKwh ?? 0)).toBeLessThan(STATION_DAY.marketMicroPerKwh);
    }),
    { numRuns: RUNS },
  );
  expect(traded).toBeGreaterThan(0);
});

it("answers a call only where it pays for wear and losses (R2.65, R4.4)", () => {
  const site = drawStationDay(7);
  const cost = sellerReserveMicroPerKwh(DISCHARGE_COSTS, STATION_DAY.offPeakMicroPerKwh);
  const at = (callMicroPerKwh: bigint) => runStationDay(site, { ...RULES, callMicroPerKwh }).call;
  expect(at(cost - 1n)).toMatchObject({ answeredWh: 0, paidMicro: 0n });
  expect(at(cost - 1n).refused.belowCost).toBeGreaterThan(0);
  const answered = at(cost);
  expect(answered.answeredWh).toBeGreaterThan(0);
  expect(answered.paidMicro).toBeGreaterThan(0n);
});

it("lets no vehicle give more than its power, to neighbours and to the call together", () => {
  const from = STATION_DAY.call.from / INTERVAL_SECONDS;
  const there = { from, until: from + 1, mostW: 4_000, phases: [1] } as const;
  const site: StationSite = {
    taking: [
      {
        ...{ ...there, until: from + 2, id: "taking", number: 1 },
        ...{ mostW: 3_680, leastW: 1_380, wantedWh: 920 },
        limitMicroPerKwh: 389_000n,
      },
    ],
    giving: [{ ...there, id: "giving", number: 2, spareWh: 20_000, askMicroPerKwh: 0n }],
    fixedW: Array.from({ length: INTERVALS }, () => 0),
    curtailable: [],
  };
  const { trades, call } = runStationDay(site, { peakW: 2_000, callMicroPerKwh: 1_000_000n });
  expect(trades.deliveredWh).toBeGreaterThan(0);
  expect(call.answeredWh).toBeGreaterThan(0);
  expect(trades.deliveredWh + call.answeredWh).toBeLessThanOrEqual((4_000 * INTERVAL_SECONDS) / 3_600);
});

it("is the same day for the same seed", () => {
  expect(runStationDay(drawStationDay(3), RULES)).toEqual(runStationDay(drawStationDay(3), RULES));
});
