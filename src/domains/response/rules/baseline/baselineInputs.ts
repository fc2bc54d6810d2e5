import { DomainError } from "#kernel/units/domainError.ts";

const SECONDS_PER_DAY = 86_400;

/**
 * What a metering point, or a group of them, used on one local day.
 *
 * @property date local, YYYY-MM-DD
 * @property energyWh by interval from midnight on, whole Wh ≥ 0; null where a reading is missing
 * @property temperatureC outside, mean of each interval; null where it is not given
 * @property hasEvent whether demand response was called on that day
 */
export type MeteredDay = {
  readonly date: string;
  readonly energyWh: readonly (number | null)[];
  readonly temperatureC: readonly number[] | null;
  readonly hasEvent: boolean;
};

/**
 * All that a baseline may know. It ends with the notice: what is metered later can't change it.
 *
 * @property date of the event, local, YYYY-MM-DD
 * @property from first interval of the event, counted from midnight
 * @property until the interval after its last
 * @property noticeAt the interval in which the event was announced; only intervals before it count
 * @property days before the event's, by rising date
 * @property holidays local dates that are like no other day
 * @property beforeNoticeWh of the event's day, intervals 0 … noticeAt − 1, whole Wh; null where a reading is missing
 * @property temperatureC forecast for the event's day, each interval; null where there is none
 */
export type BaselineInputs = {
  readonly intervalSeconds: number;
  readonly date: string;
  readonly from: number;
  readonly until: number;
  readonly noticeAt: number;
  readonly days: readonly MeteredDay[];
  readonly holidays: readonly string[];
  readonly beforeNoticeWh: readonly (number | null)[];
  readonly temperatureC: readonly number[] | null;
};

/** Intervals of a day of 24 hours. */
export function slotsPerDay({ intervalSeconds }: Pick<BaselineInputs, "intervalSeconds">): number {
  return SECONDS_PER_DAY / intervalSeconds;
}

/**
 * Refuses inputs that contradict themselves.
 *
 * @throws BaselineInputError which names the day and the interval
 */
export function checkInputs(inputs: BaselineInputs): void {
  const { date, from, until, noticeAt, days, beforeNoticeWh } = inputs;
  const slots = slotsPerDay(inputs);
  if (!Number.isInteger(slots))
    throw new BaselineInputError(`intervals of ${inputs.intervalSeconds} s do not divide a day`);
  if (![noticeAt, from, until].every(Number.isInteger) || noticeAt < 0 || noticeAt > from || from >= until)
    throw new BaselineInputError(
      `${date}: the notice in interval ${noticeAt} is to come before the event, intervals ${from} to ${until}`,
    );
  if (until > slots)
    throw new BaselineInputError(`${date}: the event ends in interval ${until} of a day of ${slots}`);
  if (beforeNoticeWh.length !== noticeAt)
    throw new BaselineInputError(
      `${date}: ${beforeNoticeWh.length} readings before the notice, which is in interval ${noticeAt}`,
    );
  checkEnergies(date, beforeNoticeWh);
  [...days.map((day) => day.date), date].reduce((before, next) => {
    if (next <= before) throw new BaselineInputError(`${next} does not come after ${before}`);
    return next;
  }, "");
  for (const day of days) {
    dayNumber(day.date);
    checkEnergies(day.date, day.energyWh);
  }
}

function checkEnergies(date: string, energyWh: readonly (number | null)[]): void {
  energyWh.forEach((value, slot) => {
    if (value !== null && (!Number.isSafeInteger(value) || value < 0))
      throw new BaselineInputError(`${date}, interval ${slot}: ${value} Wh is no whole number from 0 on`);
  });
}

/**
 * Days since 1970-01-01 of a local date.
 *
 * @throws BaselineInputError where there is no such date
 */
export function dayNumber(date: string): number {
  const instant = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(instant))
    throw new BaselineInputError(`${date} is no date`);
  return instant / (SECONDS_PER_DAY * 1_000);
}

export class BaselineInputError extends DomainError {
  readonly code = "baselineInput";
}
