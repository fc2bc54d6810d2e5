import type { z } from "zod";
import { type PeriodView, sumBillsByPeriod } from "#domains/billing/queries/bills.ts";
import { periodsQuery, periodsWire } from "#domains/billing/wireReasons.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { dayStart, localDay } from "#kernel/units/localDay.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";

/** A leap year in days. */
const MAX_PERIODS = 366;

/** What an account paid or earned, day by day or month by month. */
export function addPeriods(app: Api, context: BillingContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/participants/:account/periods",
    {
      schema: {
        params: accountParams,
        querystring: periodsQuery,
        ...describeRoute("participants", "The bill of a participant by days or months, the latest first", {
          body: periodsWire,
        }),
      },
    },
    async (request) => {
      const { account } = request.params;
      const { from, to, of } = request.query;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const starts = startsWithin(clock, { from, to, of });
      if (starts.length === 0) return { periods: [] };
      const sums = await sumBillsByPeriod(context.store.db, { account, areaIds, starts, to });
      return {
        periods: sums
          .map((sum) =>
            periodBody(sum, { from: starts[sum.period] ?? from, to: starts[sum.period + 1] ?? to }),
          )
          .reverse(),
      };
    },
  );
}

type Bounds = { readonly from: number; readonly to: number };

/** Where the days or months of a time begin; the first is cut where the time begins within it. */
function startsWithin(clock: LocalClock, { from, to, of }: Bounds & { of: "day" | "month" }): number[] {
  const starts: number[] = [];
  for (let start = from; start < to; start = endOf(clock, start, of)) {
    if (starts.length === MAX_PERIODS) throw new TooManyPeriodsError(of);
    starts.push(start);
  }
  return starts;
}

function endOf(clock: LocalClock, start: number, of: "day" | "month"): number {
  if (of === "day") return localDay(clock, start).to;
  const local = new Date((start + clock.offsetAt(start)) * 1_000);
  return dayStart(clock, Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) / 1_000);
}

function periodBody(sum: PeriodView, bounds: Bounds): z.infer<typeof periodsWire>["periods"][number] {
  return {
    ...bounds,
    intervals: sum.intervals,
    importWh: String(sum.importWh),
    exportWh: String(sum.exportWh),
    marketBillMicro: String(sum.marketBillMicro),
    tariffBillMicro: String(sum.tariffBillMicro),
    linesWithoutTariff: sum.linesWithoutTariff,
  };
}

export class TooManyPeriodsError extends DomainError {
  readonly code = "tooManyPeriods";

  constructor(of: "day" | "month") {
    super(`a list has at most ${MAX_PERIODS} ${of}s`);
  }
}
