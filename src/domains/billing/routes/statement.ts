import { type BalanceChange, sumMovements } from "#domains/accounts/queries/movements.ts";
import { spansOfPeriods, sumBills, sumBillsByPeriod } from "#domains/billing/queries/bills.ts";
import { statementQuery } from "#domains/billing/wireReasons.ts";
import { present } from "#kernel/units/assert.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { type CalendarMonth, daysOfMonth, monthAt } from "#kernel/units/localMonth.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner, type Shown } from "#platform/api/identity/access.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { BillingContext } from "./billingContext.ts";
import { renderStatement, STATEMENT_POLICY, type StatementDay, type StatementView } from "./statementPage.ts";

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
          '<!doctype html><html lang="en">…</html>',
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

function readMonth(text: string | undefined): CalendarMonth | null {
  if (text === undefined) return null;
  const [year, month] = text.split("-").map(Number);
  return { year: present(year, "a year"), month: present(month, "a month") };
}

type Wanted = {
  readonly participant: Shown;
  readonly clock: LocalClock;
  readonly month: CalendarMonth;
};

async function loadStatement(
  context: BillingContext,
  { participant, clock, month }: Wanted,
): Promise<StatementView> {
  const { db, deployment } = context.store;
  const { account, owner, areaIds, shownAreaIds } = participant;
  const days = daysOfMonth(clock, month);
  const from = present(days[0], "the first day of a month").from;
  const to = present(days.at(-1), "the last day of a month").to;
  const [bill] = await sumBills(db, { account, areaIds: shownAreaIds, from, to, limit: 1, offset: 0 });
  const before = await sumMovements(db, { account, to: from });
  const movements = await sumMovements(db, { account, from, to });
  return {
    communities: communitiesOf(context, areaIds),
    account,
    owner,
    name: context.accountNames.get(account) ?? null,
    from,
    to,
    now: context.now(),
    timeZone: context.timeZone,
    currency: context.currency,
    bill: bill ?? null,
    days: await billedDays(context, { account, areaIds: shownAreaIds, days }),
    opening: addChanges(before),
    closing: addChanges([...before, ...movements]),
    movements,
    deployment,
    explainCharge: context.explainCharge,
  };
}

/** The communities that the account is in; of one in none that has a name, all. */
function communitiesOf({ areaNames }: BillingContext, areaIds: readonly number[]): string[] {
  const own = areaIds.flatMap((areaId) => areaNames.get(areaId) ?? []);
  const areas = own.length === 0 ? [...areaNames.values()] : own;
  return areas.map(({ name, description }) => describeCommunity({ title: name, description }));
}

async function billedDays(
  { store }: BillingContext,
  {
    account,
    areaIds,
    days,
  }: { account: number; areaIds: readonly number[] | undefined; days: readonly LocalDay[] },
): Promise<StatementDay[]> {
  const starts = days.map(({ from }) => from);
  const to = present(days.at(-1), "the last day of a month").to;
  const bills = await sumBillsByPeriod(store.db, { account, areaIds, starts, to });
  const spans = await spansOfPeriods(store.db, { account, areaIds, starts, to });
  return bills.map(({ period, ...bill }) => ({
    ...present(days[period], "a day of the month"),
    bill,
    intervals: spans.filter((span) => span.period === period),
  }));
}

type LocalDay = { readonly from: number; readonly to: number };

function addChanges(changes: readonly BalanceChange[]): BalanceChange {
  return changes.reduce<BalanceChange>(
    (sum, { freeMicro, marginMicro, escrowMicro }) => ({
      freeMicro: sum.freeMicro + freeMicro,
      marginMicro: sum.marginMicro + marginMicro,
      escrowMicro: sum.escrowMicro + escrowMicro,
    }),
    { freeMicro: 0n, marginMicro: 0n, escrowMicro: 0n },
  );
}
