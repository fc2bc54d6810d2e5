import type { IntervalId } from "#kernel/units/interval.ts";
import { WaitingStoppedError } from "#platform/chain/patience.ts";
import { faultIn } from "#platform/chain/rpcFault.ts";
import { ClockStoppedError, type MarketClock } from "./marketClock.ts";

/** Who does work in a process. Each role has a key of its own; `world` is what simulated homes do by themselves. */
export type Role = "operator" | "meterGateway" | "gridOperator" | "supplier" | "participant" | "world";

/** What transactions took. */
export type Spent = { readonly gasUsed: bigint; readonly transactions: number };

/** What came of a duty. `againAt` is the market's time, unix seconds, at which it is looked at again. */
export type Done =
  | { readonly status: "done"; readonly work: string; readonly spent?: Spent }
  | { readonly status: "nothingToDo" }
  | { readonly status: "waiting"; readonly for: string; readonly againAt: number; readonly spent?: Spent };

/**
 * One thing that a role owes for each interval of an area. `run` looks at the chain first and does what is missing, so
 * that a second call, a restart and another process that was quicker are all the same to it.
 *
 * @property dueAt unix seconds of the market's clock; never falls from one interval to the next
 * @property triesUntil second from which a run that failed, or that waits, is not tried again
 * @property standsOn what it may go by: left out, only what is final of its interval, as who pays or publishes must; `newest`,
 *   the newest blocks too, for what has a deadline and can be undone
 */
export type Duty = {
  readonly name: string;
  readonly role: Role;
  readonly areaId: number;
  readonly dueAt: (intervalId: IntervalId) => number;
  readonly triesUntil: (intervalId: IntervalId) => number;
  readonly standsOn?: "newest";
  readonly run: (intervalId: IntervalId) => Promise<Done>;
};

/** A duty from its first interval that is not done on, up to `end`, which is not its any more; without it, for ever. */
export type DutyPlan = { readonly duty: Duty; readonly from: IntervalId; readonly end?: IntervalId };

/** A run of a duty: what came of it, or why it failed; and whether it is tried again. */
export type DutyReport = {
  readonly duty: Duty;
  readonly intervalId: IntervalId;
  readonly at: number;
  readonly isTriedAgain: boolean;
} & ({ readonly done: Done } | { readonly error: unknown });

/**
 * Pause of the market's clock before a run that failed is tried again, seconds: a node that restarts is back by then. What
 * fails for an hour waits for somebody to look at it.
 */
const RETRY_SECONDS = 60;
const HOUR_SECONDS = 3_600;
/** Pause before it is asked again whether an interval is final, seconds. */
const FINALITY_SECONDS = 5;

/** A run that is to come; `failingSince` is the second of the first one in a row that failed. */
type Turn = {
  readonly plan: number;
  readonly intervalId: IntervalId;
  readonly at: number;
  readonly failingSince: number | null;
};

/** An interval of an area. */
type Place = { readonly areaId: number; readonly intervalId: IntervalId };

/**
 * What duties ask of the chain.
 *
 * @property awaitAnswer returns once the chain answers; throws a WaitingStoppedError when nobody waits any longer
 * @property isFinal whether all that the chain tells of an interval is final
 * @property takeReplaced intervals of blocks that were replaced since it was asked last: what was done for them is looked at again
 */
export type DutyChain = {
  readonly awaitAnswer: () => Promise<void>;
  readonly isFinal: (place: Place) => Promise<boolean>;
  readonly takeReplaced: () => readonly Place[];
};

/**
 * Runs duties in the order of time, of one second in the order of the list; the only loop that advances the market's
 * clock. While the chain does not answer all are held, and none counts as failed. Ends when every plan has come to its end.
 */
export async function* runDuties(
  plans: readonly DutyPlan[],
  clock: MarketClock,
  chain: DutyChain | null = null,
): AsyncGenerator<DutyReport, void, undefined> {
  const next = plans.map(({ from }) => from);
  const waiting: Turn[] = [];
  for (;;) {
    for (const place of chain?.takeReplaced() ?? [])
      for (const turn of turnsAgain(plans, next, place))
        if (!waiting.some(isSameTurn(turn))) waiting.push(turn);
    const turn = earliest([...waiting, ...nextTurns(plans, next)]);
    if (turn === null) return;
    const { duty } = plans[turn.plan] as DutyPlan;
    const held = waiting.indexOf(turn);
    if (held >= 0) waiting.splice(held, 1);
    else next[turn.plan] = turn.intervalId + 1;
    await clock.advanceTo(turn.at);
    const { report, next: again } = await runOnce(duty, turn, { clock, chain });
    if (again !== null) waiting.push({ ...again, at: Math.max(again.at, clock.now() + 1) });
    yield report;
  }
}

function nextTurns(plans: readonly DutyPlan[], next: readonly IntervalId[]): Turn[] {
  const turns: Turn[] = [];
  for (const [plan, { duty, from, end }] of plans.entries()) {
    const intervalId = next[plan] ?? from;
    if (end === undefined || intervalId < end)
      turns.push({ plan, intervalId, at: duty.dueAt(intervalId), failingSince: null });
  }
  return turns;
}

/** What was done for an interval before its blocks were replaced: a duty looks at the chain first, and does what is missing. */
function turnsAgain(
  plans: readonly DutyPlan[],
  next: readonly IntervalId[],
  { areaId, intervalId }: Place,
): Turn[] {
  return [...plans.entries()].flatMap(([plan, { duty, from }]) => {
    const wasRun = duty.areaId === areaId && intervalId >= from && intervalId < (next[plan] ?? from);
    return wasRun ? [{ plan, intervalId, at: duty.dueAt(intervalId), failingSince: null }] : [];
  });
}

function isSameTurn({ plan, intervalId }: Turn): (other: Turn) => boolean {
  return (other) => other.plan === plan && other.intervalId === intervalId;
}

/** The earliest turn; of one second that of the first plan, and of one plan that of the lowest interval. */
function earliest(turns: readonly Turn[]): Turn | null {
  let first: Turn | null = null;
  for (const turn of turns) if (first === null || compare(turn, first) < 0) first = turn;
  return first;
}

function compare(a: Turn, b: Turn): number {
  return a.at - b.at || a.plan - b.plan || a.intervalId - b.intervalId;
}

/** Runs a turn; gives the next one of the same duty and interval, null when it is not tried again. */
async function runOnce(
  duty: Duty,
  turn: Turn,
  { clock, chain }: { readonly clock: MarketClock; readonly chain: DutyChain | null },
): Promise<{ readonly report: DutyReport; readonly next: Turn | null }> {
  const { intervalId } = turn;
  const at = clock.now();
  const again = (next: Turn | null) => (next !== null && next.at < duty.triesUntil(intervalId) ? next : null);
  try {
    const done = await runHeld(() => runWhenFinal(duty, intervalId, { clock, chain }), chain);
    const next = again(done.status === "waiting" ? { ...turn, at: done.againAt, failingSince: null } : null);
    return { report: { duty, intervalId, at, done, isTriedAgain: next !== null }, next };
  } catch (error) {
    if (error instanceof ClockStoppedError) throw error;
    const failingSince = turn.failingSince ?? at;
    const pause = at - failingSince < HOUR_SECONDS ? RETRY_SECONDS : HOUR_SECONDS;
    const next = again({ ...turn, at: at + pause, failingSince });
    return { report: { duty, intervalId, at, error, isTriedAgain: next !== null }, next };
  }
}

async function runWhenFinal(
  { areaId, run, standsOn }: Duty,
  intervalId: IntervalId,
  { clock, chain }: { readonly clock: MarketClock; readonly chain: DutyChain | null },
): Promise<Done> {
  if (standsOn !== "newest" && chain !== null && !(await chain.isFinal({ areaId, intervalId })))
    return {
      status: "waiting",
      for: `what the chain tells of interval ${intervalId} to be final`,
      againAt: clock.now() + FINALITY_SECONDS,
    };
  return run(intervalId);
}

/** A run that meets fault after fault of a chain that answers in between is a failed one. */
const MAX_HOLDS = 16;

/** Runs again, once the chain answers, what a fault of the chain broke off: it looks at the chain first. */
async function runHeld<T>(run: () => Promise<T>, chain: DutyChain | null): Promise<T> {
  try {
    for (let holds = 0; ; holds += 1) {
      try {
        return await run();
      } catch (error) {
        if (faultIn(error) === null || chain === null || holds === MAX_HOLDS) throw error;
        await chain.awaitAnswer();
      }
    }
  } catch (error) {
    throw error instanceof WaitingStoppedError ? new ClockStoppedError() : error;
  }
}
