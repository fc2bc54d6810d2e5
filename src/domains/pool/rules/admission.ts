import {
  type AdmittedOrders,
  type Refusal as AuctionRefusal,
  type AdmissionRules as AuctionRules,
  orderId as auctionOrderId,
  findRefusal as findAuctionRefusal,
} from "#kernel/auction/admission.ts";
import { auctionOrder, MAX_SEQUENCE, type Order } from "./order.ts";

/**
 * What an order must meet to enter the pool's book (R5.6), prices in micro per kWh.
 *
 * @property connectionWh most energy that the member's connection carries in the interval, whole Wh
 */
export type AdmissionRules = Omit<AuctionRules<number>, "priceBand"> & {
  readonly priceBand: { readonly floorMicroPerKwh: number; readonly ceilingMicroPerKwh: number };
  readonly connectionWh: number;
};

/** Why an order is kept out of the pool's book: the auction's reasons, in energy, and the pool's own. */
export type Refusal =
  | Exclude<AuctionRefusal, keyof typeof IN_ENERGY>
  | (typeof IN_ENERGY)[keyof typeof IN_ENERGY]
  | "sequenceOutOfRange"
  | "aboveConnection";

const IN_ENERGY = { zeroQuantity: "zeroEnergy", quantityOutOfRange: "energyOutOfRange" } as const;

/** Judges one order against those of the book: the reason of its refusal, or null when it may enter. */
export function findRefusal({
  order,
  rules: { priceBand, connectionWh, ...rules },
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
  if (refusal !== null && !tellsOfBook(refusal)) return refusal;
  if (order.sequence > MAX_SEQUENCE) return "sequenceOutOfRange";
  if (order.energyWh > connectionWh) return "aboveConnection";
  return refusal;
}

/** Whether a refusal says what stands in the book; one that does comes last. */
export function tellsOfBook(refusal: Refusal | AuctionRefusal): boolean {
  return refusal === "duplicateId" || refusal === "bothSides";
}

const SECONDS_PER_HOUR = 3_600;

/** Most energy that a connection of `capacityW` carries in an interval, whole Wh; a position above it is refused. */
export function connectionWh(capacityW: number, { intervalSeconds }: { intervalSeconds: number }): number {
  return Math.floor((capacityW * intervalSeconds) / SECONDS_PER_HOUR);
}

/** What identifies an order within an interval's book. */
export function orderId(order: Order<number>): string {
  return auctionOrderId(auctionOrder(order));
}
