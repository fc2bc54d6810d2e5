import { intervalAt } from "#kernel/units/interval.ts";
import { MAX_TRANSACTION_GAS } from "#platform/chain/sender.ts";
import { type BenchMarket, withMarket } from "./market.ts";
import { openNaive, runNaivePeriod } from "./naiveQuotas.ts";
import { openStations, QUOTA_STEPS, type QuotaGas, runQuotaPeriod } from "./quotaPeriod.ts";
import { planPeriod, QUOTA_TERMS } from "./quotaPlan.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const SIZES = [8, 64, 256] as const;
/** Periods of the plan: the first one warms the storage, the second is measured. */
const WARM_UP = 0;
const MEASURED = 1;
/** Periods between the two, of which nothing happens in some: when one is settled, others have begun. */
const PERIODS_APART = 4;

/**
 * Gas a station and period of QuotaMarket, by receipts of whole transactions, beside a contract of chapter 9 as one would first
 * write it. Both run the same periods, and both must come to what the rules say.
 */
export async function* benchQuota(): AsyncGenerator<BenchRow> {
  for (const n of SIZES) {
    const { ours, naive } = await withMarket({ homes: n, pricing: "uniform" }, measure);
    for (const step of QUOTA_STEPS) yield stationRow(n, step, ours[step], naive[step]);
    yield stationRow(n, "all steps", total(ours), total(naive));
    const largest = Math.max(ours.allocation, ours.auction);
    console.error(`quota: ${n} stations: the largest transaction takes ${largest} gas`);
    if (largest > MAX_TRANSACTION_GAS) console.error("quota: MORE THAN THE LIMIT of 10 M gas");
  }
}

async function measure(market: BenchMarket): Promise<{ ours: QuotaGas; naive: QuotaGas }> {
  const members = market.scenario.homes.map(({ member }) => member);
  const [stations, naive] = [await openStations(market), await openNaive(market)];
  const first = intervalAt(market.scenario.startsAt, QUOTA_TERMS.periodSeconds);
  const run = async (index: number) => {
    const plan = planPeriod(members, index);
    const period = first + PERIODS_APART * (index + 1);
    return {
      ours: await runQuotaPeriod(stations, period, plan),
      naive: await runNaivePeriod(naive, period, plan),
    };
  };
  await run(WARM_UP);
  return run(MEASURED);
}

function stationRow(n: number, step: string, ours: number, naive: number): BenchRow {
  return measuredRow({
    bench: "quota",
    case: `QuotaMarket, ${step}`,
    n,
    value: ours / n,
    unit: "gas/station",
    peer: "naive contract of chapter 9",
    peerValue: naive / n,
  });
}

function total(gas: QuotaGas): number {
  return QUOTA_STEPS.reduce((sum, step) => sum + gas[step], 0);
}
