import { runIntervals } from "#community/communityRun.ts";
import {
  type OpenMarket,
  openMarket,
  openRecords,
  type Records,
  type RunningCommunity,
} from "#community/openMarket.ts";
import { openPage } from "#community/openPage.ts";
import { incidentReports } from "#platform/runtime/incidents.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/** Opens the database and the API over a running chain, and lets the intervals run until `signal`. */
export async function runMarket(community: RunningCommunity): Promise<void> {
  const records = await openRecords(community);
  const market = await openMarket(community, records);
  const { nextIntervalId, bills } = market;
  const address = await openPage(community, { ...records, ...market });
  community.report.open({ address, rpcUrl: community.node.chain.rpcUrl, nextIntervalId, bills });
  await runFrom(community, { ...records, ...market });
}

async function runFrom(
  { node, scenario, options, report }: RunningCommunity,
  { roles, watch, bills, nextIntervalId, unfinished, indexer }: OpenMarket & Records,
): Promise<void> {
  const { onFailedInterval } = incidentReports(roles.incidents);
  let reported = 0;
  for await (const done of runIntervals(roles, idsFrom(nextIntervalId, scenario), unfinished)) {
    if (done.status === "settled") {
      bills.record(done.settled.outcome);
      watch.settled();
    } else {
      bills.recordFailed(done);
      onFailedInterval(done.intervalId, done.cause);
    }
    await node.chain.checkpoint();
    await indexer.poke();
    report.interval(done, bills);
    reported += 1;
    // What is cleared by now is settled by the next start.
    if (reported === options.intervals) break;
  }
}

/** Intervals until the recordings end; synthetic ones go on for ever. */
function* idsFrom(first: number, scenario: Scenario) {
  const end = scenario.firstIntervalId + scenario.series.intervals;
  for (let intervalId = first; intervalId < end; intervalId += 1) yield intervalId;
}
