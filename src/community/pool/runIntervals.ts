import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { RecordedMarket } from "#domains/pool/poolRecord.ts";
import { type SettlementPrices, settlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { type MemberSettlement, settlePosition } from "#domains/pool/rules/settlement.ts";
import { isComplete, isPaid } from "#domains/pool/rules/stage.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { type DutyReport, runDuties, type Spent } from "#platform/runtime/duty.ts";
import type { MeterReadingValue } from "#world/households/community.ts";
import type { IntervalOutcome } from "#world/simulation/runBills.ts";
import { type AreaRoles, type AreaStart, areaPlans, isLastOfInterval } from "./areaDuties.ts";

/** A settled interval, and what it took. */
export type SettledInterval = Spent & {
  readonly outcome: IntervalOutcome;
  readonly localPriceMicroPerKwh: number;
  readonly trades: number;
};

/** What happened to an interval. A failed one has no market: its energy is billed at the tariff. */
export type IntervalReport = { readonly areaId: number; readonly intervalId: IntervalId } & (
  | { readonly status: "settled"; readonly settled: SettledInterval }
  | { readonly status: "failed"; readonly readings: readonly MeterReadingValue[]; readonly cause: unknown }
);

/** An area with what of it is to be run: up to `end`, which is not run. */
export type AreaRun = { readonly roles: AreaRoles; readonly start: AreaStart; readonly end: IntervalId };

/**
 * Lets the duties of areas that share a clock run, and says of each interval what it came to, from what homes and operators
 * have in memory: for runs whose bills are kept there.
 */
export async function* runIntervals(runs: readonly AreaRun[]): AsyncGenerator<IntervalReport> {
  const [first] = runs;
  if (!first) return;
  const ledger = createIntervalLedger();
  const plans = runs.flatMap(({ roles, start, end }) => areaPlans(roles, start, end));
  for await (const report of runDuties(plans, first.roles.clock)) {
    ledger.note(report);
    if (!isLastOfInterval(report)) continue;
    const { areaId } = report.duty;
    const run = runs.find(({ roles }) => roles.areaId === areaId);
    if (run) yield await reportOf(run.roles, report.intervalId, ledger.take(report));
  }
}

type Tally = Spent & { readonly failure: unknown };

const NOTHING_YET: Tally = { gasUsed: 0n, transactions: 0, failure: null };

/** What intervals took and why they failed, as their duties go by. */
export function createIntervalLedger() {
  const tallies = new Map<string, Tally>();
  const keyOf = ({ duty, intervalId }: DutyReport) => `${duty.areaId} ${intervalId}`;
  return {
    note(report: DutyReport): void {
      const key = keyOf(report);
      const tally = tallies.get(key) ?? NOTHING_YET;
      if ("error" in report) tallies.set(key, { ...tally, failure: report.error });
      else if (report.done.status !== "nothingToDo" && report.done.spent) {
        const { gasUsed, transactions } = report.done.spent;
        const isMended = report.duty.name === "clear" || report.duty.name === "settle";
        const failure = isMended ? null : tally.failure;
        tallies.set(key, {
          gasUsed: tally.gasUsed + gasUsed,
          transactions: tally.transactions + transactions,
          failure,
        });
      }
    },
    /** What came together until now of the interval that a report is of. */
    take(report: DutyReport): Tally {
      const tally = tallies.get(keyOf(report)) ?? NOTHING_YET;
      tallies.delete(keyOf(report));
      return tally;
    },
  };
}

async function reportOf(
  { areaId, homes, record, gateway }: AreaRoles,
  intervalId: IntervalId,
  { failure, ...spent }: Tally,
): Promise<IntervalReport> {
  const market = await record.marketOf(intervalId);
  const readings = homes?.readingsOf(intervalId) ?? [];
  if (!isPaid(market.stage) || market.terms === null) {
    const cause = failure ?? new Error(failureOf(market));
    return { status: "failed", areaId, intervalId, readings, cause };
  }
  const { clearedWh, welfareMicro, localPriceMicroPerKwh, trades, terms, isSupplied } = market;
  const positions = new Map(market.positions.map((position) => [position.member, position]));
  const prices = settlementPrices(terms, {
    localPriceMicroPerKwh: BigInt(localPriceMicroPerKwh),
    isSupplied,
  });
  const settlements = settleEach(positions, await publishedBy(gateway, intervalId, positions), prices);
  const price = clearedWh > 0n ? BigInt(localPriceMicroPerKwh) : null;
  const sums = { clearedWh, welfareMicro, localPriceMicroPerKwh: price };
  const outcome = { intervalId, readings, positions, settlements, ...sums };
  return {
    status: "settled",
    areaId,
    intervalId,
    settled: { outcome, localPriceMicroPerKwh, trades, ...spent },
  };
}

/** What settled positions were held against; nobody's, where nobody had one. */
async function publishedBy(
  gateway: AreaRoles["gateway"],
  intervalId: IntervalId,
  positions: ReadonlyMap<number, MemberPosition>,
): Promise<readonly SignedReading[]> {
  if (positions.size === 0) return [];
  return (await gateway.publishedOf(intervalId, new Set(positions.keys())))?.readings ?? [];
}

/** The settlements that were paid; a member whose reading was not published in time counts as zero. */
function settleEach(
  positions: ReadonlyMap<number, MemberPosition>,
  readings: readonly SignedReading[],
  prices: SettlementPrices,
): ReadonlyMap<number, MemberSettlement> {
  const metered = new Map(readings.map((reading) => [reading.member, reading]));
  return new Map(
    [...positions].map(([member, position]) => {
      const { importWh = 0, exportWh = 0 } = metered.get(member) ?? {};
      const energy = { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
      return [member, settlePosition(position, energy, prices)];
    }),
  );
}

/** Why an interval has no market, where nothing failed in this process. */
export function failureOf({ stage }: Pick<RecordedMarket, "stage">): string {
  if (stage === "collecting") return "nobody cleared it before its delivery began";
  if (stage === "returned" || stage === "returning")
    return "no readings came: what it reserved was given back";
  return isComplete(stage) ? "it could not be settled" : "its clearing was interrupted";
}
