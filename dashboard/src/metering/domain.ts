import { METERING_COUNTS } from "#domains/metering/audit/meteringCounts.ts";
import type { MeteringFact } from "#domains/metering/events.ts";
import { lazyPart } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";
import { METERING_WORDS } from "./words.ts";

const AREA = ["areas", "session"] as const;
const METERED = ["devices", "standing", "session"] as const;

/** What each kind of its events changes; nothing where no page shows it. */
const CHANGED_BY: Readonly<Record<MeteringFact["kind"], readonly string[]>> = {
  areaOpened: AREA,
  operatorNamed: [],
  operatorChanged: AREA,
  gatewayChanged: AREA,
  supplierChanged: AREA,
  dsoChanged: AREA,
  fundChanged: AREA,
  memberAdded: ["names", "standing", "session"],
  meterEnrolled: METERED,
  meterRetired: METERED,
  capacityChanged: METERED,
  deviceKeyRotated: ["devices"],
  deviceKeyRevoked: ["devices"],
  stationSet: [],
  claimantAdmitted: [],
  readingsPublished: ["readings"],
  pageClaimed: [],
  readingClaimed: [],
};

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
  changedBy: CHANGED_BY,
  words: METERING_WORDS,
  counts: METERING_COUNTS,
  found: {
    reading: {
      name: "Meter reading",
      component: lazyPart(() => import("./ReadingTrail.tsx"), "ReadingTrail"),
    },
  },
};
