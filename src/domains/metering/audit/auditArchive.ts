import type { AreaState } from "#domains/metering/areaState.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { readingSigner, readingWord, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount, type Counts } from "#platform/audit/replay.ts";

/** Gives the archived readings of an interval, all versions; null when the archive does not cover it. */
export type ReadingSource = (areaId: number, intervalId: number) => Promise<readonly SignedReading[] | null>;

type Areas = Pick<AreaState, "areaOf" | "meterAt" | "meteredIn">;

/** Missing readings named in a sentence; more would not help to find them. */
const MAX_NAMED_MEMBERS = 8;

/**
 * The archived readings behind a publication: of each metering point the one with the highest version up to the
 * published one, by member, each signed by its device and none missing. The root is left to the caller.
 */
export function verifyArchive({
  event,
  archived,
  separator,
  areas,
  counts,
}: {
  event: MeteringEvent<"readingsPublished">;
  archived: readonly SignedReading[];
  separator: Uint8Array;
  areas: Areas;
  counts: Counts;
}): readonly SignedReading[] {
  const readings = newestUpTo(archived, event.version);
  for (const reading of readings) verifyReading({ event, reading, separator, areas, counts });
  requireComplete({ event, readings, areas });
  return readings;
}

/** Of each metering point the reading with the highest version up to `version`: what the gateway publishes. */
function newestUpTo(readings: readonly SignedReading[], version: number): readonly SignedReading[] {
  const newest = new Map<string, SignedReading>();
  for (const reading of readings) {
    if (reading.version > version) continue;
    const key = reading.meterId;
    const old = newest.get(key);
    if (!old || old.version < reading.version) newest.set(key, reading);
    else if (old.version === reading.version && !isSameReading(old, reading))
      newest.set(`${key}/again`, reading);
  }
  return [...newest.values()].sort((a, b) => a.member - b.member);
}

/** A reading that was archived twice, as after a crash, is one reading. */
function isSameReading(a: SignedReading, b: SignedReading): boolean {
  return readingWord(a) === readingWord(b);
}

/** A reading is of its metering point's member, and signed by the device key in force at the end of the interval. */
function verifyReading({
  event,
  reading,
  separator,
  areas,
  counts,
}: {
  event: MeteringEvent<"readingsPublished">;
  reading: SignedReading;
  separator: Uint8Array;
  areas: Areas;
  counts: Counts;
}): void {
  const { member, meterId } = reading;
  const { intervalSeconds = 0 } = areas.areaOf(event.areaId) ?? {};
  const point = areas.meterAt(meterId, endsAt(event.intervalId, intervalSeconds));
  const isHere = reading.areaId === event.areaId && reading.intervalId === event.intervalId;
  if (!isHere || point?.member !== member || point.areaId !== event.areaId)
    refuseInterval(
      event,
      "readingPlace",
      `the archived reading of member ${member} is not of its metering point`,
      { member },
    );
  const signer = isEncodable(reading) ? readingSigner(reading, separator) : null;
  addCount(counts, "metering.signatures");
  if (signer === null || signer !== point?.deviceKey)
    refuseInterval(
      event,
      "readingSignature",
      `the archived reading of member ${member} (${reading.importWh} Wh import, ${reading.exportWh} Wh export) is not signed by its device ${point?.deviceKey ?? "(revoked)"}`,
      { member },
    );
}

/** Energies that a signed struct can't hold were signed by nobody. */
export function isEncodable({ importWh, exportWh }: SignedReading): boolean {
  return [importWh, exportWh].every((wh) => Number.isInteger(wh) && wh >= 0 && wh < 2 ** 32);
}

function requireComplete({
  event,
  readings,
  areas,
}: {
  event: MeteringEvent<"readingsPublished">;
  readings: readonly SignedReading[];
  areas: Areas;
}): void {
  const members = new Set<number>();
  for (const { member } of readings) {
    if (members.has(member))
      refuseInterval(event, "readingTwice", `the archive has two readings of member ${member}`, { member });
    members.add(member);
  }
  if (readings.length > event.meters)
    refuseInterval(
      event,
      "readingsRoot",
      `the archive has ${readings.length} readings, ${event.meters} were published`,
    );
  if (readings.length < event.meters) refuseMissing({ event, members, areas });
}

/** Names the members whose readings are missing, where that is certain and they are few. */
function refuseMissing({
  event,
  members,
  areas,
}: {
  event: MeteringEvent<"readingsPublished">;
  members: ReadonlySet<number>;
  areas: Areas;
}): never {
  const missing = event.meters - members.size;
  const absent = areas.meteredIn(event.areaId).filter((member) => !members.has(member));
  const isNamed = absent.length === missing && absent.length <= MAX_NAMED_MEMBERS;
  const [first] = absent;
  const which = isNamed ? `: member ${absent.join(", ")}` : ` ${missing}`;
  return refuseInterval(
    event,
    "readingMissing",
    `${event.meters} readings were published and ${members.size} are in the archive; missing${which}`,
    isNamed && absent.length === 1 && first !== undefined ? { member: first } : {},
  );
}
