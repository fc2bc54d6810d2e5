import fc from "fast-check";
import { isAccountsEvent } from "#domains/accounts/events.ts";
import { accountOfReading } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { openedWords } from "#domains/metering/rules/shownReadings.ts";
import type { ChainIntervalEvidence, IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { mergeEvidence } from "#domains/pool/check/mergeEvidence.ts";
import { sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import type { ClearingPlan } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, createHistory, homeOrder } from "#platform/store/marketHistory.fixture.ts";
import { assembleEvidence } from "./assembleEvidence.ts";

/** Homes on two pages of accounts. */
export const HOMES_ON_PAGES = [4, 5, 6, 7, 8, 770, 771, 772];

/** What happens in a generated interval: metered Wh by home, in the order of the homes. */
export type IntervalStory = {
  readonly orders: readonly Order<number>[];
  readonly metered: readonly (readonly [number, number])[];
  readonly maxStepOrders: number;
  readonly submit: "needed" | "all";
  /** Whether the second page is settled as contracted, once the first is paid. */
  readonly isContracted: boolean;
};

type History = ReturnType<typeof createHistory>;

const trade = (side: Side, floor: number) =>
  fc.record({
    participant: fc.constantFrom(...HOMES_ON_PAGES),
    side: fc.constant(side),
    energyWh: fc.integer({ min: 1, max: 900 }),
    // Few prices, so that many orders meet at the margin and share it.
    limitPriceMicroPerKwh: fc.integer({ min: 0, max: 4 }).map((step) => floor + 30_000 * step),
  });

/** Intervals in which something is traded, often in several steps and pages, shared at the margin, and short in delivery. */
export const intervalStories: fc.Arbitrary<IntervalStory> = fc.record({
  orders: fc
    .tuple(
      fc.array(trade("bid", 180_000), { minLength: 2, maxLength: 8 }),
      fc.array(trade("offer", 90_000), { minLength: 2, maxLength: 8 }),
    )
    .map(([bids, offers]) => [...bids, ...offers].map((order, sequence) => ({ ...order, sequence }))),
  metered: fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 })), {
    minLength: HOMES_ON_PAGES.length,
    maxLength: HOMES_ON_PAGES.length,
  }),
  maxStepOrders: fc.integer({ min: 2, max: 12 }),
  submit: fc.constantFrom("needed" as const, "all" as const),
  isContracted: fc.boolean(),
});

/** Runs an interval from its orders to its settlement. */
export function tellStory(history: History, intervalId: number, story: IntervalStory): ClearingPlan {
  const { orders, metered, maxStepOrders, submit } = story;
  const signed = orders.map((order) => homeOrder(intervalId, order));
  const plan = history.clear(intervalId, signed, { maxStepOrders, submit });
  history.publish(
    intervalId,
    Object.fromEntries(HOMES_ON_PAGES.map((home, i) => [home, metered[i] ?? [0, 0]])),
  );
  const accounts = plan.steps.flatMap(({ positions }) => positions.map(({ account }) => account));
  const pages = [...new Set(accounts.map(pageOf))].sort((a, b) => a - b);
  pages.forEach((page, i) => {
    history.settle(plan, { page, isContracted: i > 0 && story.isContracted });
  });
  return plan;
}

/** A settled interval and all that proves it, as an honest chain and an honest server would tell it. */
export function evidenceOfStory(pricing: Pricing, story: IntervalStory): IntervalEvidence {
  const history = createHistory({ pricing, homes: HOMES_ON_PAGES });
  tellStory(history, 100, story);
  return evidenceOfHistory(history, 100);
}

/** The evidence of an interval of a history; movements by account are the projection's to keep, so there are none. */
export function evidenceOfHistory(history: History, intervalId: number): IntervalEvidence {
  const { fromChain, fromServer } = tellingsOf(history, intervalId);
  return mergeEvidence(fromChain, fromServer);
}

/** An interval of a history as an honest chain and an honest server tell of it. */
export function tellingsOf(
  { events, readingsOf, ordersOf }: History,
  intervalId: number,
): { fromChain: ChainIntervalEvidence; fromServer: IntervalEvidence } {
  const area = present(
    events.find((event) => event.kind === "areaCreated"),
    "the area",
  );
  const key = { areaId: AREA_ID, intervalId };
  const fromChain = assembleEvidence({
    market: DEPLOYMENT,
    key,
    area,
    events,
    registry: events.filter(isAccountsEvent),
  });
  const { standings, devices, ...told } = fromChain;
  const submitted = told.steps.flatMap(({ bids, offers }) => [...bids, ...offers]);
  const signatures = new Set(submitted.map(({ signature }) => toHex(signature)));
  const kept = ordersOf(AREA_ID, intervalId).filter(
    ({ signature, refusal }) => refusal === null && !signatures.has(toHex(signature)),
  );
  const opened = told.pages.flatMap(({ shown }) => (shown ? openedWords(shown).map(accountOfReading) : []));
  return {
    fromChain,
    fromServer: {
      ...told,
      rest: { isComplete: true, ...sortByMerit(kept), standings },
      readings: readingsOf(AREA_ID, intervalId)
        .filter(({ account }) => opened.includes(account))
        .map((reading) => ({ ...reading, deviceKey: devices.get(reading.account)?.deviceKey ?? null })),
    },
  };
}
