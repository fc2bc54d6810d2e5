import type { Hints } from "./hints.ts";
import { refuseWith } from "./question.ts";
import type { RecordedColumn, Recording } from "./recording.ts";
import { createDayOffsets, openZone } from "./zone.ts";

const SECONDS_PER_HOUR = 3_600;

/** Power of the largest connection at low voltage: 250 kVA behind a transformer's own feeder. */
const LARGEST_CONNECTION_W = 250_000;

/** Main fuses of a house, three times 63 A; what is above is said. */
const HOUSE_CONNECTION_W = 43_500;

/**
 * Looks at what a recording says of the world: power that no connection carries is refused, power that few houses have and
 * values that are always zero are said.
 *
 * @throws FileRefusedError when it can't be
 */
export function checkPlausible(recording: Recording, hints: Hints): Recording {
  const warnings = [...recording.warnings];
  for (const column of recording.columns) {
    if (column.quantity !== "energy" && column.quantity !== "power") continue;
    if (column.role === "vehicleWh") continue;
    const mostW = mostPower(column, recording.stepSeconds);
    const limitW = hints.connectionW ?? LARGEST_CONNECTION_W;
    if (mostW > limitW && !hints.accept?.includes("power"))
      throw refuseWith(tooMuch(column, mostW, limitW, recording));
    if (mostW > HOUSE_CONNECTION_W)
      warnings.push(`"${column.name}" reaches ${kilowatts(mostW)} kW: more than a house's connection`);
  }
  const night = nightShare(recording);
  if (night > NIGHT_SHARE)
    warnings.push(
      `${Math.round(100 * night)} % of its generation falls between 22 and 3 h: is the zone right, is it generation?`,
    );
  if (isZero(recording)) warnings.push("all its energy is zero");
  return { ...recording, warnings };
}

/** Share of generation that may fall into the night. */
const NIGHT_SHARE = 0.05;

/** The share of a PV system's energy between 22 and 3 h of its zone; 0 without one. */
function nightShare({ columns, startsAt, stepSeconds, zone }: Recording): number {
  if (stepSeconds > SECONDS_PER_HOUR || zone === null) return 0;
  const offsetAt = createDayOffsets(openZone(zone, "").clock);
  let [all, night] = [0, 0];
  for (const { role, values } of columns) {
    if (role !== "pv") continue;
    values.forEach((value, slot) => {
      if (!(value > 0)) return;
      const instant = startsAt + slot * stepSeconds;
      const hour = Math.floor(((instant + offsetAt(instant)) % 86_400) / SECONDS_PER_HOUR);
      all += value;
      if (hour >= 22 || hour < 3) night += value;
    });
  }
  return all === 0 ? 0 : night / all;
}

function isZero({ columns }: Recording): boolean {
  const energies = columns.filter(({ quantity }) => quantity === "energy" || quantity === "power");
  return (
    energies.length > 0 && energies.every(({ values }) => values.every((value) => !(Math.abs(value) > 0)))
  );
}

function mostPower({ values, quantity }: RecordedColumn, stepSeconds: number): number {
  const factor = quantity === "energy" ? SECONDS_PER_HOUR / stepSeconds : 1;
  return values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0) * factor;
}

function kilowatts(watts: number): string {
  return String(Number((watts / 1_000).toPrecision(4)));
}

function tooMuch({ name, unit }: RecordedColumn, mostW: number, limitW: number, { stepSeconds }: Recording) {
  return {
    asks: `"${name}" in ${unit} reaches ${kilowatts(mostW)} kW within ${stepSeconds / 60} min, above a connection of ${kilowatts(limitW)} kW: is its unit another, is it a counter, a price, or a sum of many?`,
    answer: `mapping: columns: { "${name}": { unit: … } } or { values: register }; accept: [power] where it is right`,
  };
}
