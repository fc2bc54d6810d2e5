import type { CountWords } from "#platform/audit/replay.ts";

export const METERING_COUNTS: CountWords = {
  "metering.roots": { name: "Roots of readings", how: "published once, before they are settled" },
  "metering.readings": { name: "Readings", how: "signed by the meter’s device, give the published root" },
  "metering.signatures": {
    name: "Signatures of readings",
    how: "recovered, the device’s key valid at that moment",
  },
  "metering.opened": { name: "Opened readings", how: "shown by a settlement, stand in the published tree" },
};
