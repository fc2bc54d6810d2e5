import { intervalAt } from "#kernel/units/interval.ts";
import { MAX_TRANSACTION_GAS } from "#platform/chain/sender.ts";
import { type BenchMarket, withMarket } from "./market.ts";
import { openNaive, runNaivePeriod } from "./naiveQuotas.ts";
import { openStations, QUOTA_STEPS, type QuotaGas, runQuotaPeriod, SETTLED_AT_ONCE } from "./quotaPeriod.ts";
import { planPeriod, QUOTA_TERMS } from "./quotaPlan.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const SIZES = [8, 64, 256] as const;
/** Periods of the plan: the first one warms the storage, those after it are measured. */
const WARM_UP = 0;
const MEASURED = 1;
/** The same once more, settled by the DSO. */
const MEASURED_TOGETHER = 2;
const TOGETHER = `payment and withdrawal, ${SETTLED_AT_ONCE} stations a transaction`;
/** Periods between the two, of which nothing happens in some: when one is settled, others have begun. */
const PERIODS_APART = 4;

/**
 * Gas a station and period of QuotaMarket, by receipts of whole transactions, beside a contract of chapter 9 as one would first
 * write it. Both run the same periods, and both must come to what the rules say.
 */
export async function* benchQuota(): AsyncGenerator<BenchRow> {
  for (const n of SIZES) {
    const { ours, together, naive } = await withMarket({ homes: n, pricing: "uniform" }, measure);
    for (const step of QUOTA_STEPS) yield stationRow(n, step, ours[step], naive[step]);
    yield stationRow(n, "all steps", total(ours), total(naive));
    const settled = naive.payment + naive.withdrawal;
    yield stationRow(n, TOGETHER, together.payment, settled);
    yield stationRow(n, `all steps, ${TOGETHER}`, total(together), total(naive));
    const largest = Math.max(ours.allocation, ours.auction);
    console.error(`quota: ${n} stations: the largest transaction takes ${largest} gas`);
    if (largest > MAX_TRANSACTION_GAS) console.error("quota: MORE THAN THE LIMIT of 10 M gas");
  }
}

async function measure(market: BenchMarket) {
  const members = market.scenario.homes.map(({ member }) => member);
  const [stations, naive] = [await openStations(market), await openNaive(market)];
  const first = intervalAt(market.scenario.startsAt, QUOTA_TERMS.periodSeconds);
  const period = (index: number) => first + PERIODS_APART * (index + 1);
  const run = async (index: number) => {
    const plan = planPeriod(members, index);
    return {
      ours: await runQuotaPeriod(stations, { period: period(index), plan, settle: "each" }),
      naive: await runNaivePeriod(naive, period(index), plan),
    };
  };
  await run(WARM_UP);
  const measured = await run(MEASURED);
  const plan = planPeriod(members, MEASURED);
  const again = { period: period(MEASURED_TOGETHER), plan, settle: "together" } as const;
  return { ...measured, together: await runQuotaPeriod(stations, again) };
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
