import { settlementPrices } from "#domains/pool/rules/area.ts";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import { energyPosition } from "#domains/pool/rules/energyPosition.ts";
import { localPrice } from "#domains/pool/rules/localPrice.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { type Position, settleAll } from "#domains/pool/rules/settlement.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import { participantTotals, welfareMicro } from "#kernel/auction/payments.ts";
import { createCommunity } from "#world/households/community.ts";
import { type Bills, createBills, type IntervalOutcome } from "./runBills.ts";
import { intervalIdAt, type Scenario } from "./scenario.ts";

/** A finished run: the scenario and its bills. */
export type RunResult = { readonly scenario: Scenario; readonly intervals: number; readonly bills: Bills };

export type RunOptions = {
  /** Called after each interval. */
  readonly onInterval?: (outcome: IntervalOutcome, index: number) => void;
};

/**
 * Runs a scenario's intervals in memory, with the clearing, the settlement and the rounding of the run on the chain:
 * quote, admission, clearing, delivery, settlement, bills.
 */
export function runInMemory(scenario: Scenario, { onInterval }: RunOptions = {}): RunResult {
  const community = createCommunity(scenario);
  const bills = createBills(scenario);
  for (let index = 0; index < scenario.intervals; index += 1) {
    const intervalId = intervalIdAt(scenario, index);
    const market = clearInterval(scenario, community.quote(intervalId));
    const readings = community.deliver(intervalId, market.positions);
    const { localPriceMicroPerKwh } = market;
    const prices = settlementPrices(scenario.terms, { localPriceMicroPerKwh, isSupplied: true });
    const settlements = settleAll(market.positions, readings, prices);
    const { positions, clearedWh, welfareMicro } = market;
    const price = clearedWh > 0n ? localPriceMicroPerKwh : null;
    const sums = { clearedWh, welfareMicro, localPriceMicroPerKwh: price };
    const outcome = { intervalId, readings, positions, settlements, ...sums };
    bills.record(outcome);
    onInterval?.(outcome, index);
  }
  return { scenario, intervals: scenario.intervals, bills };
}

/**
 * A cleared interval.
 *
 * @property positions of everybody who traded; an order without a fill leaves none
 * @property localPriceMicroPerKwh local price of the settlement (R7.19): the one price, or the midpoint of the marginal pair
 */
export type ClearedInterval = {
  readonly clearing: Clearing;
  readonly positions: ReadonlyMap<number, Position>;
  readonly localPriceMicroPerKwh: bigint;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
};

/**
 * Clears the orders of an interval. They enter the book as they are: a community's orders are admissible by
 * construction, which `run.test.ts` holds against the admission of the market.
 */
export function clearInterval(scenario: Scenario, orders: readonly Order<number>[]): ClearedInterval {
  const book = buildEnergyBook(orders);
  const clearing = clearBook(book, scenario.terms.pricing);
  const positions = new Map<number, Position>();
  if (clearing.clearedQuantity > 0)
    for (const [member, total] of participantTotals(book, clearing))
      if (total.bought > 0n || total.sold > 0n) positions.set(member, energyPosition(total));
  return {
    clearing,
    positions,
    localPriceMicroPerKwh: BigInt(localPrice(clearing)),
    clearedWh: BigInt(clearing.clearedQuantity),
    welfareMicro: clearing.clearedQuantity > 0 ? welfareMicro(book, clearing) : 0n,
  };
}
