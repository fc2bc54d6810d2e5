import { durationText } from "#kernel/units/durations.ts";
import type { DutyReport, Role } from "./duty.ts";

/** Names of the roles of an area: of those that work by duties, and of those that work on request. */
export type WatchedRoles = {
  readonly byDuty: Partial<Record<Role, string>>;
  readonly onRequest: readonly string[];
};

/** Whether a role does its work; `detail` says which was the last. */
type RoleCheck = { readonly name: string; readonly isReady: boolean; readonly detail: string };

/** Knows when each role worked last, and how fast intervals are settled. */
export type RoleWatch = {
  /** Notes a piece of work, in words that follow "last". */
  worked(role: string, work: string): void;
  /** Notes what came of a duty, if it is one of these roles'. */
  noted(report: DutyReport): void;
  /** Notes that an interval was settled. */
  settled(): void;
  checks(): readonly RoleCheck[];
  /** Intervals settled an hour of the world's clock, over its last hour; null before there are two. */
  processedPerHour(): number | null;
};

/** A role is down when it has not worked for so many times of its usual pause by the market's clock. */
const MAX_IDLE_TIMES = 3;
/** A market faster than the world's clock may stand still this long, seconds of the world, before that counts. */
const MIN_STANDSTILL_SECONDS = 60;
const HOUR_SECONDS = 3_600;
/** Settlements remembered; with more an hour the speed is measured over less than an hour. */
const MAX_SETTLEMENTS = 4_096;

/**
 * Watches the roles from `beginsAt` of the market's clock on. That clock is driven by the very roles, so a role is down as
 * well when nothing came of it for as long of the world's clock: the length of those pauses at `speed`, seconds of the
 * market for each second of the world. Both clocks give unix seconds; each role works every `everySeconds` at least; `area` names
 * whose roles they are, where there are several.
 */
export function createRoleWatch({
  now,
  worldNow,
  roles,
  everySeconds,
  speed,
  beginsAt,
  area = null,
}: {
  now: () => number;
  worldNow: () => number;
  roles: WatchedRoles;
  everySeconds: number;
  speed: number;
  beginsAt: number;
  area?: string | null;
}): RoleWatch {
  const began = { at: beginsAt, worldAt: worldNow() };
  const names = [...Object.values(roles.byDuty), ...roles.onRequest];
  const last = new Map<string, { work: string; at: number; worldAt: number }>();
  const settledAt: number[] = [];
  const maxIdleSeconds = MAX_IDLE_TIMES * everySeconds;
  const maxStandstillSeconds = Math.max(MIN_STANDSTILL_SECONDS, maxIdleSeconds / speed);
  const forgetOld = () => {
    const from = worldNow() - HOUR_SECONDS;
    while (settledAt[0] !== undefined && (settledAt[0] < from || settledAt.length > MAX_SETTLEMENTS))
      settledAt.shift();
  };
  const worked = (role: string, work: string) =>
    void last.set(role, { work, at: now(), worldAt: worldNow() });
  return {
    worked,
    noted(report) {
      const role = roles.byDuty[report.duty.role];
      if (role && "done" in report && report.done.status === "done") worked(role, report.done.work);
    },
    settled() {
      settledAt.push(worldNow());
      forgetOld();
    },
    checks: () =>
      names.map((name) => {
        const work = last.get(name);
        const { at, worldAt } = work ?? began;
        const idleSeconds = Math.max(0, now() - at);
        const isReady = idleSeconds <= maxIdleSeconds && worldNow() - worldAt <= maxStandstillSeconds;
        const detail = work
          ? `last ${work.work}, ${durationText(idleSeconds)} ago by the market's clock`
          : `no work since the start, ${durationText(idleSeconds)} ago by the market's clock`;
        return { name: area === null ? name : `${name} of ${area}`, isReady, detail };
      }),
    processedPerHour() {
      forgetOld();
      const [first] = settledAt;
      const seconds = worldNow() - (first ?? 0);
      if (first === undefined || settledAt.length < 2 || seconds <= 0) return null;
      return ((settledAt.length - 1) * HOUR_SECONDS) / seconds;
    },
  };
}
