import type { z } from "zod";
import { type BillLineView, type BillView, listBillLines, sumBills } from "#domains/billing/queries/bills.ts";
import { type ReconciledRange, reconcileBills } from "#domains/billing/queries/reconciliations.ts";
import { linesOfReconciliation, type Reconciliation } from "#domains/billing/rules/reconciliation.ts";
import {
  type billLineWire,
  billsQuery,
  billsWire,
  type billWire,
  participantBillWire,
  type reconciliationWire,
} from "#domains/billing/wire.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { requireOperator, requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";

/**
 * Bills: what was metered, what is owed by the rules of every field, and what the same energy costs at the tariff alone (R3.9, R6.10). They
 * state claims and money; physical electricity flows over the common grid (R2.44).
 */
export function addBills(app: Api, context: BillingContext): void {
  const { db } = context.store;
  const body = (bill: BillView) => billBody(context, bill);
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
      const range = { ...request.query, areaIds };
      const bills = await sumBills(db, range);
      const accounts = bills.map(({ account }) => account);
      const reconciled = await reconcileBills(db, { ...range, accounts }, bills);
      const moneyOf = (account: number) => present(reconciled.get(account), "the money of a bill");
      return {
        bills: bills.map((bill) => ({
          ...body(bill),
          reconciliation: reconciliationBody(moneyOf(bill.account)),
        })),
      };
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
      const { bill, reconciliation } = await reconciledBill(context, range);
      const lines = await listBillLines(db, range);
      return {
        bill: bill ? body(bill) : null,
        reconciliation: reconciliationBody(reconciliation),
        lines: lines.map((line) => lineBody(context, line)),
      };
    },
  );
}

/** The bill of an account for a time, null without any, and the money of both the bill and the account. */
export async function reconciledBill(
  { store: { db } }: BillingContext,
  range: ReconciledRange & { readonly account: number },
): Promise<{ readonly bill: BillView | null; readonly reconciliation: Reconciliation }> {
  const { account } = range;
  const bills = await sumBills(db, { ...range, limit: 1, offset: 0 });
  const reconciled = await reconcileBills(db, { ...range, accounts: [account] }, bills);
  return {
    bill: bills[0] ?? null,
    reconciliation: present(reconciled.get(account), "the money of an account"),
  };
}

/** A reconciliation as it goes over HTTP. */
export function reconciliationBody(money: Reconciliation): z.infer<typeof reconciliationWire> {
  return {
    totalMicro: String(money.totalMicro),
    throughAccountMicro: String(money.throughAccountMicro),
    bySupplierMicro: String(money.bySupplierMicro),
    settledLaterMicro: String(money.settledLaterMicro),
    settledForEarlierMicro: String(money.settledForEarlierMicro),
    withoutTariffMicro: String(money.withoutTariffMicro),
    lines: linesOfReconciliation(money).map(({ micro, ...line }) => ({ ...line, micro: String(micro) })),
  };
}

/** Sums as they go over HTTP. */
export function billBody(context: BillingContext, bill: BillView): z.infer<typeof billWire> {
  return {
    account: bill.account,
    intervals: bill.intervals,
    ...sumsBody(context, bill),
    gridMicro: String(bill.gridMicro),
    feedInMicro: String(bill.feedInMicro),
    marketBillMicro: String(bill.marketBillMicro),
    tariffBillMicro: String(bill.tariffBillMicro),
    savingMicro: String(bill.savingMicro),
    linesWithoutTariff: bill.linesWithoutTariff,
  };
}

/** A line as it goes over HTTP. */
export function lineBody(context: BillingContext, line: BillLineView): z.infer<typeof billLineWire> {
  const { areaId, intervalId, member, startsAt, beyondMicro, tariffMicro, isReadingMissing } = line;
  return {
    areaId,
    intervalId,
    member,
    startsAt,
    ...sumsBody(context, line),
    beyondMicro: orNull(beyondMicro),
    tariffMicro: orNull(tariffMicro),
    isReadingMissing,
  };
}

function sumsBody({ explainCharge }: BillingContext, sums: BillView | BillLineView) {
  return {
    importWh: String(sums.importWh),
    exportWh: String(sums.exportWh),
    gridImportWh: String(sums.gridImportWh),
    gridExportWh: String(sums.gridExportWh),
    charges: sums.charges.map((charge) => ({
      kind: charge.kind,
      energyWh: orNull(charge.energyWh),
      amountMicro: String(charge.amountMicro),
      words: explainCharge(charge),
    })),
    netMicro: String(sums.netMicro),
  };
}
