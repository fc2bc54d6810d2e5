/** A line, step line or bars over time; `values` are null where there is nothing. */
export type Series = {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A token of tokens.css without its dashes, such as "local". */
  readonly color: string;
  readonly form?: "line" | "step" | "bars" | "points";
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
  /** Of less weight than the lines beside it. */
  readonly isThin?: boolean;
};

/** What a picture shows. */
export type Picture = {
  /** Unix seconds, rising. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly timeZone: string;
  readonly height: number;
  /** From one time to the next where none is missing; as most are when it is left out. */
  readonly stepSeconds?: number | undefined;
  /** Whether values are counts: an axis then has no mark between two whole numbers. */
  readonly isWhole?: boolean;
};
