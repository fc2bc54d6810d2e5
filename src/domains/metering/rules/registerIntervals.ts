import { endsAt, type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { ReadingQuality } from "./meterReading.ts";

/**
 * What the registers of a meter said at a time.
 *
 * @property at unix seconds, fractions allowed
 * @property importWh energy into the premises since the meter was made, Wh ≥ 0, fractions allowed
 * @property exportWh energy out of the premises, likewise
 */
export type RegisterSample = { readonly at: number; readonly importWh: number; readonly exportWh: number };

/** What ran in an interval, whole Wh. */
export type IntervalEnergy = {
  readonly intervalId: IntervalId;
  readonly importWh: number;
  readonly exportWh: number;
  readonly quality: Extract<ReadingQuality, "measured" | "estimated">;
};

/**
 * Between which samples intervals are read; all that must outlive a restart, and plain JSON.
 *
 * @property last the newest sample that counted; null before the first
 * @property totals energy since the first sample, Wh, which no reset makes smaller
 * @property boundary totals at the start of the interval that runs, whole Wh; null before the first whole interval
 */
export type RegisterState = {
  readonly last: RegisterSample | null;
  readonly totals: Totals;
  readonly boundary: (Totals & { readonly intervalId: IntervalId; readonly isExact: boolean }) | null;
  /** Whether something was lost in the interval that runs. */
  readonly isBroken: boolean;
};

type Totals = { readonly importWh: number; readonly exportWh: number };

export type RegisterRules = {
  readonly intervalSeconds: number;
  /** More than this never flows through the connection, W; 0 when it is not known. */
  readonly capacityW: number;
};

/** What a sample was besides: nothing, or why it did not simply count on. */
export type SampleNotice =
  | "notLater"
  | "notANumber"
  | "importReset"
  | "exportReset"
  | "tooMuch"
  | "longSilence";

/** What came of a sample. */
export type SampleOutcome = {
  readonly state: RegisterState;
  readonly finished: readonly IntervalEnergy[];
  readonly notices: readonly SampleNotice[];
};

export const FRESH_REGISTERS: RegisterState = {
  last: null,
  totals: { importWh: 0, exportWh: 0 },
  boundary: null,
  isBroken: false,
};

/** Within a tenth of an interval a register is taken to run evenly, and the reading between is measured. */
const NEAR_SHARE = 0.1;
/** After a longer silence nothing is spread: nobody knows any more when it ran. */
const LONG_SILENCE_SECONDS = 7 * 86_400;
/** What a connection may exceed for a moment; a larger rise is another meter's register. */
const OVERLOAD = 1.25;
/** The register's resolution and its clock's: so much of a rise says nothing, Wh. */
const RESOLUTION_WH = 100;
const SECONDS_PER_HOUR = 3_600;
const ROLLS_FROM = 0.9;
const ROLLS_TO = 0.1;

/**
 * Takes the next sample of a meter's registers and gives the intervals that are over with it (docs/meters.md; R8.26).
 *
 * The energy of an interval is the difference of the registers at its ends, each found on the straight line between the samples
 * around it and rounded down to a whole Wh, so that the intervals add up to the register. It is `measured` where both ends lie
 * between samples at most a tenth of an interval apart, else `estimated`. A register that falls from the top tenth of its digits to the
 * lowest has rolled over; any other fall is a reset, and what ran in between is unknown and counts as nothing. A rise beyond what
 * the connection carries is another meter, and counts as a reset. A sample that is not later than the one before is dropped.
 */
export function takeSample(
  state: RegisterState,
  sample: RegisterSample,
  rules: RegisterRules,
): SampleOutcome {
  const drop = (notice: SampleNotice): SampleOutcome => ({ state, finished: [], notices: [notice] });
  if (![sample.at, sample.importWh, sample.exportWh].every((value) => Number.isFinite(value) && value >= 0))
    return drop("notANumber");
  const { last } = state;
  if (last === null) return { state: beginWith(state, sample, rules), finished: [], notices: [] };
  if (sample.at <= last.at) return drop("notLater");
  if (sample.at - last.at > LONG_SILENCE_SECONDS)
    return { state: beginWith(FRESH_REGISTERS, sample, rules), finished: [], notices: ["longSilence"] };
  const rise = riseBetween(last, sample, rules);
  const totals = {
    importWh: state.totals.importWh + rise.importWh,
    exportWh: state.totals.exportWh + rise.exportWh,
  };
  const line = { from: last.at, to: sample.at, before: state.totals, after: totals };
  const isBroken = rise.notices.length > 0;
  return { ...passBoundaries(state, line, { sample, isBroken, rules }), notices: rise.notices };
}

/** The first sample counts from its own time on, which is an interval's start only by chance. */
function beginWith(
  state: RegisterState,
  sample: RegisterSample,
  { intervalSeconds }: RegisterRules,
): RegisterState {
  const isStart = sample.at % intervalSeconds === 0;
  const intervalId = intervalAt(sample.at, intervalSeconds);
  const boundary = isStart ? { intervalId, ...state.totals, isExact: true } : null;
  return { ...state, last: sample, boundary, isBroken: false };
}

type Line = { readonly from: number; readonly to: number; readonly before: Totals; readonly after: Totals };

function passBoundaries(
  state: RegisterState,
  line: Line,
  { sample, isBroken, rules }: { sample: RegisterSample; isBroken: boolean; rules: RegisterRules },
): Omit<SampleOutcome, "notices"> {
  const { intervalSeconds } = rules;
  const isNear = line.to - line.from <= NEAR_SHARE * intervalSeconds;
  const finished: IntervalEnergy[] = [];
  let { boundary } = state;
  let broken = state.isBroken || isBroken;
  const lastId = intervalAt(line.to, intervalSeconds);
  for (let id = intervalAt(line.from, intervalSeconds) + 1; id <= lastId; id += 1) {
    const at = startsAt(id, intervalSeconds);
    const isExact = isNear || at === line.to;
    const here = { intervalId: id, ...totalsAt(line, at), isExact };
    if (boundary !== null) {
      const isMeasured = boundary.isExact && isExact && !broken;
      finished.push({
        intervalId: boundary.intervalId,
        importWh: here.importWh - boundary.importWh,
        exportWh: here.exportWh - boundary.exportWh,
        quality: isMeasured ? "measured" : "estimated",
      });
    }
    boundary = here;
    // A reset within this line touches the interval that it ends in as well.
    broken = isBroken && endsAt(id - 1, intervalSeconds) < line.to;
  }
  return { state: { last: sample, totals: line.after, boundary, isBroken: broken }, finished };
}

/** Whole Wh on the straight line between two samples. */
function totalsAt({ from, to, before, after }: Line, at: number): Totals {
  const share = (at - from) / (to - from);
  const on = (start: number, end: number) => Math.floor(at === to ? end : start + share * (end - start));
  return { importWh: on(before.importWh, after.importWh), exportWh: on(before.exportWh, after.exportWh) };
}

function riseBetween(
  last: RegisterSample,
  sample: RegisterSample,
  { capacityW }: RegisterRules,
): Totals & { readonly notices: readonly SampleNotice[] } {
  const hours = (sample.at - last.at) / SECONDS_PER_HOUR;
  const mostWh = capacityW > 0 ? OVERLOAD * capacityW * hours + RESOLUTION_WH : Number.POSITIVE_INFINITY;
  const importWh = riseOf(last.importWh, sample.importWh);
  const exportWh = riseOf(last.exportWh, sample.exportWh);
  const notices: SampleNotice[] = [];
  if (importWh === null) notices.push("importReset");
  if (exportWh === null) notices.push("exportReset");
  if ((importWh ?? 0) > mostWh || (exportWh ?? 0) > mostWh) notices.push("tooMuch");
  const counted = (rise: number | null) => (rise === null || rise > mostWh ? 0 : rise);
  return { importWh: counted(importWh), exportWh: counted(exportWh), notices };
}

/** Wh from one state of a register to the next, over its end too; null where it was reset. */
function riseOf(from: number, to: number): number | null {
  if (to >= from) return to - from;
  const range = 10 ** Math.ceil(Math.log10(from + 1));
  return from > ROLLS_FROM * range && to < ROLLS_TO * range ? range - from + to : null;
}
