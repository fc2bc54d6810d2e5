import type { Order } from "./order.ts";

/**
 * What a member tells its home's agent: a standing order. Prices in micro per kWh, null where the agent decides by itself.
 *
 * @property leastOfferMicroPerKwh what it sells at, at least
 * @property mostBidMicroPerKwh what it buys at, at most
 * @property isPaused whether it orders nothing
 */
export type AgentSettings = {
  readonly leastOfferMicroPerKwh: number | null;
  readonly mostBidMicroPerKwh: number | null;
  readonly isPaused: boolean;
};

/** An agent that decides by itself. */
export const FREE_AGENT: AgentSettings = {
  leastOfferMicroPerKwh: null,
  mostBidMicroPerKwh: null,
  isPaused: false,
};

/** Whether nothing is settled: the agent decides by itself. */
export function isFree({ leastOfferMicroPerKwh, mostBidMicroPerKwh, isPaused }: AgentSettings): boolean {
  return leastOfferMicroPerKwh === null && mostBidMicroPerKwh === null && !isPaused;
}

/** Lowest and highest limit price that are taken, micro per kWh. */
type PriceBand = { readonly floorMicroPerKwh: number; readonly ceilingMicroPerKwh: number };

/**
 * The orders of an agent as its member wants them: offers at no less, bids at no more, none while it is paused. An order whose
 * price is then outside the band is left out: nobody would take it.
 */
export function obeySettings<Member>(
  orders: readonly Order<Member>[],
  settings: AgentSettings,
  { floorMicroPerKwh, ceilingMicroPerKwh }: PriceBand,
): readonly Order<Member>[] {
  if (settings.isPaused) return [];
  return orders
    .map((order) => ({ ...order, limitPriceMicroPerKwh: limitOf(order, settings) }))
    .filter(({ limitPriceMicroPerKwh: limit }) => limit >= floorMicroPerKwh && limit <= ceilingMicroPerKwh);
}

function limitOf<Member>(
  { side, limitPriceMicroPerKwh: limit }: Order<Member>,
  { leastOfferMicroPerKwh, mostBidMicroPerKwh }: AgentSettings,
): number {
  return side === "offer"
    ? Math.max(limit, leastOfferMicroPerKwh ?? limit)
    : Math.min(limit, mostBidMicroPerKwh ?? limit);
}
