import type { FieldWords } from "#platform/api/documentation/fieldWords.ts";

/** What the names of this field's answers mean, in every answer that has them. */
export const METERING_WORDS: FieldWords = {
  deviceKey: "public key of the meter's device, as an address",
  devices: "keys of the metering point's device, the latest first",
  exportWh: "energy that the meter counted into the grid",
  "exportWh:array": "energy into the grid, one number for each interval",
  importWh: "energy that the meter counted out of the grid",
  "importWh:array": "energy out of the grid, one number for each interval",
  intervalSeconds: "length of an interval",
  meterLedger: "address of the contract that keeps the roots of readings",
  member: "number of the member within the area",
  meterId: "number of the metering point; null where there is no meter",
  meters: "metering points with a reading",
  proof: "published: under the root on the chain; opened: shown by a settlement as well; unproven: neither",
  publishedAt: "when the readings came to the chain",
  quality: "how the reading came about",
  readings: "what the meters counted",
  "readings:object": "the publication of the interval's readings; null before it",
  root: "binds all readings or orders of the interval, by one hash",
  validFrom: "when the key's signatures begin to count",
  validUntil: "when they cease to count; null while they do",
};
