import { present } from "#kernel/units/assert.ts";
import { type BaselineInputs, checkInputs, type MeteredDay, slotsPerDay } from "./baselineInputs.ts";
import type { AdjustedMean, BaselineMethod, MiddleOfLast } from "./baselineMethod.ts";
import { type BaselineRefusal, findLikeDays, refuseBaseline, type Skipped } from "./likeDays.ts";
import { fitLine, valueOnLine } from "./temperatureLine.ts";

const HOURS_OF_DAY = 24;
const PERMILLE = 1_000;

/**
 * What would have been used without the event (R8.38).
 *
 * @property baselineWh of each interval of the event, whole Wh ≥ 0, to the nearest
 * @property days that it is made of, the latest first
 * @property skipped days that were passed over, and why
 */
export type ComputedBaseline = {
  readonly status: "computed";
  readonly baselineWh: readonly number[];
  readonly days: readonly string[];
  readonly skipped: readonly Skipped[];
};

/**
 * The baseline of an event by a method, for a metering point or a group (R8.38, AMB-20). The same inputs give the same Wh.
 *
 * @throws BaselineInputError when the inputs contradict themselves
 */
export function computeBaseline(
  method: BaselineMethod,
  inputs: BaselineInputs,
): ComputedBaseline | BaselineRefusal {
  checkInputs(inputs);
  const { from, until } = inputs;
  const compared = method.name === "adjustedMean" ? comparedSpan(method, inputs) : null;
  const refusal = refuseOwnDay(method, inputs, compared);
  if (refusal !== null) return refusal;
  const found = findLikeDays(inputs, method, compared === null ? [[from, until]] : [[from, until], compared]);
  if (found.status === "refused") return found;
  const kept = method.name === "middleOfLast" ? withoutExtremes(found.days, method, inputs) : found.days;
  return {
    status: "computed",
    baselineWh: estimate(method, inputs, { days: kept, compared }),
    days: kept.map(({ date }) => date),
    skipped: found.skipped,
  };
}

type Span = readonly [from: number, until: number];

/** The last full intervals before the notice. */
function comparedSpan({ adjustmentHours }: AdjustedMean, inputs: BaselineInputs): Span {
  const length = (adjustmentHours * slotsPerDay(inputs)) / HOURS_OF_DAY;
  return [Math.max(0, inputs.noticeAt - Math.ceil(length)), inputs.noticeAt];
}

/** What the event's own day has to bring: readings before the notice, or a temperature. */
function refuseOwnDay(
  { name }: BaselineMethod,
  inputs: BaselineInputs,
  compared: Span | null,
): BaselineRefusal | null {
  const { date, beforeNoticeWh, temperatureC } = inputs;
  if (name === "temperatureRegression" && temperatureC?.length !== slotsPerDay(inputs))
    return refuseBaseline("missingTemperature", `${date} has no temperature for each interval`);
  if (compared === null) return null;
  const missing = beforeNoticeWh.indexOf(null, compared[0]);
  if (missing >= 0)
    return refuseBaseline(
      "missingReading",
      `${date} has no reading of interval ${missing}, before the notice`,
    );
  return null;
}

type Basis = { readonly days: readonly MeteredDay[]; readonly compared: Span | null };

function estimate(
  method: BaselineMethod,
  inputs: BaselineInputs,
  { days, compared }: Basis,
): readonly number[] {
  const { from, until } = inputs;
  const slots = Array.from({ length: until - from }, (_, i) => from + i);
  if (method.name === "temperatureRegression") return byTemperature(slots, days, inputs);
  const sums = slots.map((slot) => days.reduce((sum, day) => sum + energyAt(day, slot), 0));
  if (method.name !== "adjustedMean" || compared === null)
    return sums.map((sum) => nearest(sum, days.length));
  const [numerator, denominator] = adjustment(method, inputs, { days, compared });
  return sums.map((sum) => nearest(sum * numerator, days.length * denominator));
}

/** Today against the mean of the like days, before the notice, as a fraction within the cap; 1 where these used nothing. */
function adjustment(
  { capPermille }: AdjustedMean,
  { beforeNoticeWh }: BaselineInputs,
  { days, compared: [from, until] }: { readonly days: readonly MeteredDay[]; readonly compared: Span },
): readonly [numerator: number, denominator: number] {
  const total = (energies: readonly (number | null)[]) =>
    energies.slice(from, until).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const usual = days.reduce((sum, { energyWh }) => sum + total(energyWh), 0);
  const today = total(beforeNoticeWh) * days.length;
  if (usual === 0) return [1, 1];
  if (today * PERMILLE > usual * (PERMILLE + capPermille)) return [PERMILLE + capPermille, PERMILLE];
  if (today * PERMILLE < usual * (PERMILLE - capPermille)) return [PERMILLE - capPermille, PERMILLE];
  return [today, usual];
}

/** Without the days that used most and least in the event's hours; of equal days the older one counts as the larger. */
function withoutExtremes(
  days: readonly MeteredDay[],
  { dropped }: MiddleOfLast,
  { from, until }: BaselineInputs,
): readonly MeteredDay[] {
  const used = ({ energyWh }: MeteredDay) =>
    energyWh.slice(from, until).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const ranked = days.toSorted((one, other) => used(one) - used(other));
  const middle = new Set(ranked.slice(dropped, ranked.length - dropped));
  return days.filter((day) => middle.has(day));
}

/** A line for each hour of the day, on the event's intervals of that hour; never below 0. */
function byTemperature(
  slots: readonly number[],
  days: readonly MeteredDay[],
  inputs: BaselineInputs,
): readonly number[] {
  const hourOf = (slot: number) => Math.floor((slot * HOURS_OF_DAY) / slotsPerDay(inputs));
  const lines = new Map(
    [...new Set(slots.map(hourOf))].map((hour) => {
      const ofHour = slots.filter((slot) => hourOf(slot) === hour);
      const points = days.flatMap((day) =>
        ofHour.map((slot) => [temperatureAt(day.temperatureC, slot), energyAt(day, slot)] as const),
      );
      return [hour, fitLine(points)];
    }),
  );
  return slots.map((slot) => {
    const line = present(lines.get(hourOf(slot)), `the line of interval ${slot}`);
    return Math.max(0, Math.round(valueOnLine(line, temperatureAt(inputs.temperatureC, slot))));
  });
}

function energyAt({ date, energyWh }: MeteredDay, slot: number): number {
  return present(energyWh[slot], `energy of ${date}, interval ${slot}`);
}

function temperatureAt(temperatureC: readonly number[] | null, slot: number): number {
  return present(temperatureC?.[slot], `the temperature of interval ${slot}`);
}

/** To the nearest whole number, half up: exact, whatever the size. */
function nearest(dividend: number, divisor: number): number {
  const doubled = 2n * BigInt(divisor);
  return Number((2n * BigInt(dividend) + BigInt(divisor)) / doubled);
}
