import { statementQuery } from "#domains/billing/wireReasons.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { monthAt } from "#kernel/units/localMonth.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";
import { loadStatement } from "./loadStatement.ts";
import { readMonth } from "./readMonth.ts";
import { renderStatement, STATEMENT_EXAMPLE, STATEMENT_POLICY } from "./statementPage.ts";

/** The statement of a month, as HTML to read, keep and print. */
export function addStatement(app: Api, context: BillingContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/participants/:account/statement",
    {
      schema: {
        params: accountParams,
        querystring: statementQuery,
        ...describeText(
          "participants",
          "The statement of a month, which prints on A4",
          "text/html",
          STATEMENT_EXAMPLE,
        ),
      },
    },
    async (request, reply) => {
      const participant = await requireOwner(context, request, request.params.account);
      const month = readMonth(request.query.month) ?? monthAt(clock, context.now());
      const view = await loadStatement(context, { participant, clock, month });
      return reply
        .header("content-security-policy", STATEMENT_POLICY)
        .header("cache-control", "private, no-store")
        .type("text/html; charset=utf-8")
        .send(renderStatement(view));
    },
  );
}
