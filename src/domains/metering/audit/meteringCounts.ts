import type { CountWords } from "#platform/audit/replay.ts";

export const METERING_COUNTS: CountWords = {
  "metering.members": { name: "Members", how: "numbered without gaps in each area, each of one account" },
  "metering.roots": {
    name: "Roots of readings",
    how: "published by the area’s gateway, after the interval, version by version",
  },
  "metering.readings": { name: "Readings", how: "signed by the meter’s device, give the published root" },
  "metering.signatures": {
    name: "Signatures of readings",
    how: "recovered, by the device’s key at the end of the interval",
  },
  "metering.opened": { name: "Opened readings", how: "shown by a settlement, stand in the published tree" },
};
