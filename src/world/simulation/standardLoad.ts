/**
 * The household shape H25 of the German standard load profiles (BDEW, 2025), read at the full hours of January, April
 * and July: kWh of a quarter-hour for a home of 1,000,000 kWh a year. Between the hours the shape is interpolated, and
 * the three months stand for winter, the seasons between, and summer, so this is a sample of the published table and
 * not the table itself.
 */
const HOURS_OF_DAY = 24;

type DayShapes = { readonly workday: Shape; readonly saturday: Shape; readonly sunday: Shape };
type Shape = readonly number[];

const WINTER: DayShapes = {
  workday: [
    20.126, 16.612, 15.287, 15.018, 15.216, 16.82, 20.971, 25.042, 23.976, 22.673, 22.558, 24.061, 26.174,
    26.138, 25.455, 25.858, 28.065, 34.769, 40.96, 41.957, 39.532, 34.904, 32.068, 26.006,
  ],
  saturday: [
    22.152, 18.217, 16.199, 15.398, 15.19, 15.366, 16.806, 21.015, 26.837, 30.834, 33.451, 36.638, 38.394,
    36.759, 35.325, 35.158, 36.116, 40.646, 44.419, 42.928, 39.182, 34.692, 32.678, 27.554,
  ],
  sunday: [
    23.148, 19.65, 17.458, 16.273, 15.587, 15.734, 16.479, 19.524, 24.845, 30.411, 35.27, 40.229, 42.412,
    39.285, 36.62, 35.661, 35.971, 41.049, 45.425, 43.908, 40.326, 34.922, 31.952, 25.946,
  ],
};

const BETWEEN: DayShapes = {
  workday: [
    21.235, 17.658, 16.023, 15.896, 16.421, 19.082, 23.614, 26.932, 25.636, 24.461, 24.086, 25.164, 27.339,
    26.899, 25.677, 25.586, 26.758, 30.325, 35.941, 39.714, 41.017, 40.307, 35.976, 28.186,
  ],
  saturday: [
    23.914, 19.661, 17.5, 16.914, 16.984, 17.824, 19.592, 24.845, 31.708, 35.221, 36.85, 38.643, 39.71,
    37.429, 35.263, 34.592, 33.91, 35.372, 38.717, 39.943, 40.013, 39.794, 36.488, 30.336,
  ],
  sunday: [
    24.952, 20.445, 18.326, 17.447, 17.3, 18.243, 19.325, 23.528, 31.353, 37.67, 41.706, 45.21, 45.949,
    40.371, 36.228, 33.898, 32.517, 34.479, 39.014, 40.777, 41.185, 39.936, 35.677, 28.11,
  ],
};

const SUMMER: DayShapes = {
  workday: [
    25.976, 21.994, 19.913, 19.356, 19.537, 21.139, 24.415, 27.683, 28.02, 28.306, 28.352, 30.299, 33.039,
    32.164, 30.923, 30.662, 31.864, 35.506, 40.522, 43.346, 43.076, 40.896, 40.156, 32.931,
  ],
  saturday: [
    28.255, 23.867, 21.261, 20.328, 20.084, 20.278, 22.057, 26.517, 32.718, 37.003, 39.461, 42.205, 43.973,
    41.816, 40.188, 39.618, 39.207, 40.496, 42.821, 43.088, 41.776, 39.7, 39.387, 34.406,
  ],
  sunday: [
    28.737, 24.452, 21.815, 20.475, 19.871, 19.858, 21.078, 24.607, 31.58, 38.383, 43.068, 47.787, 49.781,
    45.129, 41.393, 39.611, 38.25, 40.409, 44.059, 45.041, 43.99, 41.248, 39.753, 32.403,
  ],
};

/** Days of the year (1 = 1 January, common year) at which the seasons of the German standard profiles begin. */
const SPRING_BEGINS = 80;
const SUMMER_BEGINS = 135;
const AUTUMN_BEGINS = 258;
const WINTER_BEGINS = 305;
const DAYS_PER_YEAR = 365;

/** Largest day of the year that the polynomial below is made for. */
const LAST_DAY = 366;

/** A day of the standard household: its shape, and its level against the mean of the year. */
export type StandardDay = { readonly shape: readonly number[]; readonly level: number };

/**
 * The standard household's day.
 *
 * @param dayOfYear 1 … 366
 * @param dayOfWeek 0 = Sunday … 6 = Saturday
 */
export function standardDay(dayOfYear: number, dayOfWeek: number): StandardDay {
  return {
    shape: shapeOf(seasonShapes(dayOfYear), dayOfWeek),
    level: dynamisation(dayOfYear) / YEARLY_MEAN,
  };
}

/**
 * Load of a household that uses `kwhPerYear`, as mean power in W at a local time, before anything individual
 * (`docs/model/household.md`, equation 7).
 *
 * @param hour local time of day, 0 ≤ hour < 24
 */
export function standardLoadW({ shape, level }: StandardDay, kwhPerYear: number, hour: number): number {
  return (interpolate(shape, hour) * level * kwhPerYear * 1_000) / (DAYS_PER_YEAR * HOURS_OF_DAY);
}

/**
 * The polynomial that lets a household's load fall from winter to summer, about 1 on average (VDEW's dynamisation of
 * household profiles, 1999, kept for H25).
 */
export function dynamisation(dayOfYear: number): number {
  const t = Math.min(dayOfYear, LAST_DAY);
  return -3.92e-10 * t ** 4 + 3.2e-7 * t ** 3 - 7.02e-5 * t ** 2 + 2.1e-3 * t + 1.24;
}

function seasonShapes(dayOfYear: number): DayShapes {
  if (dayOfYear < SPRING_BEGINS || dayOfYear >= WINTER_BEGINS) return WINTER;
  return dayOfYear >= SUMMER_BEGINS && dayOfYear < AUTUMN_BEGINS ? SUMMER : BETWEEN;
}

function shapeOf(shapes: DayShapes, dayOfWeek: number): Shape {
  if (dayOfWeek === 0) return shapes.sunday;
  return dayOfWeek === 6 ? shapes.saturday : shapes.workday;
}

function interpolate(shape: Shape, hour: number): number {
  const before = Math.floor(hour) % HOURS_OF_DAY;
  const part = hour - Math.floor(hour);
  const one = shape[before] as number;
  const next = shape[(before + 1) % HOURS_OF_DAY] as number;
  return one + part * (next - one);
}

/** Mean of the shapes over a year of five workdays a week, weighted with the polynomial. */
const YEARLY_MEAN = yearlyMean();

function yearlyMean(): number {
  let sum = 0;
  for (let day = 1; day <= DAYS_PER_YEAR; day += 1) {
    const { workday, saturday, sunday } = seasonShapes(day);
    const week = (5 * mean(workday) + mean(saturday) + mean(sunday)) / 7;
    sum += week * dynamisation(day);
  }
  return sum / DAYS_PER_YEAR;
}

function mean(shape: Shape): number {
  return shape.reduce((sum, value) => sum + value, 0) / shape.length;
}
