import { keyNames } from "#community/keyNames.ts";
import { homeMeterId } from "#community/pool/members.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import {
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { clearingCalls, settlementCalls } from "#domains/pool/poolMarket.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { type ClearingPlan, planClearing, type Submission } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import {
  type OrderContext,
  poolSeparator,
  type SignedOrder,
  signOrder,
} from "#domains/pool/rules/signedOrder.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import type { Home } from "#world/households/home.ts";
import { intervalIdAt } from "#world/simulation/scenario.ts";
import type { BenchMarket } from "./market.ts";

/** An interval whose orders and readings are signed: what homes and meters do before the operator's work begins. */
export type PreparedInterval = {
  readonly intervalId: IntervalId;
  readonly orders: readonly SignedOrder[];
  readonly submit: Submission;
  readonly readings: readonly SignedReading[];
};

/** Draws the orders of one interval, one a home; the same index gives the same orders. */
type DrawOrders = (homes: readonly Home[], index: number) => Order<number>[];

/** Which book an interval has, and how much of it goes to the chain. */
export type BookChoice = { readonly book: number; readonly draw: DrawOrders; readonly submit: Submission };

/** What a transaction took: gas of its receipt, and bytes of its calldata. */
export type SentTransaction = { readonly gasUsed: number; readonly bytes: number };

const SEED = 9_512;
const VERSION = 1;
/** One trading home in so many consumes or delivers something else than it traded. */
const DEVIATES_EVERY = 8;
/** Reading of a home without a position. */
const USUAL_IMPORT_WH = 700;

/**
 * Orders of one interval: every second home bids 0.08 to 0.36 currency a kWh, every other offers 0.06 to 0.30, 100 to
 * 4,000 Wh each, which every connection carries. The same `index` gives the same orders in every market of the same size.
 */
export function drawOrders(homes: readonly Home[], index: number): Order<number>[] {
  const uniform = uniformOf(SEED + index);
  return homes.map(({ member }, i) => ({
    participant: member,
    side: i % 2 === 0 ? "bid" : "offer",
    limitPriceMicroPerKwh: i % 2 === 0 ? uniform(80_000, 360_000) : uniform(60_000, 300_000),
    energyWh: uniform(100, 4_000),
    sequence: 0,
  }));
}

/**
 * Orders of one interval that all trade: bids 0.25 to 0.36 currency a kWh, offers 0.06 to 0.20, and a bid and an offer of
 * each 100 to 4,000 Wh drawn, so that all that is offered is bought. Sorted by price the two sides are cut at different
 * places, which makes nearly as many trades as orders.
 */
export function drawTradingOrders(homes: readonly Home[], index: number): Order<number>[] {
  const uniform = uniformOf(SEED + index);
  const energiesWh = Array.from({ length: homes.length / 2 }, () => uniform(100, 4_000));
  return homes.map(({ member }, i) => ({
    participant: member,
    side: i % 2 === 0 ? "bid" : "offer",
    limitPriceMicroPerKwh: i % 2 === 0 ? uniform(250_000, 360_000) : uniform(60_000, 200_000),
    energyWh: present(energiesWh[Math.floor(i / 2)], "the energy of a pair"),
    sequence: 0,
  }));
}

/**
 * Draws and signs the orders and readings of an interval. `book` names the one whose orders are drawn, by default itself. Of
 * the scenario every second interval is run: when one is settled the next has begun, and can't be cleared.
 */
export function prepareInterval(
  market: BenchMarket,
  index: number,
  { book = index, draw = drawOrders, submit = "needed" }: Partial<BookChoice> = {},
): PreparedInterval {
  const { scenario } = market;
  const intervalId = intervalIdAt(scenario, 2 * index);
  const orders = signOrders(market, intervalId, draw(scenario.homes, book));
  const { positions } = planInterval(market, { intervalId, orders, submit });
  return { intervalId, orders, submit, readings: signReadings(market, intervalId, byMember(positions)) };
}

/** Clears an interval on the chain, as the operator does once the gate is closed: merit order, fills, transactions. */
export async function clearInterval(
  market: BenchMarket,
  prepared: PreparedInterval,
): Promise<{ plan: ClearingPlan; trades: number; sent: SentTransaction[] }> {
  await market.chain.setNextBlockTime(gateClosesAt(prepared.intervalId, market.scenario.terms));
  const plan = planInterval(market, prepared);
  const trades = pairTrades(plan.book, plan.clearing).quantity.length;
  return { plan, trades, sent: await sendEach(market.operator, clearingCalls(market.deployment, plan)) };
}

/** Publishes the root of the readings when delivery is over, and settles every page. */
export async function settleInterval(
  market: BenchMarket,
  { intervalId, readings }: PreparedInterval,
  plan: ClearingPlan,
): Promise<{ published: SentTransaction[]; settled: SentTransaction[] }> {
  const { chain, deployment, areaId, scenario, pricing, gateway, operator } = market;
  await chain.setNextBlockTime(endsAt(intervalId, scenario.intervalSeconds));
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: VERSION });
  const { positions } = plan;
  const positioned = new Set(positions.map(({ member }) => member));
  const tree = buildReadingTree(readings.map(readingWord), context, positioned);
  const { root } = tree;
  const published = await sendEach(gateway, [
    publishCall(deployment, { areaId, intervalId, root, meters: readings.length }),
  ]);
  const calls = settlementCalls(deployment, { areaId, intervalId, positions, pricing, tree, context });
  return { published, settled: await sendEach(operator, calls) };
}

/** Sends calls, the next one behind the one before. */
async function sendEach(sender: Sender, calls: readonly Call[]): Promise<SentTransaction[]> {
  const receipts = await sender.sendAll(calls);
  return receipts.map(({ gasUsed }, i) => ({ gasUsed: Number(gasUsed), bytes: bytesOf(calls[i]) }));
}

function bytesOf(call: Call | undefined): number {
  return call === undefined ? 0 : call.data.length / 2 - 1;
}

function planInterval(
  market: BenchMarket,
  { intervalId, orders, submit }: Omit<PreparedInterval, "readings">,
): ClearingPlan {
  return planClearing({ orders, pricing: market.pricing, ...contextOf(market, intervalId), submit });
}

function signOrders(
  market: BenchMarket,
  intervalId: IntervalId,
  orders: readonly Order<number>[],
): SignedOrder[] {
  const { scenario, keyring } = market;
  const context = contextOf(market, intervalId);
  return orders.map((order, i) => {
    const key = keyring.key(keyNames.home(scenario.homes[i]?.id ?? ""));
    return signOrder(order, context, key.privateKey);
  });
}

function contextOf({ deployment, areaId }: BenchMarket, intervalId: IntervalId): OrderContext {
  return {
    separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")),
    areaId,
    intervalId,
  };
}

function byMember(positions: readonly MemberPosition[]): ReadonlyMap<number, MemberPosition> {
  return new Map(positions.map((position) => [position.member, position]));
}

/** Whole numbers drawn uniformly from a range, both ends included. */
function uniformOf(seed: number): (least: number, greatest: number) => number {
  const random = seededRandom(seed);
  return (least, greatest) => least + Math.floor(random() * (greatest - least + 1));
}

/** Every home's meter reports; the readings of homes without a position stay sealed. */
function signReadings(
  { scenario, deployment, areaId, keyring }: BenchMarket,
  intervalId: IntervalId,
  positions: ReadonlyMap<number, MemberPosition>,
): SignedReading[] {
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  return scenario.homes.map(({ id, member }, i) => {
    const position = positions.get(member);
    const traded = position && i % DEVIATES_EVERY !== 0 ? position : null;
    const reading = {
      meterId: homeMeterId(scenario, id),
      member,
      areaId,
      intervalId,
      importWh: traded ? Number(traded.boughtWh) : USUAL_IMPORT_WH,
      exportWh: traded ? Number(traded.soldWh) : 0,
      quality: "measured",
      version: VERSION,
    } as const;
    return signReading(reading, separator, keyring.key(keyNames.device(id)).privateKey);
  });
}
