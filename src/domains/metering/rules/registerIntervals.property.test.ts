import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FRESH_REGISTERS,
  type IntervalEnergy,
  type RegisterSample,
  type RegisterState,
  type SampleNotice,
  takeSample,
} from "./registerIntervals.ts";

const LENGTH = 900;
const START = 2_000 * LENGTH;
const rules = { intervalSeconds: LENGTH, capacityW: 0 };

function run(samples: readonly RegisterSample[], from: RegisterState = FRESH_REGISTERS, with_ = rules) {
  let state = from;
  const finished: IntervalEnergy[] = [];
  const notices: SampleNotice[] = [];
  for (const sample of samples) {
    const outcome = takeSample(state, sample, with_);
    state = outcome.state;
    finished.push(...outcome.finished);
    notices.push(...outcome.notices);
  }
  return { state, finished, notices };
}

/** Registers that only rise, at times that only rise. */
const risingSamples = fc
  .array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 3_000 }),
      importWh: fc.double({ min: 0, max: 5_000, noNaN: true }),
      exportWh: fc.double({ min: 0, max: 5_000, noNaN: true }),
    }),
    { minLength: 2, maxLength: 60 },
  )
  .map((steps) => {
    let at = START;
    const sums = { importWh: 123_456.25, exportWh: 789.5 };
    return steps.map((step) => {
      at += step.seconds;
      sums.importWh += step.importWh;
      sums.exportWh += step.exportWh;
      return { at, ...sums };
    });
  });

describe("interval readings of registers (R8.26)", () => {
  it("follow one another without a gap, are whole and never negative, and add up to the register", () => {
    fc.assert(
      fc.property(risingSamples, (samples) => {
        const { finished, state } = run(samples);
        for (const [i, { intervalId, importWh, exportWh }] of finished.entries()) {
          if (i > 0) expect(intervalId).toBe(finished[i - 1]!.intervalId + 1);
          expect(Number.isInteger(importWh) && importWh >= 0).toBe(true);
          expect(Number.isInteger(exportWh) && exportWh >= 0).toBe(true);
        }
        if (finished.length === 0) return;
        const sum = finished.reduce((total, { importWh }) => total + importWh, 0);
        const rise = samples.at(-1)!.importWh - samples[0]!.importWh;
        expect(sum).toBeLessThanOrEqual(rise + 1);
        expect(state.totals.importWh).toBeCloseTo(rise, 6);
      }),
    );
  });

  it("are exact where samples lie on the starts of intervals, however many lie between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 20 }),
        (energies) => {
          let register = 5_000_000;
          const samples = [{ at: START, importWh: register, exportWh: 7 }];
          for (const [i, wh] of energies.entries()) {
            samples.push({
              at: START + i * LENGTH + 450,
              importWh: register + Math.floor(wh / 3),
              exportWh: 7,
            });
            register += wh;
            samples.push({ at: START + (i + 1) * LENGTH, importWh: register, exportWh: 7 });
          }
          expect(run(samples).finished).toEqual(
            energies.map((importWh, i) => ({
              intervalId: 2_000 + i,
              importWh,
              exportWh: 0,
              quality: "measured",
            })),
          );
        },
      ),
    );
  });

  it("are the same after a restart at any sample, from what was kept as JSON", () => {
    fc.assert(
      fc.property(risingSamples, fc.nat(60), (samples, cut) => {
        const whole = run(samples);
        const first = run(samples.slice(0, cut));
        const kept = JSON.parse(JSON.stringify(first.state)) as RegisterState;
        const second = run(samples.slice(cut), kept);
        expect([...first.finished, ...second.finished]).toEqual(whole.finished);
      }),
    );
  });

  it("are untouched by samples that come late or twice", () => {
    fc.assert(
      fc.property(risingSamples, fc.nat(59), (samples, at) => {
        const late = samples[at % samples.length]!;
        const { finished, notices } = run([...samples, late]);
        expect(finished).toEqual(run(samples).finished);
        expect(notices).toContain("notLater");
      }),
    );
  });

  it("go on over the end of the register", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 9 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 90 }),
        (digits, before, after) => {
          const range = 10 ** digits;
          const samples = [
            { at: START, importWh: range - before, exportWh: 0 },
            { at: START + LENGTH, importWh: after, exportWh: 0 },
          ];
          const { finished, notices } = run(samples);
          expect(finished).toMatchObject([{ importWh: before + after, quality: "measured" }]);
          expect(notices).toEqual([]);
        },
      ),
    );
  });
});

it("what ran up to a reset counts as nothing, and the interval is an estimate", () => {
  const { finished, notices } = run([
    { at: START, importWh: 500_000, exportWh: 9 },
    { at: START + 890, importWh: 500_300, exportWh: 9 },
    { at: START + 895, importWh: 40, exportWh: 0 },
    { at: START + LENGTH, importWh: 50, exportWh: 0 },
    { at: START + 2 * LENGTH, importWh: 250, exportWh: 0 },
  ]);
  expect(notices).toEqual(["importReset", "exportReset"]);
  expect(finished).toEqual([
    { intervalId: 2_000, importWh: 310, exportWh: 0, quality: "estimated" },
    { intervalId: 2_001, importWh: 200, exportWh: 0, quality: "measured" },
  ]);
});

it("a meter that was changed for one with a higher register does not make energy", () => {
  const with_ = { intervalSeconds: LENGTH, capacityW: 17_250 };
  const samples = [
    { at: START, importWh: 100, exportWh: 0 },
    { at: START + 60, importWh: 9_000_100, exportWh: 0 },
    { at: START + LENGTH, importWh: 9_000_400, exportWh: 0 },
  ];
  const { finished, notices } = run(samples, FRESH_REGISTERS, with_);
  expect(notices).toEqual(["tooMuch"]);
  expect(finished).toEqual([{ intervalId: 2_000, importWh: 300, exportWh: 0, quality: "estimated" }]);
});

it("a gap is spread evenly over its intervals, which are estimates", () => {
  const { finished } = run([
    { at: START, importWh: 1_000, exportWh: 0 },
    { at: START + 4 * LENGTH, importWh: 1_400, exportWh: 4 },
    { at: START + 4 * LENGTH + 60, importWh: 1_401, exportWh: 4 },
    { at: START + 5 * LENGTH, importWh: 1_500, exportWh: 4 },
  ]);
  expect(finished.map(({ importWh, exportWh }) => [importWh, exportWh])).toEqual([
    [100, 1],
    [100, 1],
    [100, 1],
    [100, 1],
    [100, 0],
  ]);
  expect(finished.map(({ quality }) => quality)).toEqual([
    "estimated",
    "estimated",
    "estimated",
    "estimated",
    "measured",
  ]);
});

it("begins with the first whole interval, and anew after a week of silence", () => {
  const { finished, notices } = run([
    { at: START + 100, importWh: 10, exportWh: 0 },
    { at: START + 890, importWh: 20, exportWh: 0 },
    { at: START + 910, importWh: 40, exportWh: 0 },
    { at: START + 1_810, importWh: 60, exportWh: 0 },
    { at: START + 8 * 86_400, importWh: 9_999, exportWh: 0 },
  ]);
  expect(finished.map(({ intervalId }) => intervalId)).toEqual([2_001]);
  expect(notices).toEqual(["longSilence"]);
});

it("drops what is no number", () => {
  for (const bad of [{ importWh: Number.NaN }, { exportWh: -1 }, { at: Number.POSITIVE_INFINITY }])
    expect(run([{ at: START, importWh: 1, exportWh: 1, ...bad }]).notices).toEqual(["notANumber"]);
});
