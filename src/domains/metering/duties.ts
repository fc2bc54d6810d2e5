import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import type { Done, Duty } from "#platform/runtime/duty.ts";
import type { MeterGateway } from "./meterGateway.ts";

/** What the gateway of an area works with. */
export type MeteringRoles = {
  readonly areaId: number;
  readonly intervalSeconds: number;
  readonly now: () => number;
  readonly gateway: Pick<MeterGateway, "missingOf" | "publish">;
  /** Members whose readings settlements of the interval open: they stand in the first list. */
  readonly opens: (intervalId: IntervalId) => Promise<ReadonlySet<number>>;
};

/** A gateway that had no reading, or no chain, for a day is looked after by somebody; its next start tries again. */
const WAITING_SECONDS = 86_400;

/** A root is published once: for readings that come late it waits for the length of an interval, looking this often. */
const LATE_LOOKS = 15;

/**
 * What the gateway owes: to publish the readings of an interval when it is over and all are there, or an interval later
 * those that are.
 */
export function meteringDuties(roles: MeteringRoles): Record<"publish", Duty> {
  const { areaId, intervalSeconds } = roles;
  return {
    publish: {
      name: "publish",
      role: "meterGateway",
      areaId,
      dueAt: (intervalId) => endsAt(intervalId, intervalSeconds),
      triesUntil: (intervalId) => endsAt(intervalId, intervalSeconds) + WAITING_SECONDS,
      run: (intervalId) => publish(roles, intervalId),
    },
  };
}

async function publish(
  { gateway, opens, now, intervalSeconds }: MeteringRoles,
  intervalId: IntervalId,
): Promise<Done> {
  const isPatient = now() < endsAt(intervalId + 1, intervalSeconds);
  const missing = isPatient ? await gateway.missingOf(intervalId) : [];
  if (missing.length > 0) {
    const againAt = now() + Math.ceil(intervalSeconds / LATE_LOOKS);
    return { status: "waiting", for: `${missing.length} of the readings`, againAt };
  }
  const published = await gateway.publish(intervalId, await opens(intervalId));
  if (published === null)
    return { status: "waiting", for: "a first reading", againAt: now() + intervalSeconds };
  const { gasUsed, transactions } = published;
  if (transactions === 0) return { status: "nothingToDo" };
  const work = `published the readings of interval ${intervalId}`;
  return { status: "done", work, spent: { gasUsed, transactions } };
}
