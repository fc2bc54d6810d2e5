import { expect, it } from "vitest";
import { countedMarginMicro } from "./countedMargin.ts";

const NOTICE = { amountMicro: 30n, payableAt: 10_000, lapsesAt: 13_600 };

it.each([
  ["all of it without a notice", 100n, null, 20_000, 0, 100n],
  ["what is not announced to leave before delivery", 100n, NOTICE, 10_001, 0, 70n],
  ["all of it for a delivery that starts when the notice falls due", 100n, NOTICE, 10_000, 0, 100n],
  ["all of it once the notice has lapsed", 100n, NOTICE, 20_000, 13_600, 100n],
  ["less than all of it in the last second before", 100n, NOTICE, 20_000, 13_599, 70n],
  ["nothing where trades left less than was announced", 20n, NOTICE, 20_000, 0, 0n],
])("counts %s", (_what, marginMicro, notice, coversFrom, now, counted) => {
  expect(countedMarginMicro(marginMicro, notice, { coversFrom, now })).toBe(counted);
});
