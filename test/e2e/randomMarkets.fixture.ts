import { sql } from "drizzle-orm";
import { DOMAINS } from "#domains/domains.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
import {
  AREA_ID,
  createHistory,
  homeOrder,
  INTERVAL_SECONDS,
  WAITING_SECONDS,
} from "#platform/store/marketHistory.fixture.ts";
import { type Store, tidyStore } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";

/** A community whose markets were drawn by chance: its history as the contracts would log it, and its tariff. */
export type RandomCommunity = {
  readonly history: ReturnType<typeof createHistory>;
  readonly tariffOf: (
    areaId: number,
    intervalId: number,
  ) => { feedInMicroPerKwh: number; retailMicroPerKwh: number } | null;
  /** Seconds within which all intervals begin, and one somewhere between. */
  readonly from: number;
  readonly between: number;
  readonly to: number;
};

const FIRST_INTERVAL = 1_940_000;
/** Intervals lie apart, so that days and months end among them. */
const MOST_APART = 60;
const LATE_SECONDS = 5 * 86_400;

/** Communities after which the room of those before is given to the next. */
const TIDY_EVERY = 16;
let projected = 0;

/** The database of a community alone: what it had before is gone, by one statement instead of all tables made anew. */
export async function projectCommunity(store: Store, { history, tariffOf }: RandomCommunity): Promise<void> {
  const { readingsOf, ordersOf, events } = history;
  await emptyTables(store);
  projected += 1;
  if (projected % TIDY_EVERY === 0) await tidyStore(store);
  await project(store, events, { domains: DOMAINS, sources: { readingsOf, ordersOf, tariffOf } });
}

async function emptyTables({ db }: Store): Promise<void> {
  const { rows } = await db.execute<{ tablename: string }>(
    sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'meta'`,
  );
  const deletions = rows.map(
    ({ tablename }, i) => sql`${sql.identifier(`gone_${i}`)} AS (DELETE FROM ${sql.identifier(tablename)})`,
  );
  await db.execute(sql`WITH ${sql.join(deletions, sql`, `)} SELECT 1`);
}

type Market = { readonly at: number; readonly happen: () => void };

/**
 * Some homes, of which some belong to one owner, and so many intervals: bids and offers of any size and price, meters that
 * keep to them or do not, readings that never come, settlements that come days later, intervals given back, tariffs unknown.
 */
export function randomCommunity(seed: number, intervals: number): RandomCommunity {
  const random = seededRandom(seed);
  const homes = Array.from({ length: 2 + whole(random, 5) }, (_, i) => 4 + i);
  const history = createHistory({
    pricing: random() < 0.5 ? "uniform" : "midpoint",
    homes,
    ownerOf: random() < 0.3 ? (member) => Math.min(member, 5) : (member) => member,
  });
  const isUnknown = random() < 0.2 ? () => random() < 0.1 : () => false;
  const ids: number[] = [];
  for (let id = FIRST_INTERVAL; ids.length < intervals; id += 1 + whole(random, MOST_APART)) ids.push(id);
  const tariffs = new Map(ids.map((id) => [id, isUnknown() ? null : randomTariff(random)]));
  const events = ids.flatMap((id) => marketOf({ history, homes, random }, id));
  for (const { happen } of events.sort((a, b) => a.at - b.at)) happen();
  const at = (id: number | undefined) => (id ?? FIRST_INTERVAL) * INTERVAL_SECONDS;
  return {
    history,
    tariffOf: (areaId, id) => (areaId === AREA_ID ? (tariffs.get(id) ?? null) : null),
    from: at(ids[0]),
    between: at(ids[whole(random, ids.length)]),
    to: at(ids.at(-1)) + INTERVAL_SECONDS,
  };
}

type Drawn = {
  readonly history: ReturnType<typeof createHistory>;
  readonly homes: readonly number[];
  readonly random: Random;
};

/** What happens to one interval, each at its second. Draws are made at once, so that the order does not matter. */
function marketOf({ history, homes, random }: Drawn, intervalId: number): Market[] {
  const orders = homes.flatMap((member) => randomOrder(random, { intervalId, member }));
  const isSilent = random() < 0.1;
  const metered = Object.fromEntries(
    homes
      .filter((_, i) => !(isSilent && i === 0))
      .map((member) => [member, [randomWh(random), randomWh(random)]] as const),
  );
  const endsAt = (intervalId + 1) * INTERVAL_SECONDS;
  const isReturned = random() < 0.05;
  const late = random() < 0.3 ? whole(random, LATE_SECONDS) : 0;
  const settledAt = endsAt + Math.max(late, isSilent || isReturned ? WAITING_SECONDS : 0);
  let plan: ReturnType<typeof history.clear> | undefined;
  return [
    {
      at: endsAt - INTERVAL_SECONDS - 300,
      happen() {
        plan = history.clear(intervalId, orders, { isSupplied: random() < 0.9 });
      },
    },
    { at: endsAt, happen: () => history.publish(intervalId, metered) },
    {
      at: settledAt,
      happen() {
        if (plan === undefined || plan.positions.length === 0) return;
        if (isReturned) history.returnPage(plan);
        else history.settle(plan, { at: settledAt });
      },
    },
  ];
}

function randomOrder(
  random: Random,
  { intervalId, member }: { intervalId: number; member: number },
): SignedOrder[] {
  if (random() < 0.2) return [];
  return [
    homeOrder(intervalId, {
      participant: member,
      side: random() < 0.5 ? "bid" : "offer",
      energyWh: 1 + whole(random, 2_000),
      limitPriceMicroPerKwh: 80_000 + whole(random, 220_001),
      sequence: 0,
    }),
  ];
}

function randomTariff(random: Random) {
  return { feedInMicroPerKwh: whole(random, 100_001), retailMicroPerKwh: 200_000 + whole(random, 200_001) };
}

function randomWh(random: Random): number {
  return random() < 0.3 ? 0 : whole(random, 2_500);
}

/** A whole number from 0 to before `end`. */
function whole(random: Random, end: number): number {
  return Math.floor(random() * end);
}
