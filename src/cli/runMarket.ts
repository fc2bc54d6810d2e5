import { areaPlans, isLastOfInterval } from "#community/areaDuties.ts";
import { incidentReports } from "#community/incidentReports.ts";
import {
  firstOf,
  type OpenArea,
  type OpenMarket,
  openMarket,
  openRecords,
  type Records,
  type RunningCommunities,
} from "#community/openMarket.ts";
import { openPage } from "#community/openPage.ts";
import { createIntervalLedger, failureOf } from "#community/runIntervals.ts";
import { findInterval } from "#domains/pool/queries/intervals.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import { type DutyReport, runDuties } from "#platform/runtime/duty.ts";
import type { LiveInterval, LiveReport } from "./liveReport.ts";

/** Communities that are reported to a person as they run. */
type ReportedCommunities = RunningCommunities & { readonly report: LiveReport };

/** Opens the database and the API over a running chain, and lets what is owed be done until `signal`. */
export async function runMarket(community: ReportedCommunities): Promise<void> {
  const records = await openRecords(community);
  const market = await openMarket(community, records);
  const address = await openPage(community, { ...records, ...market });
  const areas = market.areas.map(({ scenario, start, settledIntervals }) => ({
    scenario,
    nextIntervalId: start.nextIntervalId,
    settledIntervals,
  }));
  community.report.open({ address, rpcUrl: firstOf(community.nodes).chain.rpcUrl, areas });
  await runFrom(community, { ...records, ...market });
}

/** What is cleared by the last reported interval is settled by the next start. */
async function runFrom(
  { nodes, options, report }: ReportedCommunities,
  market: OpenMarket & Records,
): Promise<void> {
  const { areas, clock } = market;
  const beganAt = clock.now();
  const ledger = createIntervalLedger();
  const plans = areas.flatMap(({ roles, start, scenario }) => areaPlans(roles, start, endOf(scenario)));
  let reported = 0;
  for await (const done of runDuties(plans, clock)) {
    const area = present(
      areas.find(({ areaId }) => areaId === done.duty.areaId),
      "the area of a duty",
    );
    area.watch.noted(done);
    market.duties.noted(done);
    ledger.note(done);
    if (!isLastOfInterval(done)) continue;
    const came = await finish({ area, market, report: done, failure: ledger.take(done).failure, beganAt });
    await firstOf(nodes).chain.checkpoint();
    if (came === null) continue;
    const { scenario, bills } = area;
    report.interval({ scenario, intervalId: done.intervalId, came, bills });
    reported += 1;
    if (reported === options.intervals) break;
  }
}

/**
 * What an interval came to, by the database, once nothing of it is to come; null of one that passed without a market while
 * nobody ran it.
 */
async function finish({
  area,
  market,
  report,
  failure,
  beganAt,
}: {
  area: OpenArea;
  market: OpenMarket & Records;
  report: DutyReport;
  failure: unknown;
  beganAt: number;
}): Promise<LiveInterval["came"] | null> {
  const { areaId, scenario, bills, watch } = area;
  const { intervalId } = report;
  await market.indexer.poke();
  await bills.add(intervalId);
  const interval = await findInterval(market.store.db, { areaId, intervalId });
  if (interval && isPaid(interval.stage)) {
    watch.settled();
    const { clearedWh, trades, localPriceMicroPerKwh, gasUsed } = interval;
    return {
      status: "settled",
      clearedWh,
      trades,
      gasUsed,
      localPriceMicroPerKwh: localPriceMicroPerKwh ?? 0n,
    };
  }
  const stage = interval?.stage ?? "collecting";
  const wasOver = endsAt(intervalId, scenario.intervalSeconds) <= beganAt;
  if (wasOver && stage === "collecting" && failure === null) return null;
  const cause = failure ?? new Error(failureOf({ stage }));
  incidentReports(market.incidents, areaId).onFailedInterval(intervalId, cause);
  return { status: "failed", cause };
}

/** Recordings end; synthetic series go on for ever. */
function endOf({ firstIntervalId, series }: OpenArea["scenario"]): IntervalId {
  return firstIntervalId + series.intervals;
}
