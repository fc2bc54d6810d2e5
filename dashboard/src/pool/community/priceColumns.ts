import type { Series } from "../../app/parts/picture.ts";
import type { Community } from "../community.ts";
import type { Period, Periods } from "../periods.ts";
import { type Priced, withRunning } from "./priceNow.ts";

const MICRO_PER_UNIT = 1_000_000;

export type Columns = { readonly times: readonly number[]; readonly series: readonly Series[] };

/** Prices as columns of a chart, in the currency per kWh: of intervals with the next one's forecast, or of hours and days. */
export function priceColumns({ of, periods }: Periods, community: Community): Columns {
  return of === "interval" ? ofIntervals(periods, community) : ofPeriods(periods);
}

type Prices = Pick<Period, "feedInMicroPerKwh" | "retailMicroPerKwh" | "priceMicroPerKwh">;
type Row = Prices & { readonly intervalId: number; readonly startsAt: number };

/** Each as it is, the running one too where it is not cleared, and the next. */
function ofIntervals(periods: readonly Period[], community: Community): Columns {
  const { next, nextForecast, current } = community;
  const intervalSeconds = current.endsAt - current.startsAt;
  const newestFirst = periods
    .map((period) => ({ ...period, startsAt: period.from, intervalId: period.from / intervalSeconds }))
    .reverse();
  const rows: Row[] = withRunning<Row, Row>(newestFirst, community, rowOf)
    .filter(({ startsAt }) => startsAt < next.startsAt)
    .reverse();
  const expected = unit(next.price.energyMicroPerKwh ?? nextForecast.energyMicroPerKwh);
  return {
    times: [...rows.map(({ startsAt }) => startsAt), next.startsAt],
    series: [
      ...tariffs([...rows, rowOf(next)]),
      local("Local price", [...rows.map(({ priceMicroPerKwh }) => unit(priceMicroPerKwh)), null]),
      {
        label: "Next, expected",
        color: "local-ink",
        form: "points",
        values: [...rows.map(() => null), expected],
      },
    ],
  };
}

function rowOf({ intervalId, startsAt, price }: Priced): Row {
  return { ...price, intervalId, startsAt, priceMicroPerKwh: price.energyMicroPerKwh };
}

/** The mean of each by traded energy, between its lowest and its highest. */
function ofPeriods(periods: readonly Period[]): Columns {
  const extreme = { color: "local-ink", form: "step", isThin: true } as const;
  return {
    times: periods.map(({ from }) => from),
    series: [
      ...tariffs(periods),
      { ...extreme, label: "Highest", values: periods.map((each) => unit(each.highestMicroPerKwh)) },
      local(
        "Local price, mean",
        periods.map(({ priceMicroPerKwh }) => unit(priceMicroPerKwh)),
      ),
      { ...extreme, label: "Lowest", values: periods.map((each) => unit(each.lowestMicroPerKwh)) },
    ],
  };
}

function tariffs(prices: readonly Omit<Prices, "priceMicroPerKwh">[]): Series[] {
  const line = { form: "step", isDashed: true } as const;
  return [
    { ...line, label: "Retail", color: "grid", values: prices.map((each) => unit(each.retailMicroPerKwh)) },
    { ...line, label: "Feed-in", color: "sun", values: prices.map((each) => unit(each.feedInMicroPerKwh)) },
  ];
}

function local(label: string, values: readonly (number | null)[]): Series {
  return { label, color: "local", form: "step", isFilled: true, values };
}

function unit(micro: string | null): number | null {
  return micro === null ? null : Number(micro) / MICRO_PER_UNIT;
}
