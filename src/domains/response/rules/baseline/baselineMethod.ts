/** Of the code below; a change of any result raises it, so that a commitment says which code it was made for. */
export const BASELINE_VERSION = 1;

/**
 * Days that a method takes.
 *
 * @property days how many like days
 * @property lookBackDays how many days of the calendar before the event may have them
 */
type LikeDays = { readonly days: number; readonly lookBackDays: number };

/** Mean of the last like days without events (R8.38, AMB-20). */
export type MeanOfLast = LikeDays & { readonly name: "meanOfLast" };

/**
 * The same mean, times how much more or less than it was used on the event's day before the notice; the field's 10-of-10.
 *
 * @property adjustmentHours the hours before the notice that are compared
 * @property capPermille most that the factor differs from 1, thousandths
 */
export type AdjustedMean = LikeDays & {
  readonly name: "adjustedMean";
  readonly adjustmentHours: number;
  readonly capPermille: number;
};

/**
 * Mean of the like days without those that used most and least in the event's hours; the field's middle 4-of-6.
 *
 * @property dropped at each end
 */
export type MiddleOfLast = LikeDays & { readonly name: "middleOfLast"; readonly dropped: number };

/** A line over the outside temperature for each hour of the day, by ordinary least squares over the like days. */
export type TemperatureRegression = LikeDays & { readonly name: "temperatureRegression" };

/** A method with its parameters. */
export type BaselineMethod = MeanOfLast | AdjustedMean | MiddleOfLast | TemperatureRegression;

/** A baseline is no older than this, so that events each day can't keep an old one. */
const LOOK_BACK_DAYS = 60;

/** The methods as the field uses them; N = 10 by AMB-20. */
export const BASELINE_METHODS = [
  { name: "meanOfLast", days: 10, lookBackDays: LOOK_BACK_DAYS },
  {
    name: "adjustedMean",
    days: 10,
    lookBackDays: LOOK_BACK_DAYS,
    adjustmentHours: 3,
    capPermille: 200,
  },
  { name: "middleOfLast", days: 6, dropped: 1, lookBackDays: LOOK_BACK_DAYS },
  { name: "temperatureRegression", days: 20, lookBackDays: LOOK_BACK_DAYS },
] as const satisfies BaselineMethod[];
