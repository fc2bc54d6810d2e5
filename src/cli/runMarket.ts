import {
  dutyChainOf,
  type OpenMarket,
  openMarket,
  openRecords,
  type Records,
} from "#community/openMarket.ts";
import { openPage } from "#community/openPage.ts";
import { firstOf, type RunningCommunities } from "#community/runningCommunities.ts";
import { present } from "#kernel/units/assert.ts";
import { runDuties } from "#platform/runtime/duty.ts";
import type { LiveReport } from "./liveReport.ts";

/** Communities that are reported to a person as they run. */
type ReportedCommunities = RunningCommunities & { readonly report: LiveReport };

/** Opens the database and the API over a running chain, and lets what is owed be done until `signal`. */
export async function runMarket(community: ReportedCommunities): Promise<void> {
  const records = await openRecords(community);
  const market = await openMarket(community, records);
  const address = await openPage(community, { ...records, ...market });
  community.report.open({ address, rpcUrl: firstOf(community.nodes).chain.rpcUrl, areas: market.areas });
  await runFrom(community, { ...records, ...market });
}

/** Lets what is owed be done. What is cleared by the last reported interval is settled by the next start. */
export async function runFrom(
  community: ReportedCommunities,
  { areas, clock, duties, ...records }: Pick<OpenMarket, "areas" | "clock" | "duties"> & Records,
): Promise<void> {
  const { nodes, options, report } = community;
  const beganAt = clock.now();
  let reported = 0;
  for await (const done of runDuties(
    areas.flatMap(({ plans }) => plans),
    clock,
    dutyChainOf(community, records),
  )) {
    const area = present(
      areas.find(({ areaId }) => areaId === done.duty.areaId),
      "the area of a duty",
    );
    area.watch.noted(done);
    duties.noted(done);
    const ended = await area.ended(done, beganAt);
    if (ended === null) continue;
    if (ended.isSettled) area.watch.settled();
    await firstOf(nodes).chain.checkpoint();
    if (ended.news === null) continue;
    report.news(area.scenario, ended.news);
    reported += 1;
    if (reported === options.intervals) break;
  }
}
