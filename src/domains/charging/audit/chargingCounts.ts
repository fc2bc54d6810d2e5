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
  "charging.stations": {
    name: "Stations registered",
    how: "at a metering point, by its owner, with a newer attestation",
  },
  "charging.holds": { name: "Wallets held", how: "signed by the driver, once, in time" },
  "charging.sessions": { name: "Sessions charged", how: "by the payee, within the hold" },
  "charging.proofs": {
    name: "Disputed sessions proven",
    how: "tariff and meter computed anew from what the module signed",
  },
  "charging.openSessions": { name: "Open sessions", how: "with money that is still in escrow" },
  "charging.openPeriods": { name: "Open periods", how: "with deposits that are still in escrow" },
};
