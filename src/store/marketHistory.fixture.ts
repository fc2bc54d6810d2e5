import { packBits } from "#chain/bitmap.ts";
import type { ChainEvent, ClearingSubmission, EventFact } from "#chain/chainEvent.ts";
import type { Deployment } from "#chain/deployment.ts";
import { mergePositions, planClearing, type Submission } from "#evidence/clearingPlan.ts";
import { type Hex, numberOf, toHex, wordOf } from "#evidence/hex.ts";
import {
  accountOfReading,
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#evidence/meterReading.ts";
import { type AccountPosition, positionWord } from "#evidence/positionWord.ts";
import { buildReadingTree, findSegment, pathOf, readingContext, readingLeaf } from "#evidence/readingTree.ts";
import { addressOfKey } from "#evidence/signature.ts";
import { orderDigest, poolSeparator, type SignedOrder, signOrder } from "#evidence/signedOrder.ts";
import { type AreaTerms, settlementPrices, supplierReserveMicro } from "#market/area.ts";
import type { Order, Pricing } from "#market/order.ts";
import { settlePosition } from "#market/settlement.ts";
import type { ArchivedOrder } from "./orderArchive.ts";

/*
 * A chain's history made by the rules of the market without a chain, for tests of what reads histories. It is what the
 * contracts would log; test/e2e/projection.test.ts holds the projection against the contracts themselves.
 */

const address = (n: number): Hex => toHex(wordOf(n, 20));

export const DEPLOYMENT: Deployment = {
  chainId: 31_337,
  deployedAtBlock: 0,
  token: address(0xa1),
  registry: address(0xa2),
  clearingHouse: address(0xa3),
  meterLedger: address(0xa4),
  poolAreaLib: address(0xa8),
  poolSettlementLib: address(0xa5),
  poolMarket: address(0xa6),
};
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

const SEPARATOR = poolSeparator(DEPLOYMENT.chainId, DEPLOYMENT.poolMarket);

/** The key of an account's owner and device. */
export const keyOf = (account: number): Uint8Array => wordOf(1_000 + account);

/** A history that grows by whole stories; each transaction is in a block of its own. */
export function createHistory({ pricing = "uniform" }: { pricing?: Pricing } = {}) {
  const terms = { ...TERMS, pricing };
  const events: ChainEvent[] = [];
  const readings: SignedReading[] = [];
  const archivedOrders: ArchivedOrder[] = [];
  const positioned = new Map<number, ReadonlySet<number>>();
  const block = (timestamp: number, purpose: string, ...facts: EventFact[]) => {
    const number = (events.at(-1)?.block ?? 0) + 1;
    facts.forEach((fact, logIndex) => {
      events.push({
        ...fact,
        block: number,
        blockHash: toHex(wordOf(0xb10c_0000 + number)),
        timestamp,
        logIndex,
        transactionHash: toHex(wordOf(0x7a_0000 + number)),
        transactionIndex: 0,
        sender: address(1),
        gasUsed: 100_000n + BigInt(number),
        purpose,
      } as ChainEvent);
    });
  };
  found(block, terms);
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
      const closedAt = intervalId * INTERVAL_SECONDS - terms.gateClosureSeconds;
      const key = { areaId: AREA_ID, intervalId };
      plan.steps.forEach(({ bids, offers }, step) => {
        const isLast = step === plan.steps.length - 1;
        const submission: ClearingSubmission = { pricing, outcome: plan.outcome, bids, offers, isLast };
        const clearedWh = BigInt(plan.clearing.clearedWh);
        const { localPriceMicroPerKwh } = plan;
        const { bookRoot } = plan.outcome;
        const recorded = { pricing, localPriceMicroPerKwh, clearedWh, bookRoot };
        const fact: EventFact = isLast
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
      const separator = ledgerSeparator(DEPLOYMENT.chainId, DEPLOYMENT.meterLedger);
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
    /** Settles a cleared and published interval of accounts of one page. */
    settle(plan: ReturnType<typeof planClearing>) {
      const { intervalId } = plan.outcome;
      const steps = plan.steps.map(({ positions }) => positions);
      const own = readings.filter((reading) => reading.intervalId === intervalId);
      const money = settleMoney(terms, plan, own);
      const key = { areaId: AREA_ID, intervalId };
      block(
        (intervalId + 1) * INTERVAL_SECONDS,
        "settle",
        {
          kind: "pageSettled",
          ...key,
          page: 0,
          gridFeeMicro: money.gridFeeMicro,
          submission: {
            positions: steps.map((step) => step.map(positionWord)),
            readings: show(intervalId, own, steps),
          },
        },
        {
          kind: "intervalSettled",
          ...key,
          supplierMicro: money.supplierMicro,
          remainderMicro: money.remainderMicro,
        },
      );
    },
    /** Gives an interval of one page back. */
    voidInterval(plan: ReturnType<typeof planClearing>) {
      const key = { areaId: AREA_ID, intervalId: plan.outcome.intervalId };
      const positions = plan.steps.map((step) => step.positions.map(positionWord));
      block(
        (key.intervalId + 2_000) * INTERVAL_SECONDS,
        "voidPage",
        { kind: "pageVoided", ...key, page: 0, submission: { positions } },
        { kind: "intervalVoided", ...key },
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

type AddBlock = (timestamp: number, purpose: string, ...facts: EventFact[]) => void;

function found(block: AddBlock, terms: AreaTerms): void {
  const accounts = [1, 2, 3, ...HOMES];
  for (const account of accounts)
    block(1_000, "register", {
      kind: "participantRegistered",
      account,
      participant: addressOfKey(keyOf(account)),
      kycHash: toHex(wordOf(account)),
    });
  const operator = address(1);
  block(1_100, "createArea", {
    kind: "areaCreated",
    areaId: AREA_ID,
    operator,
    accounts: { supplier: 1, dso: 2, fund: 3 },
    terms,
  });
  for (const account of HOMES)
    block(1_200, "enrolMeter", {
      kind: "meterEnrolled",
      meterId: meterOf(account),
      account,
      areaId: AREA_ID,
      deviceKey: addressOfKey(keyOf(account)),
    });
  for (const account of [1, ...HOMES]) {
    block(1_300, "deposit", { kind: "deposited", account, amountMicro: MARGIN_MICRO + 5n });
    const market = DEPLOYMENT.poolMarket;
    block(1_300, "addMargin", { kind: "marginAdded", account, market, amountMicro: MARGIN_MICRO });
  }
}

function treeOf(
  intervalId: number,
  signed: readonly SignedReading[],
  positioned: ReadonlySet<number> = new Set(),
) {
  const { chainId, meterLedger } = DEPLOYMENT;
  const context = readingContext({ chainId, meterLedger, areaId: AREA_ID, intervalId, version: 1 });
  return { context, tree: buildReadingTree(signed.map(readingWord), context, positioned) };
}

function show(
  intervalId: number,
  signed: readonly SignedReading[],
  steps: readonly (readonly AccountPosition[])[],
) {
  const accounts = new Set(mergePositions(steps).keys());
  const { context, tree } = treeOf(intervalId, signed, accounts);
  const segmentIndex = findSegment(tree.segments, { page: 0, accounts });
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

/** The contract's arithmetic of an interval that is settled as a whole. */
function settleMoney(
  terms: AreaTerms,
  plan: ReturnType<typeof planClearing>,
  signed: readonly SignedReading[],
) {
  const prices = settlementPrices(terms, BigInt(plan.localPriceMicroPerKwh));
  let escrowMicro = supplierReserveMicro(BigInt(plan.clearing.clearedWh), prices);
  let supplierMicro = escrowMicro;
  let gridFeeMicro = 0n;
  for (const position of mergePositions(plan.steps.map((step) => step.positions)).values()) {
    const reading = signed.find(({ account }) => account === position.account);
    const metered = { importWh: BigInt(reading?.importWh ?? 0), exportWh: BigInt(reading?.exportWh ?? 0) };
    const settlement = settlePosition(position, metered, prices);
    gridFeeMicro += settlement.gridFeeMicro;
    supplierMicro += settlement.shortfallMicro - settlement.surplusMicro;
    escrowMicro += settlement.netMicro;
  }
  const remainderMicro = escrowMicro - gridFeeMicro - supplierMicro;
  return { gridFeeMicro, supplierMicro, remainderMicro };
}
