import { METERING_COUNTS } from "#domains/metering/audit/meteringCounts.ts";
import { lazyPart } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";
import { METERING_WORDS } from "./words.ts";

const METERED = ["devices"] as const;

/** Areas, meters, and what they read. */
export const metering: PageDomain = {
  name: "metering",
  accountCards: [
    { shownTo: "owner", place: "side", component: lazyPart(() => import("./MyMeter.tsx"), "MyMeter") },
  ],
  answers: {
    areas: /^\/v1\/areas$/,
    devices: /^\/v1\/participants\/\d+\/devices$/,
    readings: /\/readings\/\d+\/trail$/,
  },
  changedBy: {
    participantRegistered: METERED,
    participantSuspended: METERED,
    participantReinstated: METERED,
    entityJoined: METERED,
    entityLeft: METERED,
    meterEnrolled: METERED,
    meterRetired: METERED,
    deviceKeyRotated: METERED,
    deviceKeyRevoked: METERED,
    readingsPublished: ["readings"],
    pageClaimed: [],
  },
  words: METERING_WORDS,
  counts: METERING_COUNTS,
  found: {
    reading: {
      name: "Meter reading",
      component: lazyPart(() => import("./ReadingTrail.tsx"), "ReadingTrail"),
    },
  },
};
