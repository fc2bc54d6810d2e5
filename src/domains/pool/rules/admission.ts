import {
  type AdmittedOrders,
  type Refusal as AuctionRefusal,
  type AdmissionRules as AuctionRules,
  orderId as auctionOrderId,
  findRefusal as findAuctionRefusal,
} from "#kernel/auction/admission.ts";
import { auctionOrder, type Order } from "./order.ts";

/** What an order must meet to enter the pool's book (R5.6), prices in micro per kWh. */
export type AdmissionRules = Omit<AuctionRules<number>, "priceBand"> & {
  readonly priceBand: { readonly floorMicroPerKwh: number; readonly ceilingMicroPerKwh: number };
};

/** Why an order is kept out of the pool's book: the auction's reasons, in energy. */
export type Refusal =
  | Exclude<AuctionRefusal, keyof typeof IN_ENERGY>
  | (typeof IN_ENERGY)[keyof typeof IN_ENERGY];

const IN_ENERGY = { zeroQuantity: "zeroEnergy", quantityOutOfRange: "energyOutOfRange" } as const;

/** Judges one order against those of the book: the reason of its refusal, or null when it may enter. */
export function findRefusal({
  order,
  rules: { priceBand, ...rules },
  admitted,
}: {
  order: Order<number>;
  rules: AdmissionRules;
  admitted: AdmittedOrders<number>;
}): Refusal | null {
  const band = {
    floorMicroPerThousand: priceBand.floorMicroPerKwh,
    ceilingMicroPerThousand: priceBand.ceilingMicroPerKwh,
  };
  const refusal = findAuctionRefusal({
    order: auctionOrder(order),
    rules: { ...rules, priceBand: band },
    admitted,
  });
  if (refusal === "zeroQuantity" || refusal === "quantityOutOfRange") return IN_ENERGY[refusal];
  return refusal;
}

/** What identifies an order within an interval's book. */
export function orderId(order: Order<number>): string {
  return auctionOrderId(auctionOrder(order));
}
