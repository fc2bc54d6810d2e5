import { DomainError } from "#kernel/units/domainError.ts";
import type { OrderDesk } from "./orderDesk.ts";

/** What senders and readers of orders meet, however many areas are traded in a process. */
export type OrderDesks = Pick<OrderDesk, "submit" | "openOrders">;

/**
 * The desks of several areas as one: an order goes to the desk of its area, and the first refuses those of no area here. Where there is
 * none at all, an order fails with NoPoolError.
 */
export function joinDesks(desks: ReadonlyMap<number, OrderDesks>): OrderDesks {
  const all = [...desks.values()];
  return {
    async submit(order) {
      const desk = desks.get(order.areaId) ?? all[0];
      if (!desk) throw new NoPoolError(order.areaId);
      return desk.submit(order);
    },
    openOrders: (filter) => all.flatMap((desk) => desk.openOrders(filter)),
  };
}

export class NoPoolError extends DomainError {
  readonly code = "noPool";

  constructor(areaId: number) {
    super(`energy is not traded in area ${areaId}`);
  }
}
