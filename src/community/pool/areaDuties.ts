import { meteringDuties } from "#domains/metering/duties.ts";
import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import { poolDuties } from "#domains/pool/duties.ts";
import type { MarketOperator } from "#domains/pool/marketOperator.ts";
import type { OpenOrder, OrderDesk } from "#domains/pool/orderDesk.ts";
import type { PoolRecord } from "#domains/pool/poolRecord.ts";
import type { TermsSchedule } from "#domains/pool/termsSchedule.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { Duty, DutyPlan, DutyReport } from "#platform/runtime/duty.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { Homes } from "./homes.ts";

/** All roles of one area, in this process. */
export type AreaRoles = {
  readonly areaId: number;
  readonly scenario: Scenario;
  /** Seconds: how long an interval is, and how long a reading is waited for after it. */
  readonly area: { readonly intervalSeconds: number; readonly waitingSeconds: number };
  readonly terms: TermsSchedule;
  readonly clock: MarketClock;
  /** Simulated ones; null where members have meters and agents of their own. */
  readonly homes: Homes | null;
  readonly desk: OrderDesk;
  readonly operator: MarketOperator;
  readonly gateway: MeterGateway;
  readonly record: PoolRecord;
  readonly standingOrders: (intervalId: IntervalId) => readonly OpenOrder[];
};

/** From which interval on an area goes on, and which before it have something left to be published or paid. */
export type AreaStart = { readonly nextIntervalId: IntervalId; readonly unfinished: readonly IntervalId[] };

/**
 * What is owed in an area, in the order of a second: homes deliver, what stopped half-way is given back, readings are
 * published, the interval is settled; homes order, the book is cleared.
 */
export function areaPlans(
  roles: AreaRoles,
  { nextIntervalId: from, unfinished }: AreaStart,
  end?: IntervalId,
): DutyPlan[] {
  const { giveBack, publish, settle, clear, renewDirectories } = areaDuties(roles);
  const { deliver, quote } = roles.homes?.duties ?? { deliver: null, quote: null };
  const late = unfinished.flatMap((intervalId) =>
    [giveBack, publish, settle].map((duty) => ({ duty, from: intervalId, end: intervalId + 1 })),
  );
  const bound = end === undefined ? {} : { end };
  const order = [deliver, giveBack, publish, settle, quote, clear, renewDirectories].filter(
    (duty) => duty !== null,
  );
  return [...late, ...order.map((duty) => ({ duty, from, ...bound }))];
}

function areaDuties(roles: AreaRoles) {
  const { areaId, area, clock, gateway, record } = roles;
  const now = () => clock.now();
  return {
    ...meteringDuties({
      areaId,
      intervalSeconds: area.intervalSeconds,
      now,
      gateway,
      opens: async (intervalId) => new Set((await record.positionsOf(intervalId)).keys()),
    }),
    ...poolDuties({ ...roles, now, publishedOf: gateway.publishedOf }),
  } satisfies Record<string, Duty>;
}

/** Whether nothing is to come of an interval after this: its settlement is the last that is owed. */
export function isLastOfInterval({ duty, isTriedAgain }: DutyReport): boolean {
  return duty.name === "settle" && !isTriedAgain;
}
