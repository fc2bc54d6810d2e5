import type { Invoice, InvoiceLine } from "#domains/charging/sessions/invoice.ts";
import { DEMONSTRATION_ZONE, type DemonstrationResult } from "#domains/charging/station/demonstration.ts";
import type { StationSight } from "#domains/charging/station/simulatedStation.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { formatExactMicro } from "#kernel/units/money.ts";
import { alignColumns } from "./alignColumns.ts";

const COLUMNS = ["time", "battery", "takes kW", "limit kW", "all kW", "meter kWh"];
const WIDTH = 9;
const WATT_PER_KILOWATT = 1_000;
const PERCENT = 100;
const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
/** Of more sessions the first are shown. */
const MOST_INVOICES = 3;

/** The columns of {@link sightLine}. */
export function sightHeading(): string {
  return rowOf(COLUMNS);
}

/** A station now, and what all stations together draw. */
export function sightLine(at: number, sight: StationSight, all: readonly StationSight[]): string {
  const totalW = all.reduce((sum, { powerW }) => sum + powerW, 0);
  return rowOf([
    localTime(at),
    sight.charge === null ? "–" : `${Math.floor(sight.charge * PERCENT)} %`,
    kilowatt(sight.powerW),
    kilowatt(sight.limitW),
    kilowatt(totalW),
    formatKwh(BigInt(sight.registerWh)),
  ]);
}

/** The first sessions' invoices, and what all came to. */
export function invoiceTable({ sessions, exceptions, peakW, messages }: DemonstrationResult): string {
  const shown = sessions.slice(0, MOST_INVOICES).map(({ session, invoice }) => {
    const title = `${session.stationId}, session ${session.sessionId}: ${localTime(session.startedAt)} to ${localTime(session.endedAt)}, ${formatKwh(session.energyWh)} kWh`;
    return `\n${title}\n${linesOf(invoice)}`;
  });
  const more =
    sessions.length > MOST_INVOICES ? [`\n… and ${sessions.length - MOST_INVOICES} sessions more`] : [];
  const failed = exceptions.map(({ stationId, reason }) => `${stationId}: no invoice, ${reason}`);
  const sum = `\n${sessions.length} of ${sessions.length + exceptions.length} sessions invoiced; at most ${kilowatt(peakW)} kW at once; ${messages} messages`;
  return [...shown, ...more, ...failed, sum].join("\n");
}

function linesOf({ lines, totalMicro, currency }: Invoice): string {
  const rows = lines.map((line) => [
    `  ${line.component}`,
    quantityOf(line),
    formatExactMicro(line.amountMicro),
    currency,
  ]);
  return alignColumns([...rows, ["  total", "", formatExactMicro(totalMicro), currency]], "lrrl");
}

function quantityOf(line: InvoiceLine): string {
  if (line.component === "session") return "";
  if (line.component === "energy")
    return `${formatKwh(line.energyWh)} kWh at ${formatExactMicro(line.priceMicroPerKwh)} a kWh`;
  const minutes = Math.round(line.seconds / SECONDS_PER_MINUTE);
  return `${minutes} min at ${formatExactMicro(line.priceMicroPerHour)} an hour`;
}

function rowOf(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(WIDTH)).join("  ");
}

function kilowatt(powerW: number): string {
  return (powerW / WATT_PER_KILOWATT).toFixed(2);
}

function localTime(unixSeconds: number): string {
  const options = { timeZone: DEMONSTRATION_ZONE, hour: "2-digit", minute: "2-digit" } as const;
  return new Date(unixSeconds * MILLIS_PER_SECOND).toLocaleTimeString("en-GB", options);
}
