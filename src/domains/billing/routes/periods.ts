import type { z } from "zod";
import { type PeriodView, sumBillsByPeriod } from "#domains/billing/queries/bills.ts";
import { periodsQuery, periodsWire } from "#domains/billing/wireReasons.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { periodStarts } from "#kernel/units/localPeriods.ts";
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
      const starts = periodStarts(clock, { from, to, of, most: MAX_PERIODS });
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
