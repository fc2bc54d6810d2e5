import { listBillLines, rankBillLines } from "#domains/billing/queries/bills.ts";
import { explainedBillQuery, explainedBillWire } from "#domains/billing/wireReasons.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";
import { billBody, lineBody, reconciledBill, reconciliationBody } from "./bills.ts";
import { explainBill } from "./explainBill.ts";

/** The bill of a participant with a sentence of reason for each line (R6.10). */
export function addExplainedBills(app: Api, context: BillingContext): void {
  app.get(
    "/v1/participants/:account/bill",
    {
      schema: {
        params: accountParams,
        querystring: explainedBillQuery,
        ...describeRoute("participants", "The bill of a participant, each line explained", {
          body: explainedBillWire,
        }),
      },
    },
    async (request) => {
      const { account } = request.params;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const { order, ...asked } = request.query;
      const range = { ...asked, account, areaIds };
      const { db } = context.store;
      const { bill, reconciliation } = await reconciledBill(context, range);
      const lines =
        order === "latest"
          ? await listBillLines(db, range)
          : await rankBillLines(db, { ...range, rank: order });
      const reasons = await context.reasonsOf({ account, lines });
      return {
        bill: bill ? billBody(context, bill) : null,
        reconciliation: reconciliationBody(reconciliation),
        summary: bill ? explainBill(bill, context.currency) : null,
        from: range.from ?? null,
        to: range.to ?? null,
        lines: lines.map((line, i) => ({
          ...lineBody(context, line),
          reason: present(reasons[i], "the reason of a line").sentence,
        })),
      };
    },
  );
}
