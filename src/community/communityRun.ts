import type { MeterGateway, ReadingRefusal } from "#domains/metering/meterGateway.ts";
import { ledgerSeparator, type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import type { DroppedOrder, MarketOperator, SubmittedClearing } from "#domains/pool/marketOperator.ts";
import type { OrderDesk, SubmittedOrder } from "#domains/pool/orderDesk.ts";
import { gateClosesAt, settlementPrices } from "#domains/pool/rules/area.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { settleAll } from "#domains/pool/rules/settlement.ts";
import { signOrder } from "#domains/pool/rules/signedOrder.ts";
import { welfareMicro } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import type { Community, MeterReadingValue } from "#world/households/community.ts";
import type { IntervalOutcome } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { homeMeterId, keyNames } from "./founding.ts";

/** The roles of a community, ready to work on one area. */
export type CommunityRoles = {
  readonly scenario: Scenario;
  readonly community: Community;
  readonly keyring: Keyring;
  readonly clock: MarketClock;
  readonly desk: OrderDesk;
  readonly operator: MarketOperator;
  readonly gateway: MeterGateway;
  readonly areaId: number;
  readonly separator: Uint8Array;
  readonly ledger: { readonly chainId: number; readonly meterLedger: `0x${string}` };
};

/** A settled interval, and what it took. `refusedReadings` names the homes whose readings the gateway refused. */
export type SettledInterval = {
  readonly outcome: IntervalOutcome;
  readonly localPriceMicroPerKwh: number;
  readonly trades: number;
  readonly transactions: number;
  readonly gasUsed: bigint;
  readonly dropped: readonly DroppedOrder[];
  readonly refusedReadings: readonly { account: number; reason: ReadingRefusal }[];
};

/** What happened to an interval. A failed one has no market: its energy is billed at the tariff. */
export type IntervalReport =
  | { readonly status: "settled"; readonly intervalId: IntervalId; readonly settled: SettledInterval }
  | {
      readonly status: "failed";
      readonly intervalId: IntervalId;
      readonly readings: readonly MeterReadingValue[];
      readonly cause: unknown;
    };

/** What a clearing on the chain came to, step by step, and what it took. */
export type ClearedMarket = {
  readonly steps: readonly (readonly AccountPosition[])[];
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly trades: number;
  readonly transactions: number;
  readonly gasUsed: bigint;
  readonly dropped: readonly DroppedOrder[];
};

/** An interval whose gate is closed: its market, or why there is none. */
export type ClearedInterval = {
  readonly intervalId: IntervalId;
  readonly market: ClearedMarket | Error;
};

/**
 * Runs intervals one after the other through all roles, in the order of time: gates close and books are cleared, and
 * when delivery is over readings are published and settled (design §1). Where gates close before the interval before
 * is over, the two overlap. `unfinished` were cleared before a restart; their homes have quoted.
 */
export async function* runIntervals(
  roles: CommunityRoles,
  intervalIds: Iterable<IntervalId>,
  unfinished: readonly ClearedInterval[] = [],
): AsyncGenerator<IntervalReport> {
  const { terms } = roles.scenario;
  const cleared: ClearedInterval[] = [...unfinished];
  for (const intervalId of intervalIds) {
    const gate = gateClosesAt(intervalId, terms);
    while (cleared[0] && endsAt(cleared[0].intervalId, terms.intervalSeconds) < gate)
      yield await finishInterval(roles, present(cleared.shift(), "a cleared interval"));
    cleared.push(await clearInterval(roles, intervalId));
  }
  for (const interval of cleared) yield await finishInterval(roles, interval);
}

/** Homes quote, all at once, until the last second before the gate closes; then the operator clears what the desk holds. */
async function clearInterval(roles: CommunityRoles, intervalId: IntervalId): Promise<ClearedInterval> {
  const { clock, community, desk, operator, scenario } = roles;
  const gate = gateClosesAt(intervalId, scenario.terms);
  const orders = community.quote(intervalId).map((order) => signHomeOrder(roles, intervalId, order));
  await Promise.all(orders.map((order) => desk.submit(order)));
  await clock.advanceTo(gate);
  return { intervalId, market: await marketFrom(operator.clear(intervalId, desk.takeBook(intervalId))) };
}

/** The market that a clearing makes, or why there is none. */
export async function marketFrom(clearing: Promise<SubmittedClearing>): Promise<ClearedMarket | Error> {
  try {
    return marketOf(await clearing);
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

function marketOf({ plan, dropped, gasUsed, transactions }: SubmittedClearing): ClearedMarket {
  return {
    steps: plan.steps.map((step) => step.positions),
    localPriceMicroPerKwh: plan.localPriceMicroPerKwh,
    clearedWh: BigInt(plan.clearing.clearedQuantity),
    welfareMicro: welfareMicro(plan.book, plan.clearing),
    trades: pairTrades(plan.book, plan.clearing).quantity.length,
    transactions,
    gasUsed,
    dropped,
  };
}

async function finishInterval(
  roles: CommunityRoles,
  { intervalId, market }: ClearedInterval,
): Promise<IntervalReport> {
  const { clock, community, scenario } = roles;
  await clock.advanceTo(endsAt(intervalId, scenario.intervalSeconds));
  if (market instanceof Error) {
    const readings = community.deliver(intervalId, new Map());
    return { status: "failed", intervalId, readings, cause: await giveBackAfter(roles, intervalId, market) };
  }
  const positions = mergePositions(market.steps);
  const readings = community.deliver(intervalId, positions);
  try {
    const settled = await settleInterval(roles, { intervalId, market, positions, readings });
    return { status: "settled", intervalId, settled };
  } catch (cause) {
    return { status: "failed", intervalId, readings, cause };
  }
}

/** Gives back what a failed clearing reserved, if it did. Gives the failure, or that it could not be given back. */
async function giveBackAfter(
  { operator }: CommunityRoles,
  intervalId: IntervalId,
  failure: Error,
): Promise<Error> {
  try {
    await operator.giveBack(intervalId);
    return failure;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Error(`${failure.message}; what it reserved could not be given back: ${why}`, { cause });
  }
}

async function settleInterval(
  roles: CommunityRoles,
  interval: {
    intervalId: IntervalId;
    market: ClearedMarket;
    positions: ReadonlyMap<number, AccountPosition>;
    readings: readonly MeterReadingValue[];
  },
): Promise<SettledInterval> {
  const { intervalId, market, positions, readings } = interval;
  const refusedReadings: { account: number; reason: ReadingRefusal }[] = [];
  const separator = ledgerSeparator(roles.ledger.chainId, roles.ledger.meterLedger);
  for (const reading of readings) {
    const reason = await roles.gateway.collect(signHomeReading(roles, { intervalId, separator }, reading));
    if (reason) refusedReadings.push({ account: reading.account, reason });
  }
  const published = await roles.gateway.publish(intervalId, new Set(positions.keys()));
  const settlement = await roles.operator.settle(intervalId, { positions: market.steps, published });
  const { clearedWh, welfareMicro: welfare, localPriceMicroPerKwh } = market;
  const prices = settlementPrices(roles.scenario.terms, BigInt(localPriceMicroPerKwh));
  const settlements = settleAll(positions, readings, prices);
  return {
    outcome: { intervalId, readings, positions, settlements, clearedWh, welfareMicro: welfare },
    localPriceMicroPerKwh,
    trades: market.trades,
    transactions: market.transactions + settlement.transactions + PUBLISH_TRANSACTIONS,
    gasUsed: market.gasUsed + settlement.gasUsed + published.gasUsed,
    dropped: market.dropped,
    refusedReadings,
  };
}

const PUBLISH_TRANSACTIONS = 1;

function signHomeOrder(roles: CommunityRoles, intervalId: IntervalId, order: Order<number>): SubmittedOrder {
  const { areaId, separator, keyring } = roles;
  const key = keyring.key(keyNames.home(homeOf(roles, order.participant)));
  const context = { separator, areaId, intervalId };
  return signOrder({ ...order, areaId, intervalId }, context, key.privateKey);
}

function signHomeReading(
  roles: CommunityRoles,
  { intervalId, separator }: { intervalId: IntervalId; separator: Uint8Array },
  value: MeterReadingValue,
): SignedReading {
  const { scenario, areaId, keyring } = roles;
  const id = homeOf(roles, value.account);
  const reading = { ...value, meterId: homeMeterId(scenario, id), areaId, intervalId, version: 1 };
  return signReading(reading, separator, keyring.key(keyNames.device(id)).privateKey);
}

function homeOf({ scenario }: CommunityRoles, account: number): string {
  const first = scenario.homes[0]?.account ?? 0;
  return present(scenario.homes[account - first], `the home of account ${account}`).id;
}
