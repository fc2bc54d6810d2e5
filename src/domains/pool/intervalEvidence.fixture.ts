import fc from "fast-check";
import { isMembershipFact, type MembershipEvent } from "#domains/metering/areaState.ts";
import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { openedWords } from "#domains/metering/rules/shownReadings.ts";
import type { ChainIntervalEvidence, IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { mergeEvidence } from "#domains/pool/check/mergeEvidence.ts";
import { sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import type { ClearingPlan } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { pagesOf } from "#domains/pool/rules/pageSettlement.ts";
import { termsFor } from "#domains/pool/rules/termsVersion.ts";
import { PRICINGS, type Pricing, type Side } from "#kernel/auction/order.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, createHistory, homeOrder } from "#platform/store/marketHistory.fixture.ts";
import { assembleEvidence } from "./assembleEvidence.ts";

/** Homes on two pages of members, those that buy and those that sell. */
const BUYERS = [4, 6, 770, 772];
const SELLERS = [5, 7, 8, 771];
export const HOMES_ON_PAGES = [...BUYERS, ...SELLERS].sort((a, b) => a - b);

/**
 * What happens in a generated interval.
 *
 * @property metered Wh of import and export by home, in the order of the homes; null of one whose reading never comes
 * @property givesUp whether a first attempt at the clearing is given up after its first step, where it has more
 */
export type IntervalStory = {
  readonly orders: readonly Order<number>[];
  readonly metered: readonly (readonly [number, number] | null)[];
  readonly maxStepOrders: number;
  readonly submit: "needed" | "all";
  readonly isSupplied: boolean;
  readonly givesUp: boolean;
};

type History = ReturnType<typeof createHistory>;

/** Energy that no connection of a home is too weak for, however many orders of it trade. */
const MOST_WH = 500;

const trade = (side: Side, floor: number) =>
  fc.record({
    participant: fc.constantFrom(...(side === "bid" ? BUYERS : SELLERS)),
    side: fc.constant(side),
    energyWh: fc.integer({ min: 1, max: MOST_WH }),
    // Few prices, so that many orders meet at the margin and share it.
    limitPriceMicroPerKwh: fc.integer({ min: 0, max: 4 }).map((step) => floor + 30_000 * step),
  });

const energies = fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }));

/** Intervals in which something is traded, often in several steps and pages, shared at the margin, and short in delivery. */
export const intervalStories: fc.Arbitrary<IntervalStory> = fc.record({
  orders: fc
    .tuple(
      fc.array(trade("bid", 180_000), { minLength: 2, maxLength: 8 }),
      fc.array(trade("offer", 90_000), { minLength: 2, maxLength: 8 }),
    )
    .map(([bids, offers]) => [...bids, ...offers].map((order, sequence) => ({ ...order, sequence }))),
  metered: fc.array(fc.option(energies, { freq: 6 }), {
    minLength: HOMES_ON_PAGES.length,
    maxLength: HOMES_ON_PAGES.length,
  }),
  maxStepOrders: fc.integer({ min: 2, max: 12 }),
  submit: fc.constantFrom("needed" as const, "all" as const),
  isSupplied: fc.boolean(),
  givesUp: fc.boolean(),
});

/** Any rule of pricing. */
export const pricings: fc.Arbitrary<Pricing> = fc.constantFrom(...PRICINGS);

/** Runs an interval from its orders to its settlement. */
export function tellStory(history: History, intervalId: number, story: IntervalStory): ClearingPlan {
  const { orders, metered, maxStepOrders, submit, isSupplied, givesUp } = story;
  const signed = orders.map((order) => homeOrder(intervalId, order));
  const options = { maxStepOrders, submit, isSupplied };
  if (givesUp) {
    const plan = history.clear(intervalId, signed, { ...options, onlySteps: 1 });
    if (plan.steps.length === 1) return settle(history, plan, metered);
    history.abandon(plan);
  }
  return settle(history, history.clear(intervalId, signed, options), metered);
}

function settle(history: History, plan: ClearingPlan, metered: IntervalStory["metered"]): ClearingPlan {
  const readings = HOMES_ON_PAGES.flatMap((home, i) => {
    const energy = metered[i] ?? null;
    return energy === null ? [] : [[home, energy] as const];
  });
  // Without any reading at all nothing is settled.
  const known = readings.length > 0 ? readings : [[HOMES_ON_PAGES[0] ?? 0, [0, 0]] as const];
  history.publish(plan.outcome.intervalId, Object.fromEntries(known));
  for (const page of pagesOf(plan.positions)) history.settle(plan, { page });
  return plan;
}

/** A settled interval and all that proves it, as an honest chain and an honest server would tell it. */
export function evidenceOfStory(pricing: Pricing, story: IntervalStory): IntervalEvidence {
  const history = createHistory({ pricing, homes: HOMES_ON_PAGES });
  tellStory(history, 100, story);
  return evidenceOfHistory(history, 100);
}

/** The evidence of an interval of a history; movements by member are the projection's to keep, so there are none. */
export function evidenceOfHistory(history: History, intervalId: number): IntervalEvidence {
  const { fromChain, fromServer } = tellingsOf(history, intervalId);
  return mergeEvidence(fromChain, fromServer);
}

/** An interval of a history as an honest chain and an honest server tell of it. */
export function tellingsOf(
  { events, readingsOf, ordersOf }: History,
  intervalId: number,
): { fromChain: ChainIntervalEvidence; fromServer: IntervalEvidence } {
  const versions = events.flatMap((event) => (event.kind === "termsAnnounced" ? [event] : []));
  const fromChain = assembleEvidence({
    market: DEPLOYMENT,
    key: { areaId: AREA_ID, intervalId },
    terms: present(termsFor(versions, intervalId), "the terms of the interval"),
    events: events.flatMap((event) => (event.contract === "quotaMarket" ? [] : [event])),
    memberships: events.filter((event): event is MembershipEvent & typeof event => isMembershipFact(event)),
  });
  const { standings, devices, ...told } = fromChain;
  const submitted = told.steps.flatMap(({ bids, offers }) => [...bids, ...offers]);
  const signatures = new Set(submitted.map(({ signature }) => toHex(signature)));
  const kept = ordersOf(AREA_ID, intervalId).filter(
    ({ signature, refusal }) => refusal === null && !signatures.has(toHex(signature)),
  );
  const opened = told.pages.flatMap(({ page, shown }) =>
    shown ? openedWords(page, shown).map(memberOfReading) : [],
  );
  return {
    fromChain,
    fromServer: {
      ...told,
      rest: { isComplete: true, ...sortByMerit(kept), standings },
      readings: readingsOf(AREA_ID, intervalId)
        .filter(({ member }) => opened.includes(member))
        .map((reading) => ({ ...reading, deviceKey: devices.get(reading.member)?.deviceKey ?? null })),
    },
  };
}
