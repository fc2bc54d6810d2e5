import type { ApiContext, Metric } from "#platform/api/apiContext.ts";
import { countQuotas } from "./queries/quotaPeriods.ts";

/** Periods of charging so far, and what of them is not done. */
export async function chargingMetrics({ store }: ApiContext): Promise<Metric[]> {
  const { periods, unpaid, openDeposits, clearedW } = await countQuotas(store.db);
  return [
    { name: "quota_periods", help: "Periods of charging quotas", value: periods },
    { name: "quota_traded_w", help: "Charging quota traded in auctions, W", value: clearedW },
    { name: "quota_unpaid", help: "Stations of periods that have not paid", value: unpaid },
    { name: "quota_open_deposits", help: "Deposits that are not back", value: openDeposits },
  ];
}
