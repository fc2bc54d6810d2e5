import type { CountWords } from "#platform/audit/replay.ts";

export const POOL_COUNTS: CountWords = {
  "pool.orders": { name: "Orders", how: "signed by who signs for the member, within the limits" },
  "pool.signatures": { name: "Signatures of orders", how: "recovered, of submitted and archived orders" },
  "pool.books": { name: "Books", how: "all orders together give the recorded root" },
  "pool.clearings": { name: "Clearings", how: "cleared anew, with the same price and energy" },
  "pool.trades": { name: "Trades", how: "come of the clearing, none more, none less" },
  "pool.settlements": { name: "Intervals settled", how: "every page paid, the remainder in the fund" },
  "pool.payments": { name: "Payments", how: "computed anew from positions and readings" },
  "pool.corrections": {
    name: "Corrections",
    how: "the difference computed anew from the corrected readings",
  },
  "pool.abandoned": { name: "Clearings given up", how: "by the operator, or once delivery began" },
  "pool.returned": { name: "Clearings given back", how: "all reserved money returned" },
  "pool.openIntervals": { name: "Intervals still open", how: "cleared and not settled yet: no fault" },
};
