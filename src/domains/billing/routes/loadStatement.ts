import { sumChanges, sumMovements } from "#domains/accounts/queries/movements.ts";
import { spansOfPeriods, sumBills, sumBillsByPeriod } from "#domains/billing/queries/bills.ts";
import { present } from "#kernel/units/assert.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { type CalendarMonth, daysOfMonth } from "#kernel/units/localMonth.ts";
import { costRoundingDown } from "#kernel/units/money.ts";
import type { Shown } from "#platform/api/identity/access.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { BillingContext } from "./billingContext.ts";
import { reconciledBill } from "./bills.ts";
import type { StatementAccount } from "./statementMoney.ts";
import type { StatementDay, StatementLevy, StatementView } from "./statementPage.ts";

type Wanted = {
  readonly participant: Shown;
  readonly clock: LocalClock;
  readonly month: CalendarMonth;
};

/** All that a month's statement of a participant shows. */
export async function loadStatement(
  context: BillingContext,
  { participant, clock, month }: Wanted,
): Promise<StatementView> {
  const { deployment } = context.store;
  const { account, owner, shownAreaIds } = participant;
  const areaIds = participant.areaIds.filter((areaId) => shownAreaIds?.includes(areaId) ?? true);
  const days = daysOfMonth(clock, month);
  const from = present(days[0], "the first day of a month").from;
  const to = present(days.at(-1), "the last day of a month").to;
  const { bill, reconciliation } = await reconciledBill(context, {
    account,
    areaIds: shownAreaIds,
    from,
    to,
  });
  return {
    communities: communitiesOf(context, areaIds),
    operators: await operatorsOf(context, areaIds),
    account,
    owner,
    name: context.accountNames.get(account) ?? null,
    from,
    to,
    now: context.now(),
    timeZone: context.timeZone,
    currency: context.currency,
    bill,
    reconciliation,
    levies: await leviesOf(context, { account, areaIds, from, to }),
    days: await billedDays(context, { account, areaIds: shownAreaIds, days }),
    money: await moneyOf(context, { participant, areaIds, from, to }),
    deployment,
    explainCharge: context.explainCharge,
    movementWords: context.movementWords,
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

/** Who operates the areas; of an account in none, of all. */
async function operatorsOf({ directory }: BillingContext, areaIds: readonly number[]): Promise<string[]> {
  const areas = await directory.areas();
  const own = areas.filter(({ areaId }) => areaIds.includes(areaId));
  return [...new Set((own.length === 0 ? areas : own).map(({ operator }) => operator))];
}

type Month = { readonly areaIds: readonly number[]; readonly from: number; readonly to: number };

/** What the levies of the supplier's price come to, in the areas where its parts are known. */
async function leviesOf(
  { store, retailParts, areaNames }: BillingContext,
  { account, areaIds, from, to }: Month & { account: number },
): Promise<StatementLevy[]> {
  const levies: StatementLevy[] = [];
  for (const areaId of areaIds) {
    const microPerKwh = BigInt(retailParts.get(areaId)?.leviesMicroPerKwh ?? 0);
    if (microPerKwh === 0n) continue;
    const range = { account, areaIds: [areaId], from, to, limit: 1, offset: 0 };
    const energyWh = (await sumBills(store.db, range))[0]?.gridImportWh ?? 0n;
    if (energyWh === 0n) continue;
    const amountMicro = costRoundingDown({ energyWh, priceMicroPerKwh: microPerKwh });
    const community = areaNames.get(areaId)?.name ?? `area ${areaId}`;
    levies.push({ community, microPerKwh, energyWh, amountMicro });
  }
  return levies;
}

/** The account's money; what lies in margins of the areas alone, for who may not see all of them. */
async function moneyOf(
  { store, areaNames }: BillingContext,
  { participant, areaIds, from, to }: Month & { participant: Shown },
): Promise<StatementAccount> {
  const { account } = participant;
  const isWhole = participant.areaIds.length === areaIds.length;
  const range = isWhole ? { account } : { account, seatsOf: areaIds };
  const before = await sumMovements(store.db, { ...range, to: from });
  const movements = await sumMovements(store.db, { ...range, from, to });
  const names = areaIds.map((areaId) => areaNames.get(areaId)?.name ?? `area ${areaId}`);
  return {
    scope: isWhole ? null : names.join(", "),
    opening: sumChanges(before),
    closing: sumChanges([...before, ...movements]),
    movements,
  };
}
