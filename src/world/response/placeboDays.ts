import {
  type BaselineErrors,
  type Estimate,
  errorsOf,
} from "#domains/response/rules/baseline/baselineErrors.ts";
import {
  type BaselineInputs,
  type MeteredDay,
  slotsPerDay,
} from "#domains/response/rules/baseline/baselineInputs.ts";
import {
  BASELINE_METHODS,
  BASELINE_VERSION,
  type BaselineMethod,
} from "#domains/response/rules/baseline/baselineMethod.ts";
import { computeBaseline } from "#domains/response/rules/baseline/computeBaseline.ts";
import { payableBaseline } from "#domains/response/rules/baseline/payableBaseline.ts";
import { present } from "#kernel/units/assert.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
import type { BaselineHomes } from "./baselineHomes.ts";

const HOURS_OF_DAY = 24;
/** Calendar days that any method looks at, those that the baseline's days are held against included. */
const MOST_HISTORY_DAYS = 181;

/** Hours of the day, local, of an event that never took place. */
export const PLACEBO_EVENT = { noticeHour: 15, fromHour: 17, untilHour: 20 };

export const GROUP_SIZE = 50;
const GROUPS = 20;

/** Errors over the placebo days on which a baseline could be made. */
export type PlaceboErrors = BaselineErrors & { readonly days: number; readonly refused: number };

/**
 * A method on placebo days.
 *
 * @property homes of each home; null where no day had a baseline
 * @property oneHome means over the homes of |bias| and of RRMSE
 * @property groups all drawn groups together
 * @property worstGroupBias of largest size among the groups
 * @property limitedShare of the groups' days on which the rule against inflated days would have lowered an honest
 *   baseline; null where no day has enough older days
 */
export type MethodErrors = {
  readonly method: BaselineMethod;
  readonly version: number;
  readonly homes: readonly { readonly id: string; readonly errors: PlaceboErrors | null }[];
  readonly oneHome: BaselineErrors | null;
  readonly groups: PlaceboErrors | null;
  readonly worstGroupBias: number | null;
  readonly limitedShare: number | null;
};

export type PlaceboReport = {
  readonly source: string;
  readonly isRecorded: boolean;
  readonly seed: number;
  readonly homes: number;
  readonly intervalSeconds: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly event: typeof PLACEBO_EVENT;
  readonly groupSize: number;
  readonly groups: number;
  readonly methods: readonly MethodErrors[];
};

/**
 * Each method on each day as if there had been an event, for each home and for groups drawn by the seed (homes with replacement,
 * so that a few recorded homes come several times). What was metered is then known: the difference is the method's error.
 */
export function tryBaselines(
  { source, isRecorded, intervalSeconds, homes }: BaselineHomes,
  seed: number,
  onMethod: (done: number, of: number) => void = () => undefined,
): PlaceboReport {
  const random = seededRandom(seed);
  const groups = Array.from({ length: GROUPS }, () => drawGroup(homes, random));
  const methods = BASELINE_METHODS.map((method, i) => {
    const result = tryMethod(method, { intervalSeconds, homes, groups });
    onMethod(i + 1, BASELINE_METHODS.length);
    return result;
  });
  const dates = homes[0]?.days ?? [];
  return {
    source,
    isRecorded,
    seed,
    homes: homes.length,
    intervalSeconds,
    from: dates[0]?.date ?? null,
    to: dates.at(-1)?.date ?? null,
    event: PLACEBO_EVENT,
    groupSize: GROUP_SIZE,
    groups: GROUPS,
    methods,
  };
}

type Tried = Pick<BaselineHomes, "intervalSeconds" | "homes"> & {
  readonly groups: readonly (readonly MeteredDay[])[];
};

function tryMethod(method: BaselineMethod, { intervalSeconds, homes, groups }: Tried): MethodErrors {
  const ofHomes = homes.map(({ id, days }) => ({
    id,
    errors: summarise(placebosOf(method, days, intervalSeconds)),
  }));
  const ofGroups = groups.map((days) => placebosOf(method, days, intervalSeconds));
  const biases = ofGroups.map((each) => summarise(each)?.bias ?? 0);
  const held = groups.flatMap((days) => limitedOf(method, days, intervalSeconds));
  return {
    method,
    version: BASELINE_VERSION,
    homes: ofHomes,
    oneHome: meanOver(ofHomes.flatMap(({ errors }) => (errors === null ? [] : [errors]))),
    groups: summarise(ofGroups.flat()),
    worstGroupBias:
      biases.length === 0
        ? null
        : biases.reduce((worst, bias) => (Math.abs(bias) > Math.abs(worst) ? bias : worst)),
    limitedShare: held.length === 0 ? null : held.filter(Boolean).length / held.length,
  };
}

/** The sum of homes drawn with replacement; a reading that one of them lacks is missing in the sum. */
function drawGroup(homes: BaselineHomes["homes"], random: Random): readonly MeteredDay[] {
  const drawn = Array.from(
    { length: GROUP_SIZE },
    () => present(homes[Math.floor(random() * homes.length)], "a drawn home").days,
  );
  return present(drawn[0], "the first of a group").map((day, i) => ({
    ...day,
    energyWh: day.energyWh.map((_, slot) =>
      drawn.reduce<number | null>((sum, days) => {
        const value = days[i]?.energyWh[slot] ?? null;
        return sum === null || value === null ? null : sum + value;
      }, 0),
    ),
  }));
}

/** The baseline of each day that has all its own readings; null where the method refuses it. */
function placebosOf(
  method: BaselineMethod,
  days: readonly MeteredDay[],
  intervalSeconds: number,
): readonly (Estimate | null)[] {
  return days.flatMap((day, i) => {
    const inputs = inputsAt(days, i, intervalSeconds);
    const metered = day.energyWh.slice(inputs.from, inputs.until);
    const isWhole = day.energyWh.length === slotsPerDay(inputs);
    if (!isWhole || !metered.every((value) => value !== null)) return [];
    const result = computeBaseline(method, inputs);
    return [result.status === "refused" ? null : { baselineWh: result.baselineWh, meteredWh: metered }];
  });
}

/** Whether the rule against inflated days limits an honest baseline, on each day that it can judge. */
function limitedOf(
  method: BaselineMethod,
  days: readonly MeteredDay[],
  intervalSeconds: number,
): readonly boolean[] {
  return days.flatMap((day, i) => {
    const inputs = inputsAt(days, i, intervalSeconds);
    if (day.energyWh.length !== slotsPerDay(inputs)) return [];
    const result = payableBaseline(method, inputs);
    return result.status === "refused" ? [] : [result.isLimited];
  });
}

function inputsAt(days: readonly MeteredDay[], index: number, intervalSeconds: number): BaselineInputs {
  const { date, energyWh, temperatureC } = present(days[index], `day ${index}`);
  const { noticeHour, fromHour, untilHour } = PLACEBO_EVENT;
  const slotAt = (hour: number) => Math.round((hour * slotsPerDay({ intervalSeconds })) / HOURS_OF_DAY);
  return {
    intervalSeconds,
    date,
    from: slotAt(fromHour),
    until: slotAt(untilHour),
    noticeAt: slotAt(noticeHour),
    days: days.slice(Math.max(0, index - MOST_HISTORY_DAYS), index),
    holidays: [],
    beforeNoticeWh: energyWh.slice(0, slotAt(noticeHour)),
    temperatureC,
  };
}

function summarise(placebos: readonly (Estimate | null)[]): PlaceboErrors | null {
  const estimates = placebos.filter((each) => each !== null);
  const errors = errorsOf(estimates);
  return errors && { ...errors, days: estimates.length, refused: placebos.length - estimates.length };
}

function meanOver(errors: readonly BaselineErrors[]): BaselineErrors | null {
  if (errors.length === 0) return null;
  const mean = (of: (each: BaselineErrors) => number) =>
    errors.reduce((sum, each) => sum + of(each), 0) / errors.length;
  return { bias: mean(({ bias }) => Math.abs(bias)), rrmse: mean(({ rrmse }) => rrmse) };
}
