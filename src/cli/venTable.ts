import type { FollowedEvent } from "#domains/response/openadr/ven/simulatedVen.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { alignColumns } from "./alignColumns.ts";

const HEADING = ["begins (UTC)", "asked", "of its own kWh", "used kWh", "change"];
const MILLIS_PER_SECOND = 1_000;
const PERCENT = 100;

/** An event as a VEN followed it, interval by interval, and its sum. */
export function followedTable({ event, intervals, reportID }: FollowedEvent): string {
  const rows = intervals.map(({ startsAt, payloads, baselineWh, usedWh }) => [
    new Date(startsAt * MILLIS_PER_SECOND).toISOString().slice(0, 16).replace("T", " "),
    payloads.map(({ type, values }) => `${type} ${values.map(String).join(" ")}`).join(", "),
    ...energies(baselineWh, usedWh),
  ]);
  const sum = (of: "baselineWh" | "usedWh") => intervals.reduce((all, each) => all + each[of], 0);
  const total = ["sum", "", ...energies(sum("baselineWh"), sum("usedWh"))];
  const title = `${event.eventName ?? event.id}, reported as ${reportID}`;
  return `${title}\n${alignColumns([HEADING, ...rows, total], "llrrr")}\n`;
}

function energies(baselineWh: number, usedWh: number): string[] {
  const change = baselineWh === 0 ? 0 : Math.round((PERCENT * (usedWh - baselineWh)) / baselineWh);
  return [formatKwh(BigInt(baselineWh)), formatKwh(BigInt(usedWh)), `${change > 0 ? "+" : ""}${change} %`];
}

/** The same for programs. */
export function followedRecord({ event, intervals, reportID }: FollowedEvent) {
  return {
    eventID: event.id,
    eventName: event.eventName ?? null,
    programID: event.programID,
    reportID,
    intervals,
  };
}
