import type { ReadingsUnderRoot } from "#domains/metering/meterGateway.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import type { Done, Duty, Spent } from "#platform/runtime/duty.ts";
import type { MarketOperator } from "./marketOperator.ts";
import type { OrderDesk } from "./orderDesk.ts";
import type { PoolRecord } from "./poolRecord.ts";
import { type AreaTerms, gateClosesAt } from "./rules/area.ts";

/** What the operator of an area works with. */
export type PoolRoles = {
  readonly areaId: number;
  readonly terms: AreaTerms;
  readonly now: () => number;
  readonly desk: Pick<OrderDesk, "takeBook">;
  readonly standingOrders: OrderBookSource;
  readonly operator: Pick<MarketOperator, "clear" | "goOn" | "settle" | "giveBack">;
  readonly record: PoolRecord;
  /** Published readings of an interval whose segments are parted by `opened` accounts; null while there are none. */
  readonly publishedOf: (
    intervalId: IntervalId,
    opened: ReadonlySet<number>,
  ) => Promise<Pick<ReadingsUnderRoot, "tree" | "context"> | null>;
};

type OrderBookSource = (intervalId: IntervalId) => ReturnType<OrderDesk["takeBook"]>;

/** What the operator owes: to clear at the gate; after delivery to give back what stopped half-way, and to settle. */
export function poolDuties(roles: PoolRoles): Record<"clear" | "giveBack" | "settle", Duty> {
  const { areaId, terms } = roles;
  const { intervalSeconds } = terms;
  const common = { role: "operator", areaId } as const;
  const isOver = (intervalId: IntervalId) => endsAt(intervalId, intervalSeconds);
  const nextEnds = (intervalId: IntervalId) => isOver(intervalId + 1);
  return {
    clear: {
      ...common,
      name: "clear",
      dueAt: (intervalId) => gateClosesAt(intervalId, terms),
      // No clearing is taken once delivery is over.
      triesUntil: isOver,
      run: (intervalId) => clear(roles, intervalId),
    },
    giveBack: {
      ...common,
      name: "giveBack",
      dueAt: isOver,
      triesUntil: nextEnds,
      run: (intervalId) => giveBack(roles, intervalId),
    },
    settle: {
      ...common,
      name: "settle",
      dueAt: isOver,
      triesUntil: nextEnds,
      run: (intervalId) => settle(roles, intervalId),
    },
  };
}

/** Clears the book, or goes on with a clearing that was interrupted between its steps. */
async function clear(roles: PoolRoles, intervalId: IntervalId): Promise<Done> {
  const { record, operator, desk, standingOrders, now, terms } = roles;
  if (now() >= endsAt(intervalId, terms.intervalSeconds)) return NOTHING;
  const { stage } = await record.marketOf(intervalId);
  if (stage !== "collecting" && stage !== "clearing") return NOTHING;
  const atDesk = desk.takeBook(intervalId);
  // What a run that failed took from the desk stands in the archive, without what the chain refused.
  const book = atDesk.length > 0 ? atDesk : standingOrders(intervalId);
  const { plan, ...spent } =
    stage === "clearing" ? await operator.goOn(intervalId) : await operator.clear(intervalId, book);
  record.remember(intervalId, plan);
  return done(`cleared interval ${intervalId}`, spent);
}

async function giveBack({ operator, record }: PoolRoles, intervalId: IntervalId): Promise<Done> {
  const { stage } = await record.marketOf(intervalId);
  if (stage !== "clearing" && stage !== "voiding") return NOTHING;
  const spent = await operator.giveBack(intervalId);
  return done(`gave back what the clearing of interval ${intervalId} reserved`, spent);
}

async function settle(
  { operator, record, publishedOf, now, terms }: PoolRoles,
  intervalId: IntervalId,
): Promise<Done> {
  const { stage, steps } = await record.marketOf(intervalId);
  if (stage !== "cleared" && stage !== "settling") return NOTHING;
  const published = await publishedOf(intervalId, new Set(steps.flat().map(({ account }) => account)));
  if (published === null) {
    const againAt = now() + Math.ceil(terms.intervalSeconds / READING_LOOKS);
    return { status: "waiting", for: `readings of interval ${intervalId}`, againAt };
  }
  const spent = await operator.settle(intervalId, { positions: steps, published });
  return done(`settled interval ${intervalId}`, spent);
}

/** Looks for readings in the length of an interval. */
const READING_LOOKS = 15;
const NOTHING: Done = { status: "nothingToDo" };

function done(work: string, { gasUsed, transactions }: Spent): Done {
  return { status: "done", work, spent: { gasUsed, transactions } };
}
