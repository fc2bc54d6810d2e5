import { DomainError } from "#kernel/units/domainError.ts";
import { normalDeviate, type Random } from "#kernel/units/random.ts";

const HOURS_A_DAY = 24;
/** Prices of a wholesale market come per MWh: of these a thousand micro are one of a kWh. */
const MICRO_PER_KWH_OF_UNIT_PER_MWH = 1_000;

/** Prices of an upstream market by hour of the day, whole micro per kWh, and where they are from. */
export type PriceHistory = {
  readonly source: string;
  readonly isRecorded: boolean;
  readonly byHour: readonly (readonly number[])[];
};

/**
 * Reads spot prices as the Australian market operator publishes them: JSON with `5MIN`, a list of `{ SETTLEMENTDATE, RRP }`, dollars per MWh, negative ones
 * too (R7.22). The prices of all regions count alike.
 *
 * @param file its name, for messages
 * @throws PriceFileError when the text is no such list, or has an hour of the day without a price
 */
export function readSpotPrices(text: string, file: string): PriceHistory {
  const byHour: number[][] = Array.from({ length: HOURS_A_DAY }, () => []);
  for (const [i, row] of rowsOf(text, file).entries()) {
    const hour = Number(/T(\d\d):/.exec(String(row.SETTLEMENTDATE))?.[1]);
    const price = row.RRP;
    if (!(hour >= 0 && hour < HOURS_A_DAY) || typeof price !== "number" || !Number.isFinite(price))
      throw new PriceFileError(`${file}: row ${i + 1} has no local time and price in dollars per MWh`);
    byHour[hour]?.push(Math.round(price * MICRO_PER_KWH_OF_UNIT_PER_MWH));
  }
  const empty = byHour.findIndex((prices) => prices.length === 0);
  if (empty >= 0) throw new PriceFileError(`${file}: no price from ${empty} to ${empty + 1} o'clock`);
  return { source: `${file}, ${byHour.flat().length} prices of all its regions`, isRecorded: true, byHour };
}

/** Prices that a generated history has an hour of the day. */
const DRAWN_AN_HOUR = 24;
/** Mean of a generated price by hour of the day, thousandths of a unit per kWh: low and negative around noon, high in the evening. */
const MEANS = [
  28, 28, 24, 21, 30, 50, 43, 15, -4, -20, -28, -38, -42, -36, -20, 0, 16, 42, 65, 54, 42, 36, 36, 31,
] as const;
const SPREAD = 14;

/** A history that is drawn from a seed, for anyone who has no recording; it says so. */
export function drawPriceHistory(random: Random): PriceHistory {
  const byHour = MEANS.map((mean) =>
    Array.from({ length: DRAWN_AN_HOUR }, () =>
      Math.round((mean + SPREAD * normalDeviate(random)) * MICRO_PER_KWH_OF_UNIT_PER_MWH),
    ),
  );
  return { source: "generated from the seed, no recording", isRecorded: false, byHour };
}

/**
 * One field of a wheel: recorded prices from `fromMicroPerKwh` on, and the part of the wheel that they have.
 *
 * @property meanMicroPerKwh what a spin that ends here gives, whole
 */
export type WheelField = {
  readonly fromMicroPerKwh: number;
  readonly meanMicroPerKwh: number;
  readonly part: number;
};

/** A roulette wheel whose fields are a histogram of prices, each as wide as its share of them (R7.22). */
export type PriceWheel = { readonly fields: readonly WheelField[]; spin(random: Random): number };

/** @param fieldMicroPerKwh width of the histogram's classes */
export function createPriceWheel(prices: readonly number[], fieldMicroPerKwh: number): PriceWheel {
  const classes = new Map<number, number[]>();
  for (const price of prices) {
    const from = Math.floor(price / fieldMicroPerKwh) * fieldMicroPerKwh;
    classes.set(from, [...(classes.get(from) ?? []), price]);
  }
  const fields = [...classes]
    .sort(([a], [b]) => a - b)
    .map(([fromMicroPerKwh, members]) => ({
      fromMicroPerKwh,
      meanMicroPerKwh: Math.round(members.reduce((sum, price) => sum + price, 0) / members.length),
      part: members.length / prices.length,
    }));
  return { fields, spin: (random) => fieldAt(fields, random()).meanMicroPerKwh };
}

function fieldAt(fields: readonly WheelField[], turn: number): WheelField {
  let passed = 0;
  for (const field of fields) {
    passed += field.part;
    if (turn < passed) return field;
  }
  return fields.at(-1) as WheelField;
}

type SpotRow = Readonly<Record<string, unknown>>;

function rowsOf(text: string, file: string): readonly SpotRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PriceFileError(`${file} is no JSON`, { cause });
  }
  const rows = typeof value === "object" && value !== null ? (value as SpotRow)["5MIN"] : undefined;
  if (!Array.isArray(rows)) throw new PriceFileError(`${file} has no list \`5MIN\` of prices`);
  return rows as readonly SpotRow[];
}

/** A file that has no spot prices. */
export class PriceFileError extends DomainError {
  readonly code = "priceFile";
}
