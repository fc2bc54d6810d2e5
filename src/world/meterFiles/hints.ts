/** Prices that a column may hold. */
export const PRICE_ROLES = [
  "feedIn",
  "retail",
  "wholesale",
  "energyIn",
  "energyOut",
  "gridIn",
  "gridOut",
  "leviesIn",
  "leviesOut",
  "localGridIn",
  "balancing",
] as const;
export type PriceRole = (typeof PRICE_ROLES)[number];

/** What a column of a file may mean. `load` and `pv` lie behind the meter, `import` and `export` are the meter's. */
export const COLUMN_ROLES = [
  "load",
  "pv",
  "import",
  "export",
  "net",
  ...PRICE_ROLES,
  "available",
  "vehicleWh",
] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** What a column says of time or of the row itself, and what is left alone. */
export const COLUMN_DUTIES = ["time", "date", "clock", "end", "meter", "category", "ignored"] as const;
export type ColumnDuty = (typeof COLUMN_DUTIES)[number];

export function isColumnDuty(is: ColumnRole | ColumnDuty): is is ColumnDuty {
  return COLUMN_DUTIES.some((duty) => duty === is);
}

export function isPriceRole(role: ColumnRole): role is PriceRole {
  return PRICE_ROLES.some((each) => each === role);
}

/** Units of cells, as hints write them. */
export const UNITS = [
  "Wh",
  "kWh",
  "MWh",
  "W",
  "kW",
  "MW",
  "currency/kWh",
  "cent/kWh",
  "currency/MWh",
  "micro/kWh",
] as const;
export type UnitName = (typeof UNITS)[number];

/** What is known of one column beside its name. */
export type ColumnHint = {
  readonly is?: ColumnRole | ColumnDuty | undefined;
  readonly unit?: UnitName | undefined;
  /** `register`: a counter that runs on; `interval`: the value of the row's interval. */
  readonly values?: "register" | "interval" | undefined;
  readonly sign?: "turned" | undefined;
};

/** Findings that someone may say are right. */
export const ACCEPTABLE = ["power"] as const;

/**
 * What is known of a file beside its text: from flags, from a mapping file, or because its format is known. Anything that
 * is not said here is taken from the file when it is certain, else asked for.
 *
 * @property zone of times without an offset: an IANA name, or UTC+1
 * @property columns by the header's words, compared without case and signs, or by number from 1 as #1
 * @property connectionW power that no interval exceeds
 */
export type Hints = {
  readonly format?: string | undefined;
  readonly meter?: string | undefined;
  readonly zone?: string | undefined;
  readonly zoneBecause?: string | undefined;
  /** The zone of the community, where neither the file nor anybody says another. */
  readonly defaultZone?: string | undefined;
  readonly decimal?: "," | "." | undefined;
  readonly dates?: "dayFirst" | "monthFirst" | undefined;
  readonly times?: "start" | "end" | undefined;
  readonly skippedHour?: "placeholder" | "standardTime" | undefined;
  readonly intervalMinutes?: number | undefined;
  readonly header?: "none" | undefined;
  readonly columns?: Readonly<Record<string, ColumnHint>> | undefined;
  readonly accept?: readonly (typeof ACCEPTABLE)[number][] | undefined;
  readonly connectionW?: number | undefined;
};

/** Two sets of hints; what the first says stands. */
export function joinHints(first: Hints, second: Hints): Hints {
  const isOfSecond = first.zone === undefined && second.zone !== undefined;
  const zoneBecause = isOfSecond ? { zoneBecause: "its format says so" } : {};
  const said = Object.fromEntries(Object.entries(first).filter(([, value]) => value !== undefined));
  return { ...second, ...said, ...zoneBecause, columns: { ...second.columns, ...first.columns } };
}
