import { listHeldPeriods } from "#domains/charging/queries/openPeriods.ts";
import type { PeriodId } from "#domains/charging/rules/quotaTerms.ts";
import { firstUnpublished } from "#domains/metering/queries/publishedIntervals.ts";
import { type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { Duty, DutyPlan } from "#platform/runtime/duty.ts";
import type { Database } from "#platform/store/openStore.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { DepotRoles } from "./startDepotRoles.ts";

/** Where a depot goes on: at an interval, and which periods before it have deposits of stations. */
export type DepotStart = {
  readonly nextIntervalId: IntervalId;
  readonly nextPeriod: PeriodId;
  readonly heldPeriods: readonly PeriodId[];
};

const SECONDS_PER_DAY = 86_400;
/** A gateway looks for readings of an interval for a day; what it published before that is not asked again. */
const LOOKS_BACK_SECONDS = 2 * SECONDS_PER_DAY;
/** No vehicle stays longer, so that what happened before is nothing to a station. */
const RELIVED_SECONDS = 2 * SECONDS_PER_DAY;
/** A settlement is tried for sixteen days after its period (quotaDuties). */
const HELD_SECONDS = 18 * SECONDS_PER_DAY;

/** The first interval whose readings are not published is where the duties of a depot go on. */
export async function findDepotStart(
  db: Database,
  {
    areaId,
    scenario,
    now,
  }: { readonly areaId: number; readonly scenario: DepotScenario; readonly now: number },
): Promise<DepotStart> {
  const { firstIntervalId, intervalSeconds, terms } = scenario;
  const from = Math.max(firstIntervalId, intervalAt(now - LOOKS_BACK_SECONDS, intervalSeconds));
  const nextIntervalId = await firstUnpublished(db, { areaId, from });
  const nextPeriod = intervalAt(startsAt(nextIntervalId, intervalSeconds), terms.periodSeconds);
  const held = await listHeldPeriods(db, { areaId, since: now - HELD_SECONDS });
  return { nextIntervalId, nextPeriod, heldPeriods: held.filter((period) => period < nextPeriod) };
}

/** Brings the stations to where the depot goes on: each vehicle that may still be there gets again what it got. */
export async function reliveDepot(
  { stations }: Pick<DepotRoles, "stations">,
  { firstIntervalId, intervalSeconds }: Pick<DepotScenario, "firstIntervalId" | "intervalSeconds">,
  { nextIntervalId }: Pick<DepotStart, "nextIntervalId">,
): Promise<void> {
  const from = Math.max(firstIntervalId, nextIntervalId - Math.ceil(RELIVED_SECONDS / intervalSeconds));
  for (let intervalId = from; intervalId < nextIntervalId; intervalId += 1) await stations.relive(intervalId);
}

/**
 * What is owed in a depot, in the order of a second: stations deliver, readings are published, the period that is over is settled;
 * the margin of the next is said, and stations demand.
 */
export function depotPlans(
  { duties }: Pick<DepotRoles, "duties">,
  { nextIntervalId, nextPeriod, heldPeriods }: DepotStart,
): DutyPlan[] {
  const { deliver, publish, settle, initialize, demand, allocate, trade, clear } = duties;
  const from = (duty: Duty, first: number): DutyPlan => ({ duty, from: first });
  return [
    ...heldPeriods.map((period) => ({ duty: settle, from: period, end: period + 1 })),
    from(deliver, nextIntervalId),
    from(publish, nextIntervalId),
    ...[settle, initialize, demand, allocate, trade, clear].map((duty) => from(duty, nextPeriod)),
  ];
}
