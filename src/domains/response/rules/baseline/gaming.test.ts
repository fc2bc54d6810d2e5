import { describe, expect, it } from "vitest";
import { present } from "#kernel/units/assert.ts";
import type { BaselineInputs, MeteredDay } from "./baselineInputs.ts";
import { BASELINE_METHODS, type BaselineMethod } from "./baselineMethod.ts";
import { commitmentOf, computeCommitted } from "./commitment.ts";
import { computeBaseline } from "./computeBaseline.ts";
import { type EventTerms, movedTo, settleEvent } from "./eventSettlement.ts";
import { isWeekend } from "./likeDays.ts";
import { payableBaseline } from "./payableBaseline.ts";

/* Each replay plays a way to be paid for nothing, beside the same home that delivers. */

const [MEAN, ADJUSTED] = BASELINE_METHODS;
const HOUR = 3_600;
const EVENT = { from: 17, until: 20, noticeAt: 15 };
const USUAL_WH = 1_000;
const CONTRACTED_WH = 500n;
const TERMS: EventTerms = {
  direction: "down",
  rewardMicroPerKwh: 300_000n,
  penaltyMicroPerKwh: 100_000n,
  tolerancePermille: 0n,
};
const FIRST = Date.UTC(2026, 5, 1);

/** The home uses the same at each hour of each day, but for what `change` says. */
function daysOf(count: number, change: (index: number) => Partial<MeteredDay> = () => ({})): MeteredDay[] {
  return Array.from({ length: count }, (_, index) => ({
    date: dateAt(index),
    energyWh: new Array<number>(24).fill(USUAL_WH),
    temperatureC: null,
    hasEvent: false,
    ...change(index),
  }));
}

function dateAt(index: number): string {
  return new Date(FIRST + index * 86_400_000).toISOString().slice(0, 10);
}

function inputsOf(days: readonly MeteredDay[], changed: Partial<BaselineInputs> = {}): BaselineInputs {
  return {
    intervalSeconds: HOUR,
    date: dateAt(days.length),
    ...EVENT,
    days,
    holidays: [],
    beforeNoticeWh: new Array<number>(EVENT.noticeAt).fill(USUAL_WH),
    temperatureC: null,
    ...changed,
  };
}

/** Pays for `meteredWh` in each interval of the event, or says why there is nothing to pay by. */
function pay(
  baselineWh: readonly number[],
  meteredWh: number,
  others: { readonly claimedWh?: bigint; readonly movedWh?: bigint | null } = {},
) {
  const intervals = baselineWh.map((value) => ({
    contractedWh: CONTRACTED_WH,
    baselineWh: BigInt(value),
    meteredWh: BigInt(meteredWh),
    claimedWh: 0n,
    movedWh: 0n,
    ...others,
  }));
  return settleEvent(intervals, TERMS);
}

function payable(method: BaselineMethod, inputs: BaselineInputs) {
  const baseline = payableBaseline(method, inputs);
  if (baseline.status === "refused") throw new Error(baseline.sentence);
  return baseline;
}

describe("days inflated before daily bids (R8.38, R2.20)", () => {
  /** From `raisedFrom` on ten working days use the double in the event's hours; then each day has an event. */
  const inflated = (raisedFrom: number, eventsFrom: number) => (index: number) => ({
    hasEvent: index >= eventsFrom,
    energyWh: new Array<number>(24)
      .fill(USUAL_WH)
      .map((value, hour) =>
        index >= raisedFrom && index < eventsFrom && hour >= EVENT.from && hour < EVENT.until
          ? 2 * value
          : value,
      ),
  });

  it.each([MEAN, ADJUSTED])("$name: the older days stand, and nothing is paid", (method) => {
    const inputs = inputsOf(daysOf(45, inflated(28, 42)));
    const unlimited = computeBaseline(method, inputs);
    expect(unlimited).toMatchObject({ baselineWh: [2_000, 2_000, 2_000] });
    const baseline = payable(method, inputs);
    expect(baseline).toMatchObject({ isLimited: true, baselineWh: [1_000, 1_000, 1_000] });
    expect(pay(baseline.baselineWh, USUAL_WH)).toMatchObject({ rewardMicro: 0n, penaltyMicro: 150_000n });
    expect(pay(payable(method, inputsOf(daysOf(45))).baselineWh, 500)).toMatchObject({
      rewardMicro: 450_000n,
      penaltyMicro: 0n,
    });
  });

  it("nothing is payable without older days to hold them against", () => {
    const refused = payableBaseline(MEAN, inputsOf(daysOf(15, inflated(0, 15))));
    expect(refused).toMatchObject({ status: "refused", reason: "tooFewDays" });
    expect(refused).toHaveProperty(
      "sentence",
      expect.stringMatching(/before 2026-06-02, to hold the newer against/),
    );
  });

  it("bids of each day don't keep an old baseline: it runs out with the look-back", () => {
    const bidsFrom = 42;
    const daily = (days: number) => computeBaseline(MEAN, inputsOf(daysOf(days, inflated(28, bidsFrom))));
    expect(daily(bidsFrom + 30).status).toBe("computed");
    expect(daily(bidsFrom + 59)).toMatchObject({ status: "refused", reason: "tooFewDays" });
  });
});

describe("load raised after the notice (R8.38)", () => {
  const days = daysOf(45);

  it("changes no baseline, since only intervals before the notice are compared", () => {
    const baseline = payable(ADJUSTED, inputsOf(days));
    // What is raised in hours 15 and 16 has no place in the inputs: a reading more is refused.
    const more = { beforeNoticeWh: [...inputsOf(days).beforeNoticeWh, 5_000, 5_000] };
    expect(() => computeBaseline(ADJUSTED, inputsOf(days, more))).toThrow(
      `${dateAt(45)}: 17 readings before the notice, which is in interval 15`,
    );
    expect(pay(baseline.baselineWh, USUAL_WH).rewardMicro).toBe(0n);
  });

  it("can't be brought in by other inputs or another method than those committed to", () => {
    const inputs = inputsOf(days);
    const commitment = commitmentOf(ADJUSTED, inputs);
    expect(computeCommitted(commitment, ADJUSTED, inputs).status).toBe("computed");
    const raised = inputsOf(days, {
      noticeAt: 17,
      beforeNoticeWh: [...inputs.beforeNoticeWh, 5_000, 5_000],
    });
    expect(computeCommitted(commitment, ADJUSTED, raised)).toMatchObject({
      status: "refused",
      reason: "otherCommitment",
    });
    expect(computeCommitted(commitment, MEAN, inputs).status).toBe("refused");
    expect(computeCommitted(commitment, { ...ADJUSTED, capPermille: 900 }, inputs).status).toBe("refused");
  });

  it("raised before it, for an event that was expected, the factor ends at the cap", () => {
    const raised = { beforeNoticeWh: new Array<number>(EVENT.noticeAt).fill(9 * USUAL_WH) };
    expect(computeBaseline(ADJUSTED, inputsOf(days, raised))).toMatchObject({
      baselineWh: [1_200, 1_200, 1_200],
    });
  });
});

describe("two programmes on one meter (R8.51)", () => {
  it("pay for a Wh once: what the first claimed is none of the second's", () => {
    const baseline = payable(MEAN, inputsOf(daysOf(45)));
    const first = pay(baseline.baselineWh, 500);
    expect(first.rewardMicro).toBe(450_000n);
    const claimedWh = present(first.paidWh[0], "what the first claims");
    expect(pay(baseline.baselineWh, 500, { claimedWh })).toMatchObject({
      paidWh: [0n, 0n, 0n],
      rewardMicro: 0n,
      penaltyMicro: 150_000n,
    });
    expect(pay(baseline.baselineWh, 200, { claimedWh }).paidWh).toEqual([300n, 300n, 300n]);
  });
});

describe("load moved to the neighbour's meter (R8.42)", () => {
  const baseline = payable(MEAN, inputsOf(daysOf(45)));
  const neighbour = (meteredWh: bigint | null) => movedTo([{ baselineWh: 1_000n, meteredWh }], "down");

  it("is taken off where the meters are linked", () => {
    expect(pay(baseline.baselineWh, 500, { movedWh: neighbour(1_500n) }).rewardMicro).toBe(0n);
    expect(pay(baseline.baselineWh, 500, { movedWh: neighbour(1_000n) }).rewardMicro).toBe(450_000n);
    expect(pay(baseline.baselineWh, 500, { movedWh: neighbour(700n) }).rewardMicro).toBe(450_000n);
  });

  it("can't be hidden by unplugging the neighbour's meter", () => {
    expect(pay(baseline.baselineWh, 500, { movedWh: neighbour(null) }).rewardMicro).toBe(0n);
  });
});

it("weekends are told from working days", () => {
  expect(daysOf(7).map(({ date }) => isWeekend(date))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
});
