import { expect, it } from "vitest";
import type { QuotaPeriod } from "#domains/charging/quotaView.ts";
import { describePeriod } from "./periodNews.ts";

const RATIONED: QuotaPeriod = {
  stage: "cleared",
  tariffMicroPerKwh: 300_000n,
  marginW: 60_000,
  totalDemandW: 81_250,
};
const STATIONS = [{ boughtW: 2_000 }, { boughtW: 0 }, { boughtW: 1_500 }];

it.each([
  [{}, "3 stations demanded 81.3 of 60.0 kW: rationed, 3.5 kW traded, 24.50 kWh drawn"],
  [{ stage: "fits", totalDemandW: 40_000 }, "3 stations demanded 40.0 of 60.0 kW: all fit, 24.50 kWh drawn"],
  [{ stage: "open" }, "3 stations demanded 81.3 of 60.0 kW: not divided in time, the deposits came back"],
  [{ stage: "none" }, "no quotas: nobody said the margin in time"],
] as const)("tells of a period: %o", (changes, sentence) => {
  const period = { ...RATIONED, ...changes };
  expect(describePeriod({ period, stations: STATIONS, drawnWh: 24_500 })).toBe(sentence);
});

it("says that nobody demanded, and leaves out what it does not know", () => {
  const nobody = { period: { ...RATIONED, stage: "open" }, stations: [], drawnWh: 0 } as const;
  expect(describePeriod(nobody)).toBe("no station demanded of 60.0 kW");
  expect(describePeriod({ period: RATIONED, stations: STATIONS, drawnWh: null })).toMatch(/kW traded$/);
});
