import { type BillView, sumBills } from "#domains/billing/queries/bills.ts";
import { type PoolEnergyAndMoney, tradesOfCharges } from "#domains/pool/rules/poolCharges.ts";
import { endsAt, type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaStart } from "./areaDuties.ts";

/** What a home bought and sold in the market so far, Wh, and what it pays with and without it, micro. */
export type HomeBill = Pick<PoolEnergyAndMoney, "boughtWh" | "soldWh"> &
  Pick<BillView, "marketBillMicro" | "tariffBillMicro" | "savingMicro">;

/** The bills of an area's homes as they grow, from the database. */
export type LiveBills = {
  /** Adds an interval of which nothing is to come. */
  add(intervalId: IntervalId): Promise<void>;
  billOf(account: number): HomeBill;
  savingMicro(): bigint;
};

const NO_BILL: HomeBill = {
  boughtWh: 0n,
  soldWh: 0n,
  marketBillMicro: 0n,
  tariffBillMicro: 0n,
  savingMicro: 0n,
};

/** Sums what came before `start` once, and from then on each interval as it is added: a year's lines are not summed anew. */
export async function openLiveBills(
  db: Database,
  { areaId, scenario, start }: { areaId: number; scenario: Scenario; start: AreaStart },
): Promise<LiveBills> {
  const { homes, intervalSeconds } = scenario;
  const bills = new Map<number, HomeBill>();
  const page = { areaIds: [areaId], limit: homes.length, offset: 0 };
  const count = async (sign: bigint, range: { from?: number; to: number }) => {
    for (const bill of await sumBills(db, { ...page, ...range }))
      bills.set(
        bill.account,
        plus(bills.get(bill.account) ?? NO_BILL, { ...bill, ...tradesOfCharges(bill.charges) }, sign),
      );
  };
  const ofInterval = (intervalId: IntervalId) => ({
    from: startsAt(intervalId, intervalSeconds),
    to: endsAt(intervalId, intervalSeconds),
  });
  await count(1n, { to: startsAt(start.nextIntervalId, intervalSeconds) });
  for (const intervalId of start.unfinished) await count(-1n, ofInterval(intervalId));
  return {
    add: (intervalId) => count(1n, ofInterval(intervalId)),
    billOf: (account) => bills.get(account) ?? NO_BILL,
    savingMicro: () => [...bills.values()].reduce((sum, bill) => sum + bill.savingMicro, 0n),
  };
}

function plus(a: HomeBill, b: HomeBill, sign: bigint): HomeBill {
  return {
    boughtWh: a.boughtWh + sign * b.boughtWh,
    soldWh: a.soldWh + sign * b.soldWh,
    marketBillMicro: a.marketBillMicro + sign * b.marketBillMicro,
    tariffBillMicro: a.tariffBillMicro + sign * b.tariffBillMicro,
    savingMicro: a.savingMicro + sign * b.savingMicro,
  };
}
