import type { MeteringFact } from "#domains/metering/events.ts";
import type { DomainWords } from "../app/pageDomain.ts";

const EVENTS: Readonly<Record<MeteringFact["kind"], string>> = {
  readingsPublished: "Meter readings were published under one root",
  pageClaimed: "Metered energy was claimed, once for this purpose",
};

/** Words of the ledger of readings. */
export const METERING_WORDS: DomainWords = {
  events: EVENTS,
  calls: {
    publish: "publication of meter readings",
    claimPage: "claim of metered energy, a page",
    claimReading: "claim of metered energy, a reading",
    admitClaimant: "admission of a claimant of metered energy",
  },
  facts: {
    areaId: { name: "Area" },
    root: { name: "Root of the readings" },
    // By the numbers of the contract `MeterLedger`.
    claimPurpose: { name: "Claimed as", values: { 1: "energy", 2: "attribute", 3: "flexibility" } },
    claimant: { name: "Claimed by" },
  },
  steps: { published: "Reading published" },
  contracts: { meterLedger: "meter ledger" },
};
