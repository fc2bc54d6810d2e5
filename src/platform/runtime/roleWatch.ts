import type { DutyReport, Role } from "./duty.ts";

/** The roles that work in a community's process. */
const ROLE_NAMES = ["market operator", "meter gateway", "order desk"] as const;
type RoleName = (typeof ROLE_NAMES)[number];

const ROLE_OF: Partial<Record<Role, RoleName>> = {
  operator: "market operator",
  meterGateway: "meter gateway",
};

/** Whether a role does its work; `detail` says which was the last. */
type RoleCheck = { readonly name: string; readonly isReady: boolean; readonly detail: string };

/** Knows when each role worked last, and how fast intervals are settled. */
export type RoleWatch = {
  /** Notes a piece of work, in words that follow "last". */
  worked(role: RoleName, work: string): void;
  /** Notes what came of a duty, if it is one of these roles'. */
  noted(report: DutyReport): void;
  /** Notes that an interval was settled. */
  settled(): void;
  checks(): readonly RoleCheck[];
  /** Intervals settled an hour of the world's clock, over its last hour; null before there are two. */
  processedPerHour(): number | null;
};

/** A role is down when it has not worked for so many intervals by the market's clock. */
const MAX_IDLE_INTERVALS = 3;
/** A market faster than the world's clock may stand still this long, seconds of the world, before that counts. */
const MIN_STANDSTILL_SECONDS = 60;
const HOUR_SECONDS = 3_600;
/** Settlements remembered; with more an hour the speed is measured over less than an hour. */
const MAX_SETTLEMENTS = 4_096;

/**
 * Watches the roles from `beginsAt` of the market's clock on. That clock is driven by the very roles, so a role is down as
 * well when nothing came of it for as long of the world's clock: the length of those intervals at `speed`, seconds of the
 * market for each second of the world. Both clocks give unix seconds; `area` names whose roles they are, where there are
 * several.
 */
export function createRoleWatch({
  now,
  worldNow,
  intervalSeconds,
  speed,
  beginsAt,
  area = null,
}: {
  now: () => number;
  worldNow: () => number;
  intervalSeconds: number;
  speed: number;
  beginsAt: number;
  area?: string | null;
}): RoleWatch {
  const began = { at: beginsAt, worldAt: worldNow() };
  const last = new Map<RoleName, { work: string; at: number; worldAt: number }>();
  const settledAt: number[] = [];
  const maxIdleSeconds = MAX_IDLE_INTERVALS * intervalSeconds;
  const maxStandstillSeconds = Math.max(MIN_STANDSTILL_SECONDS, maxIdleSeconds / speed);
  const forgetOld = () => {
    const from = worldNow() - HOUR_SECONDS;
    while (settledAt[0] !== undefined && (settledAt[0] < from || settledAt.length > MAX_SETTLEMENTS))
      settledAt.shift();
  };
  const worked = (role: RoleName, work: string) =>
    void last.set(role, { work, at: now(), worldAt: worldNow() });
  return {
    worked,
    noted(report) {
      const role = ROLE_OF[report.duty.role];
      if (role && "done" in report && report.done.status === "done") worked(role, report.done.work);
    },
    settled() {
      settledAt.push(worldNow());
      forgetOld();
    },
    checks: () =>
      ROLE_NAMES.map((name) => {
        const work = last.get(name);
        const { at, worldAt } = work ?? began;
        const idleSeconds = Math.max(0, now() - at);
        const isReady = idleSeconds <= maxIdleSeconds && worldNow() - worldAt <= maxStandstillSeconds;
        const detail = work
          ? `last ${work.work}, ${idleSeconds} s ago by the market's clock`
          : `no work since the start, ${idleSeconds} s ago by the market's clock`;
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
