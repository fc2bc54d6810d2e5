import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import { meritOrder } from "#kernel/auction/meritOrder.ts";
import type { Side } from "#kernel/auction/order.ts";

/** An order of a book, as far as a curve needs it. */
export type CurveOrder = {
  readonly orderId: string;
  readonly account: number;
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly fillWh: number | null;
  readonly sequence: number;
};

/** A step of a curve: the energy from `fromWh` to `toWh` is wanted, or offered, at the order's limit price. */
export type CurveStep = { readonly order: CurveOrder; readonly fromWh: number; readonly toWh: number };

export type MeritCurves = { readonly demand: readonly CurveStep[]; readonly supply: readonly CurveStep[] };

/** Demand falls from the dearest bid, supply rises from the cheapest offer: the market's own merit order. */
export function meritCurves(orders: readonly CurveOrder[]): MeritCurves {
  const bids = orders.filter(({ side }) => side === "bid");
  const offers = orders.filter(({ side }) => side === "offer");
  const toOrder = ({ account, ...order }: CurveOrder) => ({ ...order, participant: account });
  const merit = meritOrder(buildEnergyBook([...bids, ...offers].map(toOrder)));
  return { demand: stack(bids, merit.bids), supply: stack(offers, merit.offers) };
}

function stack(orders: readonly CurveOrder[], merit: ArrayLike<number>): CurveStep[] {
  let fromWh = 0;
  return Array.from(merit).flatMap((index) => {
    const order = orders[index];
    if (!order) return [];
    const step = { order, fromWh, toWh: fromWh + order.energyWh };
    fromWh = step.toWh;
    return [step];
  });
}
