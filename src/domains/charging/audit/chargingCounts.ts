import type { CountWords } from "#platform/audit/replay.ts";

export const CHARGING_COUNTS: CountWords = {
  "charging.demands": {
    name: "Demands",
    how: "in time, within the connection, with the deposit that is needed",
  },
  "charging.allocations": { name: "Margins divided", how: "in proportion, to the W" },
  "charging.orders": {
    name: "Orders of quota",
    how: "signed by who signs for the station, within the limits",
  },
  "charging.auctions": { name: "Auctions of quotas", how: "cleared anew from their orders" },
  "charging.payments": { name: "Charging paid", how: "tariff and penalty by proven readings" },
  "charging.openPeriods": { name: "Open periods", how: "with deposits that are still in escrow" },
};
