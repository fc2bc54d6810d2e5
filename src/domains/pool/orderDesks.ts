import { present } from "#kernel/units/assert.ts";
import type { OrderDesk } from "./orderDesk.ts";

/** What senders and readers of orders meet, however many areas are traded in a process. */
export type OrderDesks = Pick<OrderDesk, "submit" | "openOrders">;

/** The desks of several areas as one: an order goes to the desk of its area, and the first refuses those of no area here. */
export function joinDesks(desks: ReadonlyMap<number, OrderDesks>): OrderDesks {
  const all = [...desks.values()];
  const first = present(all[0], "the desk of an area");
  return {
    submit: (order) => (desks.get(order.areaId) ?? first).submit(order),
    openOrders: (filter) => all.flatMap((desk) => desk.openOrders(filter)),
  };
}
