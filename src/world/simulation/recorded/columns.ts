/** What a column of a recording means. Prices are named as in {@link PRICE_COLUMNS}. */
export type ColumnRole = "time" | "load" | "pv" | "available" | "vehicleWh" | PriceRole;

export type PriceRole =
  | "feedIn"
  | "retail"
  | "wholesale"
  | "energyIn"
  | "energyOut"
  | "gridIn"
  | "gridOut"
  | "leviesIn"
  | "leviesOut"
  | "localGridIn"
  | "balancing";

/**
 * A column that is read.
 *
 * @property factor turns a cell into the base unit: W, Wh or micro per kWh
 * @property quantity whether cells are mean power over the interval, energy of the interval, or neither
 * @property unit of the cells, for messages
 */
export type Column = {
  readonly index: number;
  readonly name: string;
  readonly role: ColumnRole;
  readonly factor: number;
  readonly quantity: "power" | "energy" | "price" | "plain";
  readonly unit: string;
};

const TIME_NAME =
  /^(timestamp|time|date|datetime|date_time|(interval_)?start(_time|_datetime|s_at)?|unix(_time)?)(_utc|_local)?$/;

const PLAIN = { factor: 1, quantity: "plain", unit: "" } as const;
const WATT = { factor: 1, quantity: "power", unit: "W" } as const;
const WATT_HOUR = { factor: 1, quantity: "energy", unit: "Wh" } as const;
const KILOWATT_HOUR = { factor: 1_000, quantity: "energy", unit: "kWh" } as const;

/** 10⁻⁷ currency per Wh is a hundred micro per kWh: the unit of HAMLET's retailer files. */
const TENTH_MICRO_PER_WH = { factor: 100, quantity: "price", unit: "1e-7 currency/Wh" } as const;

/** Columns whose name says everything. */
const NAMED: ReadonlyMap<string, Omit<Column, "index" | "name">> = new Map(
  Object.entries({
    electricity: { role: "load", ...WATT },
    power: { role: "load", ...WATT },
    load: { role: "load", ...WATT },
    pv: { role: "pv", ...WATT },
    gc: { role: "load", ...KILOWATT_HOUR },
    cl: { role: "load", ...KILOWATT_HOUR },
    gg: { role: "pv", ...KILOWATT_HOUR },
    availability: { role: "available", ...PLAIN },
    energy_consumed: { role: "vehicleWh", ...WATT_HOUR },
    energy_price_in: { role: "energyIn", ...TENTH_MICRO_PER_WH },
    energy_price_out: { role: "energyOut", ...TENTH_MICRO_PER_WH },
    grid_retail_in: { role: "gridIn", ...TENTH_MICRO_PER_WH },
    grid_retail_out: { role: "gridOut", ...TENTH_MICRO_PER_WH },
    grid_market_in: { role: "localGridIn", ...TENTH_MICRO_PER_WH },
    balancing_price_in: { role: "balancing", ...TENTH_MICRO_PER_WH },
    balancing_price_out: { role: "balancing", ...TENTH_MICRO_PER_WH },
    levies_price_in: { role: "leviesIn", ...TENTH_MICRO_PER_WH },
    levies_price_out: { role: "leviesOut", ...TENTH_MICRO_PER_WH },
  } satisfies Record<string, Omit<Column, "index" | "name">>),
);

/** Endings of energy columns, the longest first. */
const ENERGY_UNITS = [
  ["_mwh", 1_000_000, "energy", "MWh"],
  ["_kwh", 1_000, "energy", "kWh"],
  ["_wh", 1, "energy", "Wh"],
  ["_mw", 1_000_000, "power", "MW"],
  ["_kw", 1_000, "power", "kW"],
  ["_w", 1, "power", "W"],
] as const;

/** Endings of price columns, the longest first, with the factor to micro per kWh. */
const PRICE_UNITS = [
  ["_micro_per_kwh", 1, "micro/kWh"],
  ["_ct_per_kwh", 10_000, "cent/kWh"],
  ["_per_kwh", 1_000_000, "currency/kWh"],
  ["_per_mwh", 1_000, "currency/MWh"],
] as const;

const PRICE_COLUMNS: readonly (readonly [RegExp, PriceRole])[] = [
  [/^(feed_?in|export|sell)/, "feedIn"],
  [/^(retail|import|buy|tariff)/, "retail"],
  [/^(price|spot|wholesale|day_ahead|rrp)/, "wholesale"],
];

const GENERATION = /(^|_)(pv|solar|generation|production|gg|export|feed_?in)(_|$)/;

/** Physical columns that are no household's load although their name ends in a unit. */
const FOREIGN = /(^|_)(battery|storage|soc|price|temperature|irradiance|ghi|wind|net|capacity)(_|$)/;

/** The columns of a header that have a meaning here, in order; the others are left alone. */
export function readColumns(header: readonly string[]): readonly Column[] {
  const columns: Column[] = [];
  header.forEach((written, index) => {
    const name = normalise(written);
    const meaning = isTime(name, index) ? ({ role: "time", ...PLAIN } as const) : meaningOf(name);
    const isSecondTime = meaning?.role === "time" && columns.some(({ role }) => role === "time");
    if (meaning !== null && !isSecondTime) columns.push({ index, name: written || "(first)", ...meaning });
  });
  return columns;
}

/** `Load (kW)` and `load kW` are `load_kw`. */
function normalise(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

function isTime(name: string, index: number): boolean {
  return TIME_NAME.test(name) || (index === 0 && name === "");
}

function meaningOf(name: string): Omit<Column, "index" | "name"> | null {
  return NAMED.get(name) ?? priceMeaning(name) ?? energyMeaning(name);
}

function priceMeaning(name: string): Omit<Column, "index" | "name"> | null {
  const unit = PRICE_UNITS.find(([ending]) => name.endsWith(ending));
  if (unit === undefined) return null;
  const role = PRICE_COLUMNS.find(([pattern]) => pattern.test(name))?.[1];
  return role === undefined ? null : { role, factor: unit[1], quantity: "price", unit: unit[2] };
}

function energyMeaning(name: string): Omit<Column, "index" | "name"> | null {
  const unit = ENERGY_UNITS.find(([ending]) => name.endsWith(ending));
  if (unit === undefined) return null;
  const [ending, factor, quantity, written] = unit;
  const base = name.slice(0, -ending.length);
  if (FOREIGN.test(base)) return null;
  return { role: GENERATION.test(base) ? "pv" : "load", factor, quantity, unit: written };
}
