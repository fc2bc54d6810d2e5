import type { CommunityRoles } from "#community/communityRun.ts";

/** The roles that work in a community's process. */
const ROLE_NAMES = ["market operator", "meter gateway", "order desk"] as const;
type RoleName = (typeof ROLE_NAMES)[number];

/** Whether a role does its work; `detail` says which was the last. */
type RoleCheck = { readonly name: RoleName; readonly isReady: boolean; readonly detail: string };

/** Knows when each role worked last, and how fast intervals are settled. */
export type RoleWatch = {
  /** Notes a piece of work, in words that follow "last". */
  worked(role: RoleName, work: string): void;
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
 * market for each second of the world. Both clocks give unix seconds.
 */
export function createRoleWatch({
  now,
  worldNow,
  intervalSeconds,
  speed,
  beginsAt,
}: {
  now: () => number;
  worldNow: () => number;
  intervalSeconds: number;
  speed: number;
  beginsAt: number;
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
  return {
    worked: (role, work) => void last.set(role, { work, at: now(), worldAt: worldNow() }),
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
        return { name, isReady, detail };
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

/** The same roles; what they do is noted by `watch`. */
export function watchRoles<Roles extends CommunityRoles>(roles: Roles, watch: RoleWatch): Roles {
  const { operator, gateway, desk } = roles;
  const noting = async <T>(role: RoleName, words: string, work: Promise<T>): Promise<T> => {
    const done = await work;
    watch.worked(role, words);
    return done;
  };
  const clear: typeof operator.clear = (intervalId, book) =>
    noting("market operator", `cleared interval ${intervalId}`, operator.clear(intervalId, book));
  const publish: typeof gateway.publish = (intervalId, positioned) =>
    noting(
      "meter gateway",
      `published the readings of interval ${intervalId}`,
      gateway.publish(intervalId, positioned),
    );
  const submit: typeof desk.submit = async (order) => {
    const answer = await desk.submit(order);
    if (answer.status === "accepted")
      watch.worked("order desk", `took an order for interval ${order.intervalId}`);
    return answer;
  };
  return {
    ...roles,
    operator: { ...operator, clear },
    gateway: { ...gateway, publish },
    desk: { ...desk, submit },
  };
}
