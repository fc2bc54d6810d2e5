import type { DomainEvent } from "#domains/domains.ts";
import { ofContract, type TestFact } from "#domains/fact.fixture.ts";
import {
  accountOfReading,
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import {
  buildReadingTree,
  findSegment,
  pageOf,
  pathOf,
  readingContext,
  readingLeaf,
} from "#domains/metering/rules/readingTree.ts";
import type { ArchivedOrder } from "#domains/pool/orderArchive.ts";
import { type AreaTerms, settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { type AccountPosition, positionWord } from "#domains/pool/rules/positionWord.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { orderDigest, poolSeparator, type SignedOrder, signOrder } from "#domains/pool/rules/signedOrder.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { packBits } from "#kernel/crypto/bitmap.ts";
import { type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { present } from "#kernel/units/assert.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";

/*
 * A chain's history made by the rules of the market without a chain, for tests of what reads histories. It is what the
 * contracts would log; test/e2e/projection.test.ts holds the projection against the contracts themselves.
 */

export const AREA_ID = 1;
export const INTERVAL_SECONDS = 900;
export const HOMES = [4, 5, 6, 7];
const MARGIN_MICRO = 1_000_000_000n;

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

const SEPARATOR = poolSeparator(DEPLOYMENT.chainId, DEPLOYMENT.contracts.poolMarket);

/** The key of an account's owner and device. */
export const keyOf = (account: number): Uint8Array => wordOf(1_000 + account);

/** The key of the area's operator, who has no account. */
export const OPERATOR_KEY: Uint8Array = wordOf(999);

/** A history that grows by whole stories; each transaction is in a block of its own. */
export function createHistory({
  pricing = "uniform",
  homes = HOMES,
}: {
  pricing?: Pricing;
  homes?: readonly number[];
} = {}) {
  const terms = { ...TERMS, pricing };
  const events: DomainEvent[] = [];
  const readings: SignedReading[] = [];
  const archivedOrders: ArchivedOrder[] = [];
  const positioned = new Map<number, ReadonlySet<number>>();
  const open = new Map<number, OpenMoney>();
  const block = (timestamp: number, purpose: string, ...facts: TestFact[]) => {
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
  found(block, terms, homes);
  return {
    events,
    readings,
    terms,
    /** Clears an interval's orders, which the desk keeps, in steps of at most `maxStepOrders`. */
    clear(
      intervalId: number,
      orders: readonly SignedOrder[],
      { maxStepOrders = 512, submit }: { maxStepOrders?: number; submit?: Submission } = {},
    ) {
      archivedOrders.push(...orders.map((order) => archivedOrder(intervalId, order, null)));
      const context = { separator: SEPARATOR, areaId: AREA_ID, intervalId };
      const plan = planClearing({ orders, pricing, ...context, maxStepOrders, ...(submit && { submit }) });
      positioned.set(
        intervalId,
        new Set(plan.steps.flatMap((step) => step.positions.map(({ account }) => account))),
      );
      open.set(intervalId, openMoney(terms, plan));
      const closedAt = intervalId * INTERVAL_SECONDS - terms.gateClosureSeconds;
      const key = { areaId: AREA_ID, intervalId };
      plan.steps.forEach(({ bids, offers }, step) => {
        const isLast = step === plan.steps.length - 1;
        const submission: ClearingSubmission = { pricing, outcome: plan.outcome, bids, offers, isLast };
        const clearedWh = BigInt(plan.clearing.clearedQuantity);
        const { localPriceMicroPerKwh } = plan;
        const { bookRoot } = plan.outcome;
        const recorded = { pricing, localPriceMicroPerKwh, clearedWh, bookRoot };
        const fact: TestFact = isLast
          ? { kind: "intervalCleared", ...key, ...recorded, submission }
          : { kind: "stepVerified", ...key, step, submission };
        block(closedAt, pricing === "uniform" ? "clearUniform" : "clearMidpoint", fact);
      });
      return plan;
    },
    /** Keeps an order that the chain refuses, so that it is in no clearing. */
    refuse(intervalId: number, order: SignedOrder, refusal: string) {
      archivedOrders.push(archivedOrder(intervalId, order, refusal));
    },
    /** Publishes what the meters of the homes registered: `metered[account]` is import and export, Wh. */
    publish(intervalId: number, metered: Readonly<Record<number, readonly [number, number]>>) {
      const separator = ledgerSeparator(DEPLOYMENT.chainId, DEPLOYMENT.contracts.meterLedger);
      const signed = Object.entries(metered).map(([account, [importWh, exportWh]]) =>
        signReading(
          {
            meterId: meterOf(Number(account)),
            account: Number(account),
            areaId: AREA_ID,
            intervalId,
            importWh,
            exportWh,
            quality: "measured",
            version: 1,
          },
          separator,
          keyOf(Number(account)),
        ),
      );
      readings.push(...signed);
      const { root } = treeOf(intervalId, signed, positioned.get(intervalId)).tree;
      const publishedAt = (intervalId + 1) * INTERVAL_SECONDS;
      block(publishedAt, "publish", {
        kind: "readingsPublished",
        areaId: AREA_ID,
        intervalId,
        version: 1,
        root: toHex(root),
        meters: signed.length,
      });
    },
    /** Settles a page of a cleared and published interval; as contracted by whoever waited for its readings. */
    settle(plan: Plan, { page = 0, isContracted = false }: { page?: number; isContracted?: boolean } = {}) {
      const { intervalId } = plan.outcome;
      const steps = positionsOn(plan, page);
      const own = readings.filter((reading) => reading.intervalId === intervalId);
      const interval = present(open.get(intervalId), "an interval with pages in escrow");
      const gridFeeMicro = settlePage({ interval, terms, plan, page, signed: isContracted ? null : own });
      const key = { areaId: AREA_ID, intervalId };
      const shown = () =>
        show(intervalId, own, { page, positioned: present(positioned.get(intervalId), "traders") });
      block(
        isContracted ? (intervalId + 2_000) * INTERVAL_SECONDS : (intervalId + 1) * INTERVAL_SECONDS,
        isContracted ? "voidPage" : "settle",
        {
          kind: "pageSettled",
          ...key,
          page,
          gridFeeMicro,
          submission: {
            positions: steps.map((step) => step.map(positionWord)),
            readings: isContracted ? null : shown(),
          },
        },
        ...(interval.pages.size > 0 ? [] : [closing(key, interval)]),
      );
    },
    /** Gives a page back. */
    voidPage(plan: Plan, page = 0) {
      const key = { areaId: AREA_ID, intervalId: plan.outcome.intervalId };
      const positions = positionsOn(plan, page).map((step) => step.map(positionWord));
      const interval = present(open.get(key.intervalId), "an interval with pages in escrow");
      interval.pages.delete(page);
      const voided: TestFact = { kind: "intervalVoided", ...key };
      block(
        (key.intervalId + 2_000) * INTERVAL_SECONDS,
        "voidPage",
        { kind: "pageVoided", ...key, page, submission: { positions } },
        ...(interval.pages.size > 0 ? [] : [voided]),
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

function meterOf(account: number): Hex {
  return toHex(wordOf(0x3e7e_0000 + account));
}

type AddBlock = (timestamp: number, purpose: string, ...facts: TestFact[]) => void;

function found(block: AddBlock, terms: AreaTerms, homes: readonly number[]): void {
  const accounts = [1, 2, 3, ...homes];
  for (const account of accounts)
    block(1_000, "register", {
      kind: "participantRegistered",
      account,
      participant: addressOfKey(keyOf(account)),
      kycHash: toHex(wordOf(account)),
    });
  const operator = addressOfKey(OPERATOR_KEY);
  block(1_100, "createArea", {
    kind: "areaCreated",
    areaId: AREA_ID,
    operator,
    accounts: { supplier: 1, dso: 2, fund: 3 },
    terms,
  });
  for (const account of homes)
    block(1_200, "enrolMeter", {
      kind: "meterEnrolled",
      meterId: meterOf(account),
      account,
      areaId: AREA_ID,
      deviceKey: addressOfKey(keyOf(account)),
    });
  for (const account of [1, ...homes]) {
    block(1_300, "deposit", { kind: "deposited", account, amountMicro: MARGIN_MICRO + 5n });
    const market = DEPLOYMENT.contracts.poolMarket;
    block(1_300, "addMargin", { kind: "marginAdded", account, market, amountMicro: MARGIN_MICRO });
  }
}

function treeOf(
  intervalId: number,
  signed: readonly SignedReading[],
  positioned: ReadonlySet<number> = new Set(),
) {
  const { chainId } = DEPLOYMENT;
  const { meterLedger } = DEPLOYMENT.contracts;
  const context = readingContext({ chainId, meterLedger, areaId: AREA_ID, intervalId, version: 1 });
  return { context, tree: buildReadingTree(signed.map(readingWord), context, positioned) };
}

function show(
  intervalId: number,
  signed: readonly SignedReading[],
  { page, positioned }: { page: number; positioned: ReadonlySet<number> },
) {
  const { context, tree } = treeOf(intervalId, signed, positioned);
  const accounts = new Set([...positioned].filter((account) => pageOf(account) === page));
  const segmentIndex = findSegment(tree.segments, { page, accounts });
  const words = tree.segments[segmentIndex]?.words ?? [];
  const isOpened = words.map((word) => accounts.has(accountOfReading(word)));
  return {
    opened: packBits(isOpened),
    leaves: words.map((word, i) => (isOpened[i] ? word : numberOf(readingLeaf(context, word)))),
    segmentIndex,
    segments: tree.segments.length,
    path: pathOf(tree.segmentHashes, segmentIndex).map(toHex),
  };
}

type Plan = ReturnType<typeof planClearing>;

/** What an interval with pages in escrow still owes: to the supplier, and in all, micro. */
type OpenMoney = { readonly pages: Set<number>; supplierMicro: bigint; restMicro: bigint };

function openMoney(terms: AreaTerms, plan: Plan): OpenMoney {
  const prices = settlementPrices(terms, BigInt(plan.localPriceMicroPerKwh));
  const supplierMicro = supplierReserveMicro(BigInt(plan.clearing.clearedQuantity), prices);
  const accounts = plan.steps.flatMap(({ positions }) => positions.map(({ account }) => account));
  return { pages: new Set(accounts.map(pageOf)), supplierMicro, restMicro: supplierMicro };
}

function positionsOn(plan: Plan, page: number): AccountPosition[][] {
  return plan.steps.map(({ positions }) => positions.filter(({ account }) => pageOf(account) === page));
}

/** The contract's arithmetic of a page, as contracted without readings. Gives the grid fee. */
function settlePage({
  interval,
  terms,
  plan,
  page,
  signed,
}: {
  interval: OpenMoney;
  terms: AreaTerms;
  plan: Plan;
  page: number;
  signed: readonly SignedReading[] | null;
}): bigint {
  const prices = settlementPrices(terms, BigInt(plan.localPriceMicroPerKwh));
  let gridFeeMicro = 0n;
  for (const position of mergePositions(positionsOn(plan, page)).values()) {
    const reading = signed?.find(({ account }) => account === position.account);
    const none = signed === null ? 2n ** 48n : 0n;
    const [importWh, exportWh] = reading
      ? [BigInt(reading.importWh), BigInt(reading.exportWh)]
      : [none, none];
    const settlement = settlePosition(position, { importWh, exportWh }, prices);
    gridFeeMicro += settlement.gridFeeMicro;
    interval.supplierMicro += settlement.shortfallMicro - settlement.surplusMicro;
    interval.restMicro += settlement.netMicro - settlement.gridFeeMicro;
  }
  interval.pages.delete(page);
  return gridFeeMicro;
}

/** After the last page the supplier is paid, and what rounding left goes to the fund. */
function closing(
  key: { areaId: number; intervalId: number },
  { supplierMicro, restMicro }: OpenMoney,
): TestFact {
  return { kind: "intervalSettled", ...key, supplierMicro, remainderMicro: restMicro - supplierMicro };
}
