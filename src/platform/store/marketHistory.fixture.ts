import type { DomainEvent } from "#domains/domains.ts";
import { ofContract, type TestFact } from "#domains/fact.fixture.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import { memberBits, pageOf } from "#domains/metering/rules/readingTree.ts";
import { missingOf, showReadings } from "#domains/metering/rules/shownReadings.ts";
import type { ArchivedOrder } from "#domains/pool/orderArchive.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { type ClearingPlan, planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import { packPositions } from "#domains/pool/rules/positionWord.ts";
import { orderDigest, poolSeparator, type SignedOrder, signOrder } from "#domains/pool/rules/signedOrder.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { present } from "#kernel/units/assert.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { type ClearingMoney, createClearingMoney } from "./clearingMoney.fixture.ts";
import {
  energyOf,
  meterOf,
  type Published,
  publication,
  signReadings,
  treeOf,
} from "./meteredHomes.fixture.ts";

/*
 * A chain's history made by the rules of the market without a chain, for tests of what reads histories. It is what the
 * contracts would log; test/e2e/projection.test.ts holds the projection against the contracts themselves.
 */

export const AREA_ID = 1;
export const INTERVAL_SECONDS = 900;
/** So long a reading is waited for after its interval. */
export const WAITING_SECONDS = 86_400;
/** Members of the area: the homes that trade, by their numbers there. */
export const HOMES = [4, 5, 6, 7];
const [SUPPLIER, DSO, FUND] = [1, 2, 3];
const MARGIN_MICRO = 1_000_000_000n;
const MARKET = DEPLOYMENT.contracts.poolMarket;

export const TERMS: AreaTerms = {
  intervalSeconds: INTERVAL_SECONDS,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 300_000n,
  upstreamPriceMicroPerKwh: 300_000n,
  penaltyPermille: 1_100n,
  surplusPriceMicroPerKwh: 80_000n,
  gridFeeMicroPerKwh: 20_000n,
};

const SEPARATOR = poolSeparator(DEPLOYMENT.chainId, MARKET);

/** Another number than the member's, so that nothing takes the one for the other. */
export const accountOf = (member: number): number => 20 + member;

/** The seat of a member of the area. */
export const seatIn = (member: number): number => AREA_ID * 2 ** 16 + member;

/** The key of the owner of a member's account, and of the member's device. */
export const keyOf = (member: number): Uint8Array => wordOf(1_000 + member);

/** The key of the area's operator, who has no account. */
export const OPERATOR_KEY: Uint8Array = wordOf(999);

type Plan = ClearingPlan;
/** A clearing whose money is in escrow. */
type Open = { readonly attempt: number; readonly isComplete: boolean; readonly money: ClearingMoney };

/**
 * A history that grows by whole stories; each transaction is in a block of its own. `ownerOf` says whose account a member
 * has: each its own, unless a test wants one with several members.
 */
export function createHistory({
  pricing = "uniform",
  homes = HOMES,
  ownerOf = (member) => member,
}: {
  pricing?: Pricing;
  homes?: readonly number[];
  ownerOf?: (member: number) => number;
} = {}) {
  const terms = { ...TERMS, pricing };
  const events: DomainEvent[] = [];
  const readings: SignedReading[] = [];
  const archivedOrders: ArchivedOrder[] = [];
  const attempts = new Map<number, number>();
  const open = new Map<Plan, Open>();
  const published = new Map<number, Published>();
  const block = addBlocks(events);
  const openOf = (plan: Plan) => present(open.get(plan), "a clearing with pages in escrow");
  const positioned = (intervalId: number) => {
    const current = [...open].find(
      ([plan]) => plan.outcome.intervalId === intervalId && openOf(plan).isComplete,
    );
    return new Set(current?.[0].positions.map(({ member }) => member));
  };
  found(block, { terms, homes, ownerOf });
  return {
    events,
    readings,
    terms,
    /** Adds a transaction of these facts. */
    add: (timestamp: number, ...facts: TestFact[]) => block(timestamp, "call", ...facts),
    /**
     * Clears an interval's orders, which the desk keeps, in steps of at most `maxStepOrders`, or only the first `onlySteps` of
     * them. Without `isSupplied` no supplier stands for it.
     */
    clear(
      intervalId: number,
      orders: readonly SignedOrder[],
      {
        maxStepOrders = 512,
        submit,
        onlySteps = Number.POSITIVE_INFINITY,
        isSupplied = true,
      }: { maxStepOrders?: number; submit?: Submission; onlySteps?: number; isSupplied?: boolean } = {},
    ) {
      const known = new Set(archivedOrders.map(({ orderId }) => orderId));
      const archived = orders.map((order) => archivedOrder(intervalId, order, null));
      archivedOrders.push(...archived.filter(({ orderId }) => !known.has(orderId)));
      const context = { separator: SEPARATOR, areaId: AREA_ID, intervalId };
      const plan = planClearing({ orders, pricing, ...context, maxStepOrders, ...(submit && { submit }) });
      const attempt = attempts.get(intervalId) ?? 0;
      const money = createClearingMoney(plan, terms, { isSupplied });
      open.set(plan, { attempt, money, isComplete: onlySteps >= plan.steps.length });
      const closedAt = intervalId * INTERVAL_SECONDS - terms.gateClosureSeconds;
      plan.steps.slice(0, onlySteps).forEach((_, step) => {
        block(closedAt, "clear", ...stepFacts(plan, step, { attempt, money, isSupplied }));
      });
      return plan;
    },
    /** Gives up a clearing under way and gives back what it reserved, all in one transaction. */
    abandon(plan: Plan) {
      const { intervalId } = plan.outcome;
      const { attempt, money } = openOf(plan);
      const key = { areaId: AREA_ID, intervalId };
      const releasedMicro = money.giveUp();
      const facts = [
        ...moved("released", releasedMicro),
        { kind: "clearingAbandoned", ...key, attempt } as const,
      ];
      attempts.set(intervalId, attempt + 1);
      const returned = [...money.pages].flatMap((page) => returnFacts(plan, openOf(plan), page));
      open.delete(plan);
      block(intervalId * INTERVAL_SECONDS - 200, "abandon+returnPage", ...facts, ...returned);
    },
    /** Keeps an order that the chain refuses, so that it is in no clearing. */
    refuse(intervalId: number, order: SignedOrder, refusal: string) {
      archivedOrders.push(archivedOrder(intervalId, order, refusal));
    },
    /** Publishes what the meters of the homes registered, anew as the next version: `metered[member]` is import and export, Wh. */
    publish(intervalId: number, metered: Readonly<Record<number, readonly [number, number]>>) {
      const version = (published.get(intervalId)?.version ?? 0) + 1;
      const place = { areaId: AREA_ID, intervalId, version };
      const signed = signReadings(place, metered, keyOf);
      readings.push(...signed);
      const told = treeOf(place, signed, positioned(intervalId));
      published.set(intervalId, told);
      block((intervalId + 1) * INTERVAL_SECONDS, "publish", publication(place, told));
    },
    /** Settles a page of a cleared and published interval; members without a reading count as zero once all waiting is over. */
    settle(plan: Plan, { page = 0, at = 0 }: { page?: number; at?: number } = {}) {
      const { intervalId } = plan.outcome;
      const { money } = openOf(plan);
      const { tree, context } = present(published.get(intervalId), "published readings");
      const ofPage = money.positionsOn(page);
      const members = new Set(ofPage.map(({ member }) => member));
      const shown = showReadings(tree, { page, members, context });
      const missing = memberBits(missingOf(page, shown, members));
      const own = readings.filter(
        (reading) => reading.intervalId === intervalId && members.has(reading.member),
      );
      const counted = new Map(own.map((reading) => [reading.member, energyOf(reading)]));
      const { gridFeeMicro, releasedMicro, closing } = money.pay(page, counted);
      const key = { areaId: AREA_ID, intervalId };
      const waitedUntil = (intervalId + 1) * INTERVAL_SECONDS + (missing === 0n ? 0 : WAITING_SECONDS);
      const submission = { positions: packPositions(ofPage, { pricing }), readings: shown };
      block(
        Math.max(at, waitedUntil),
        "settle",
        { kind: "pageClaimed", ...key, page, members: memberBits(members), claimant: MARKET },
        ...moved("released", releasedMicro),
        { kind: "pageSettled", ...key, page, gridFeeMicro, missing, submission },
        ...(closing ? [{ kind: "intervalSettled", ...key, ...closing } as const] : []),
      );
    },
    /** Gives a page back for which no readings came. */
    returnPage(plan: Plan, page = 0) {
      const returnedAt = (plan.outcome.intervalId + 1) * INTERVAL_SECONDS + WAITING_SECONDS;
      block(returnedAt, "returnPage", ...returnFacts(plan, openOf(plan), page));
      if (openOf(plan).money.pages.size === 0) open.delete(plan);
    },
    /** Opens another area, in which nothing is traded; `homes` are its members, of the accounts of members of the first. */
    openMeteredArea(areaId: number, homes: Readonly<Record<number, number>>) {
      block(1_400, "openArea", ...areaFacts(areaId));
      for (const [member, of] of Object.entries(homes))
        block(1_400, "enrolMeter", ...enrolment({ areaId, member: Number(member), account: accountOf(of) }));
    },
    /** Publishes readings of such an area. */
    publishIn(
      areaId: number,
      intervalId: number,
      metered: Readonly<Record<number, readonly [number, number]>>,
    ) {
      const place = { areaId, intervalId, version: 1 };
      const signed = signReadings(place, metered, keyOf);
      readings.push(...signed);
      block(
        (intervalId + 1) * INTERVAL_SECONDS,
        "publish",
        publication(place, treeOf(place, signed, new Set())),
      );
    },
    /** Orders by interval, as the desk's archive gives them. */
    ordersOf: (areaId: number, intervalId: number) =>
      archivedOrders.filter((order) => order.areaId === areaId && order.intervalId === intervalId),
    /** Signed readings by interval, as the gateway's archive gives them. */
    readingsOf: (areaId: number, intervalId: number) =>
      readings.filter((reading) => reading.areaId === areaId && reading.intervalId === intervalId),
  };
}

/** An order of a home, signed for an interval of this history. */
export function homeOrder(intervalId: number, order: Order<number>): SignedOrder {
  return signOrder(order, { separator: SEPARATOR, areaId: AREA_ID, intervalId }, keyOf(order.participant));
}

function archivedOrder(intervalId: number, order: SignedOrder, refusal: string | null): ArchivedOrder {
  const orderId = toHex(orderDigest(order, { separator: SEPARATOR, areaId: AREA_ID, intervalId }));
  const receivedAt = intervalId * INTERVAL_SECONDS - TERMS.gateClosureSeconds - 60;
  return { ...order, areaId: AREA_ID, intervalId, orderId, receivedAt, refusal };
}

/** Two homes that buy and two that sell, as in most intervals. */
export function ordinaryOrders(intervalId: number): SignedOrder[] {
  return [
    homeOrder(intervalId, bid(4, 500, 260_000)),
    homeOrder(intervalId, bid(5, 400, 200_000)),
    homeOrder(intervalId, { ...bid(6, 600, 100_000), side: "offer" }),
    homeOrder(intervalId, { ...bid(7, 500, 150_000), side: "offer" }),
    homeOrder(intervalId, bid(5, 100, 90_000)),
  ];
}

function bid(participant: number, energyWh: number, limitPriceMicroPerKwh: number): Order<number> {
  return { participant, side: "bid", energyWh, limitPriceMicroPerKwh, sequence: 0 };
}

// -- what transactions log

type AddBlock = (timestamp: number, purpose: string, ...facts: TestFact[]) => void;

function addBlocks(events: DomainEvent[]): AddBlock {
  return (timestamp, purpose, ...facts) => {
    const number = (events.at(-1)?.block ?? 0) + 1;
    facts.forEach((fact, logIndex) => {
      events.push({
        ...ofContract(fact),
        block: number,
        blockHash: toHex(wordOf(0xb10c_0000 + number)),
        timestamp,
        logIndex,
        transactionHash: toHex(wordOf(0x7a_0000 + number)),
        transactionIndex: 0,
        sender: addressOfKey(OPERATOR_KEY),
        gasUsed: 100_000n + BigInt(number),
        purpose,
      } as DomainEvent);
    });
  };
}

/** What the clearing house logs; nothing where nothing moves. */
function moved(kind: "held" | "released", amountMicro: bigint): TestFact[] {
  return amountMicro === 0n ? [] : [{ kind, market: MARKET, amountMicro }];
}

function stepFacts(
  plan: Plan,
  step: number,
  { attempt, money, isSupplied }: { attempt: number; money: ClearingMoney; isSupplied: boolean },
): TestFact[] {
  const { outcome, steps } = plan;
  const key = { areaId: AREA_ID, intervalId: outcome.intervalId, attempt };
  const { bids, offers, before: earlier } = present(steps[step], "a step");
  const isLast = step === steps.length - 1;
  const { heldMicro, releasedMicro } = money.take(step);
  const [firstPage, lastPage] = [pageOf(outcome.firstMember), pageOf(outcome.lastMember)];
  const pages = Array.from({ length: step === 0 ? 0 : lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const before = pages.map((page) => packPositions(positionsOfPage(earlier, page), plan.clearing));
  const submission = { outcome, bids, offers, before, isLast };
  const { localPriceMicroPerKwh } = plan;
  const { bookRoot } = outcome;
  const clearedWh = BigInt(outcome.clearedWh);
  const isAlone = step === 0 && !isSupplied && clearedWh > 0n;
  return [
    ...moved("released", releasedMicro),
    ...moved("held", heldMicro),
    ...(isAlone ? [{ kind: "intervalUnsupplied", ...key } as const] : []),
    isLast
      ? {
          kind: "intervalCleared",
          ...key,
          termsVersion: 1,
          localPriceMicroPerKwh,
          clearedWh,
          bookRoot,
          submission,
        }
      : { kind: "stepVerified", ...key, submission },
  ];
}

function returnFacts(plan: Plan, { attempt, money }: Open, page: number): TestFact[] {
  const key = { areaId: AREA_ID, intervalId: plan.outcome.intervalId, attempt };
  const positions = packPositions(money.positionsOn(page), plan.clearing);
  const releasedMicro = money.giveBack(page);
  return [
    ...moved("released", releasedMicro),
    { kind: "pageReturned", ...key, page, submission: { positions } },
    ...(money.pages.size === 0 ? [{ kind: "intervalReturned", ...key } as const] : []),
  ];
}

// -- founding

/** Parties and homes with a million in the market, and what they need to trade. */
function found(
  block: AddBlock,
  {
    terms,
    homes,
    ownerOf,
  }: { terms: AreaTerms; homes: readonly number[]; ownerOf: (member: number) => number },
): void {
  const members = [SUPPLIER, DSO, FUND, ...homes];
  for (const owner of new Set(members.map(ownerOf))) {
    const account = accountOf(owner);
    const kycHash = toHex(wordOf(account));
    block(1_000, "register", { kind: "participantRegistered", account, owner: ownerAddress(owner), kycHash });
  }
  block(1_100, "openArea", ...areaFacts(AREA_ID));
  block(1_150, "announceTerms", {
    kind: "termsAnnounced",
    areaId: AREA_ID,
    version: 1,
    fromInterval: 0,
    terms,
  });
  const operator = addressOfKey(OPERATOR_KEY);
  const supply = { areaId: AREA_ID, version: 1, supplier: SUPPLIER, operator };
  block(1_160, "acceptSupply", { kind: "supplyAccepted", ...supply });
  for (const member of homes)
    block(
      1_200,
      "enrolMeter",
      ...enrolment({ areaId: AREA_ID, member, account: accountOf(ownerOf(member)) }),
    );
  for (const member of [SUPPLIER, ...homes]) {
    const account = accountOf(ownerOf(member));
    const seat = seatIn(member);
    block(1_300, "deposit", { kind: "deposited", account, amountMicro: MARGIN_MICRO + 5n });
    block(1_300, "addMargin", { kind: "marginAdded", seat, market: MARKET, amountMicro: MARGIN_MICRO });
  }
}

function ownerAddress(member: number): Address {
  return addressOfKey(keyOf(member));
}

function areaFacts(areaId: number): TestFact[] {
  const operator = addressOfKey(OPERATOR_KEY);
  const accounts = { supplier: accountOf(SUPPLIER), dso: accountOf(DSO), fund: accountOf(FUND) };
  const times = {
    intervalSeconds: INTERVAL_SECONDS,
    waitingSeconds: WAITING_SECONDS,
    finalSeconds: 60 * 86_400,
  };
  return [
    { kind: "areaOpened", areaId, operator, setup: { ...times, gateway: operator, ...accounts } },
    { kind: "gatewayChanged", areaId, gateway: operator },
    { kind: "stationSet", areaId, gateway: operator, ...times },
    { kind: "memberAdded", areaId, member: SUPPLIER, account: accounts.supplier },
    { kind: "memberAdded", areaId, member: DSO, account: accounts.dso },
    { kind: "memberAdded", areaId, member: FUND, account: accounts.fund },
  ];
}

/** A metering point with a connection of 17 kW. */
function enrolment({
  areaId,
  member,
  account,
}: {
  areaId: number;
  member: number;
  account: number;
}): TestFact[] {
  const meterId = meterOf(areaId, member);
  const device = { meterId, deviceKey: addressOfKey(keyOf(member)), certificateNumber: 1n };
  return [
    { kind: "memberAdded", areaId, member, account },
    { kind: "meterEnrolled", ...device, areaId, member, capacityW: 17_250 },
  ];
}
