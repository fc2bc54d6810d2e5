import type { z } from "zod";
import { type BillLineView, type BillView, listBillLines, sumBills } from "#domains/billing/queries/bills.ts";
import {
  type billLineWire,
  billsQuery,
  billsWire,
  type billWire,
  participantBillWire,
} from "#domains/billing/wire.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { requireOperator, requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";

/**
 * Bills: what was traded, delivered and paid, and what the same energy costs at the tariff alone (R3.9, R6.10). They
 * state claims and money; physical electricity flows over the common grid (R2.44).
 */
export function addBills(app: Api, context: BillingContext): void {
  const { db } = context.store;
  app.get(
    "/v1/bills",
    {
      schema: {
        querystring: billsQuery,
        ...describeRoute("bills", "Sums of all participants over a time, for the operator", {
          body: billsWire,
        }),
      },
    },
    async (request) => {
      const { operatedAreas } = await requireOperator(context, request);
      const areaIds = operatedAreas.map(({ areaId }) => areaId);
      return { bills: (await sumBills(db, { ...request.query, areaIds })).map(billBody) };
    },
  );
  app.get(
    "/v1/participants/:account/bills",
    {
      schema: {
        params: accountParams,
        querystring: billsQuery,
        ...describeRoute("participants", "The bill of a participant, with its lines", {
          body: participantBillWire,
        }),
      },
    },
    async (request) => {
      const { params, query } = request;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, params.account);
      const range = { ...params, ...query, areaIds };
      const [bill] = await sumBills(db, { ...range, limit: 1, offset: 0 });
      const lines = await listBillLines(db, range);
      return { bill: bill ? billBody(bill) : null, lines: lines.map(lineBody) };
    },
  );
}

/** Sums as they go over HTTP. */
export function billBody(bill: BillView): z.infer<typeof billWire> {
  return {
    account: bill.account,
    intervals: bill.intervals,
    ...sumsBody(bill),
    boughtMicro: String(bill.boughtMicro),
    soldMicro: String(bill.soldMicro),
    gridMicro: String(bill.gridMicro),
    feedInMicro: String(bill.feedInMicro),
    marketBillMicro: String(bill.marketBillMicro),
    tariffBillMicro: String(bill.tariffBillMicro),
    savingMicro: String(bill.savingMicro),
    linesWithoutTariff: bill.linesWithoutTariff,
  };
}

/** A line as it goes over HTTP. */
export function lineBody(line: BillLineView): z.infer<typeof billLineWire> {
  const { areaId, intervalId, member, startsAt, beyondMicro, tariffMicro, isReadingMissing } = line;
  return {
    areaId,
    intervalId,
    member,
    startsAt,
    ...sumsBody(line),
    beyondMicro: orNull(beyondMicro),
    tariffMicro: orNull(tariffMicro),
    isReadingMissing,
  };
}

function sumsBody(sums: BillView | BillLineView) {
  return {
    importWh: String(sums.importWh),
    exportWh: String(sums.exportWh),
    boughtWh: String(sums.boughtWh),
    soldWh: String(sums.soldWh),
    shortfallWh: String(sums.shortfallWh),
    unconsumedWh: String(sums.unconsumedWh),
    gridImportWh: String(sums.gridImportWh),
    gridExportWh: String(sums.gridExportWh),
    paymentMicro: String(sums.paymentMicro),
    shortfallMicro: String(sums.shortfallMicro),
    surplusMicro: String(sums.surplusMicro),
    gridFeeMicro: String(sums.gridFeeMicro),
    netMicro: String(sums.netMicro),
  };
}
