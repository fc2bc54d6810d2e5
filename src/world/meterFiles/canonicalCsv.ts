import { homeEnergy, slotEnergy } from "./homeEnergy.ts";
import type { Recording } from "./recording.ts";

const MILLIS_PER_SECOND = 1_000;

/** A recording as the plainest table: UTC, Wh of each interval, an empty cell for a gap; prices in micro per kWh. */
export function canonicalCsv(recording: Recording): string {
  const { startsAt, stepSeconds, length, columns } = recording;
  const { taken, fedIn } = homeEnergy(recording);
  const energies = [
    { name: "load_wh", of: taken },
    { name: "pv_wh", of: fedIn },
  ].filter(({ of }) => of.length > 0);
  const prices = columns.filter(({ quantity }) => quantity === "price");
  const header = [
    "timestamp_utc",
    ...energies.map(({ name }) => name),
    ...prices.map(({ role }) => priceName(role)),
  ];
  const lines = [header.join(",")];
  for (let slot = 0; slot < length; slot += 1) {
    const time = new Date((startsAt + slot * stepSeconds) * MILLIS_PER_SECOND).toISOString();
    const cells = [
      ...energies.map(({ of }) => slotEnergy(of, slot, stepSeconds)),
      ...prices.map(({ values }) => values[slot] as number),
    ].map((value) => (Number.isNaN(value) ? "" : String(Number(value.toFixed(3)))));
    lines.push([time, ...cells].join(","));
  }
  return `${lines.join("\n")}\n`;
}

function priceName(role: string): string {
  const known: Readonly<Record<string, string>> = { feedIn: "feed_in", retail: "retail" };
  return `${known[role] ?? "price"}_micro_per_kwh`;
}
