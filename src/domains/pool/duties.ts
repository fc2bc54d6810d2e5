import type { ReadingsUnderRoot } from "#domains/metering/meterGateway.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { endsAt, type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { Done, Duty, Spent } from "#platform/runtime/duty.ts";
import type { HeldClearing, MarketOperator } from "./marketOperator.ts";
import type { OrderDesk } from "./orderDesk.ts";
import type { PoolRecord } from "./poolRecord.ts";
import { gateClosesAt } from "./rules/area.ts";
import type { MemberPosition } from "./rules/positionWord.ts";
import { LAST_RESORT_SECONDS, waitedUntil } from "./rules/settlementTiming.ts";
import type { TermsSchedule } from "./termsSchedule.ts";

type PublishedReadings = Pick<ReadingsUnderRoot, "tree" | "context" | "readings">;

/** What the operator of an area works with. */
export type PoolRoles = {
  readonly areaId: number;
  /** Of the area, seconds; how long a reading is waited for after its interval. */
  readonly area: { readonly intervalSeconds: number; readonly waitingSeconds: number };
  readonly terms: TermsSchedule;
  readonly now: () => number;
  readonly desk: Pick<OrderDesk, "takeBook">;
  readonly standingOrders: OrderBookSource;
  readonly operator: Omit<MarketOperator, "planOf">;
  readonly record: PoolRecord;
  /** Published readings of an interval, those of `positioned` members first; null while there are none. */
  readonly publishedOf: (
    intervalId: IntervalId,
    positioned: ReadonlySet<number>,
  ) => Promise<PublishedReadings | null>;
};

type OrderBookSource = (intervalId: IntervalId) => ReturnType<OrderDesk["takeBook"]>;

const DAY_SECONDS = 86_400;
/** After the last resort, when money comes out whatever is published, it is tried for a day. */
const LAST_TRIES_SECONDS = DAY_SECONDS;

/**
 * What the operator owes: to clear at the gate, before delivery begins; then to give back what stopped half-way; and after
 * delivery to settle. The last two are tried until they are done, however many intervals begin meanwhile. Once a day it has
 * published what changed of its members.
 */
export function poolDuties(
  roles: PoolRoles,
): Record<"clear" | "giveBack" | "settle" | "renewDirectories", Duty> {
  const { areaId, area, terms } = roles;
  const common = { role: "operator", areaId } as const;
  const begins = (intervalId: IntervalId) => startsAt(intervalId, area.intervalSeconds);
  const isHopeless = (intervalId: IntervalId) =>
    waitedUntil(intervalId, area) + LAST_RESORT_SECONDS + LAST_TRIES_SECONDS;
  return {
    clear: {
      ...common,
      name: "clear",
      standsOn: "newest",
      dueAt: (intervalId) => gateClosesAt(intervalId, terms.of(intervalId)),
      triesUntil: begins,
      run: (intervalId) => clear(roles, intervalId),
    },
    giveBack: {
      ...common,
      name: "giveBack",
      dueAt: begins,
      triesUntil: isHopeless,
      run: (intervalId) => giveBack(roles, intervalId),
    },
    settle: {
      ...common,
      name: "settle",
      dueAt: (intervalId) => endsAt(intervalId, area.intervalSeconds),
      triesUntil: isHopeless,
      run: (intervalId) => settle(roles, intervalId),
    },
    renewDirectories: {
      ...common,
      name: "renewDirectories",
      standsOn: "newest",
      dueAt: begins,
      triesUntil: (intervalId) => begins(intervalId + 1),
      run: (intervalId) => renewDirectories(roles, intervalId),
    },
  };
}

/** Clears the book, or goes on with a clearing that was interrupted between its steps. */
async function clear(roles: PoolRoles, intervalId: IntervalId): Promise<Done> {
  const { record, operator, now, area, terms } = roles;
  await terms.refresh();
  if (now() >= startsAt(intervalId, area.intervalSeconds)) return NOTHING;
  const { stage } = await record.marketOf(intervalId);
  if (stage !== "collecting" && stage !== "clearing") return NOTHING;
  const { plan, isSupplied, ...spent } =
    stage === "clearing"
      ? await operator.goOn(intervalId)
      : await operator.clear(intervalId, bookOf(roles, intervalId));
  record.remember(intervalId, plan);
  const isAlone = !isSupplied && plan.clearing.clearedQuantity > 0;
  return done(`cleared interval ${intervalId}${isAlone ? " without a supplier" : ""}`, spent);
}

/** What a run that failed took from the desk stands in the archive, without what the chain refused. */
function bookOf({ desk, standingOrders }: PoolRoles, intervalId: IntervalId) {
  const atDesk = desk.takeBook(intervalId);
  return atDesk.length > 0 ? atDesk : standingOrders(intervalId);
}

async function giveBack({ operator, record }: PoolRoles, intervalId: IntervalId): Promise<Done> {
  const { stage, attempt } = await record.marketOf(intervalId);
  if (stage !== "clearing" && attempt === 0) return NOTHING;
  const spent = await operator.giveBack(intervalId);
  if (spent.transactions === 0) return NOTHING;
  return done(`gave back what the clearing of interval ${intervalId} reserved`, spent);
}

/**
 * Settles an interval: the pages of which every position has its reading at once, the others when the waiting time is over.
 * Where nothing is published by then, all is given back.
 */
async function settle(roles: PoolRoles, intervalId: IntervalId): Promise<Done> {
  const { operator, record, now, area } = roles;
  const { stage, attempt, positions, terms } = await record.marketOf(intervalId);
  const isHeld = stage === "cleared" || stage === "settling" || stage === "returning";
  if (!isHeld || terms === null) return NOTHING;
  const clearing: HeldClearing = { intervalId, attempt, stage, positions, pricing: terms.pricing };
  const isWaitedFor = now() < waitedUntil(intervalId, area);
  const published = stage === "returning" ? null : await publishedOf(roles, clearing);
  if (published === null) {
    if (isWaitedFor && stage !== "returning") return waitFor(roles, intervalId, LOOKS_FOR_ANY);
    const spent = await operator.returnUnread(clearing);
    return done(`gave back what interval ${intervalId} reserved, as no readings came`, spent);
  }
  const ready = isWaitedFor ? onWholePages(positions, published) : positions;
  const spent = await pay(roles, { ...clearing, positions: ready, published });
  if (ready.length < positions.length) return { ...waitFor(roles, intervalId, LOOKS_FOR_MISSING), spent };
  return done(`settled interval ${intervalId}`, spent);
}

/** With the first interval of a day (UTC). */
async function renewDirectories({ operator, area }: PoolRoles, intervalId: IntervalId): Promise<Done> {
  if (startsAt(intervalId, area.intervalSeconds) % DAY_SECONDS >= area.intervalSeconds) return NOTHING;
  const spent = await operator.renewDirectories();
  return spent.transactions === 0 ? NOTHING : done("published who signs for changed members", spent);
}

/** Null where nothing is published, or nothing that was can be opened any more. */
async function publishedOf({ publishedOf: readPublished, now, area }: PoolRoles, clearing: HeldClearing) {
  const { intervalId, positions } = clearing;
  const positioned = new Set(positions.map(({ member }) => member));
  try {
    return await readPublished(intervalId, positioned);
  } catch (error) {
    const isLastResort = now() >= waitedUntil(intervalId, area) + LAST_RESORT_SECONDS;
    if (!isLastResort || clearing.stage !== "cleared") throw error;
    return null;
  }
}

/** The positions on pages where each has a reading. */
function onWholePages(positions: readonly MemberPosition[], { readings }: PublishedReadings) {
  const metered = new Set(readings.map(({ member }) => member));
  const lacking = positions.filter(({ member }) => !metered.has(member)).map(({ member }) => pageOf(member));
  const lackingPages = new Set(lacking);
  return positions.filter(({ member }) => !lackingPages.has(pageOf(member)));
}

/** Settles, and clears in the same transaction the book whose gate closes in this very second. */
async function pay(roles: PoolRoles, clearing: Parameters<MarketOperator["settle"]>[0]): Promise<Spent> {
  const { operator, record } = roles;
  const next = clearing.positions.length > 0 ? gateThatCloses(roles) : null;
  if (next === null || (await record.marketOf(next)).stage !== "collecting") return operator.settle(clearing);
  const book = bookOf(roles, next);
  if (book.length === 0) return operator.settle(clearing);
  const { plan, ...spent } = await operator.settleAndClear(clearing, { intervalId: next, book });
  if (plan !== null) record.remember(next, plan);
  return spent;
}

/** The interval whose gate closes now; null when none does. */
function gateThatCloses({ now, terms, area }: PoolRoles): IntervalId | null {
  const current = intervalAt(now(), area.intervalSeconds);
  const { gateClosureSeconds } = terms.of(current);
  const next = intervalAt(now() + gateClosureSeconds, area.intervalSeconds);
  return gateClosesAt(next, terms.of(next)) === now() ? next : null;
}

/** Looks in the length of an interval: for any reading, and for those that are missing among others. */
const LOOKS_FOR_ANY = 15;
const LOOKS_FOR_MISSING = 1;
const NOTHING: Done = { status: "nothingToDo" };

function waitFor({ now, area }: PoolRoles, intervalId: IntervalId, looks: number) {
  const nextLook = now() + Math.ceil(area.intervalSeconds / looks);
  const againAt = Math.max(now() + 1, Math.min(nextLook, waitedUntil(intervalId, area)));
  return { status: "waiting" as const, for: `readings of interval ${intervalId}`, againAt };
}

function done(work: string, { gasUsed, transactions }: Spent): Done {
  return { status: "done", work, spent: { gasUsed, transactions } };
}
