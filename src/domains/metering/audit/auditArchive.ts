import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { readingSigner, readingWord, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount, type Counts } from "#platform/audit/replay.ts";

/** Gives the archived readings of an interval, all versions; null when the archive does not cover it. */
export type ReadingSource = (areaId: number, intervalId: number) => Promise<readonly SignedReading[] | null>;

/** Missing readings named in a sentence; more would not help to find them. */
const MAX_NAMED_ACCOUNTS = 8;

/**
 * The archived readings behind a publication: of each metering point the one with the highest version up to the
 * published one, by account, each signed by its device and none missing. The root is left to the caller.
 */
export function verifyArchive({
  event,
  archived,
  separator,
  registry,
  counts,
}: {
  event: MeteringEvent<"readingsPublished">;
  archived: readonly SignedReading[];
  separator: Uint8Array;
  registry: RegistryReplay;
  counts: Counts;
}): readonly SignedReading[] {
  const readings = newestUpTo(archived, event.version);
  for (const reading of readings) verifyReading({ event, reading, separator, registry, counts });
  requireComplete({ event, readings, registry });
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
  return [...newest.values()].sort((a, b) => a.account - b.account);
}

/** A reading that was archived twice, as after a crash, is one reading. */
function isSameReading(a: SignedReading, b: SignedReading): boolean {
  return readingWord(a) === readingWord(b);
}

/** A reading belongs to its metering point's account and area, and is signed by the device key valid right now. */
function verifyReading({
  event,
  reading,
  separator,
  registry,
  counts,
}: {
  event: MeteringEvent<"readingsPublished">;
  reading: SignedReading;
  separator: Uint8Array;
  registry: RegistryReplay;
  counts: Counts;
}): void {
  const { account, meterId } = reading;
  const point = registry.meterOf(meterId);
  const isHere = reading.areaId === event.areaId && reading.intervalId === event.intervalId;
  if (!isHere || point?.account !== account || point.areaId !== event.areaId)
    refuseInterval(
      event,
      "readingPlace",
      `the archived reading of account ${account} is not of its metering point`,
      {
        account,
      },
    );
  const signer = isEncodable(reading) ? readingSigner(reading, separator) : null;
  addCount(counts, "metering.signatures");
  if (signer === null || signer !== point?.deviceKey)
    refuseInterval(
      event,
      "readingSignature",
      `the archived reading of account ${account} (${reading.importWh} Wh import, ${reading.exportWh} Wh export) is not signed by its device ${point?.deviceKey ?? "(revoked)"}`,
      { account },
    );
}

/** Energies that a signed struct can't hold were signed by nobody. */
export function isEncodable({ importWh, exportWh }: SignedReading): boolean {
  return [importWh, exportWh].every((wh) => Number.isInteger(wh) && wh >= 0 && wh < 2 ** 32);
}

function requireComplete({
  event,
  readings,
  registry,
}: {
  event: MeteringEvent<"readingsPublished">;
  readings: readonly SignedReading[];
  registry: RegistryReplay;
}): void {
  const accounts = new Set<number>();
  for (const { account } of readings) {
    if (accounts.has(account))
      refuseInterval(event, "readingTwice", `the archive has two readings of account ${account}`, {
        account,
      });
    accounts.add(account);
  }
  if (readings.length > event.meters)
    refuseInterval(
      event,
      "readingsRoot",
      `the archive has ${readings.length} readings, ${event.meters} were published`,
    );
  if (readings.length < event.meters) refuseMissing({ event, accounts, registry });
}

/** Names the accounts whose readings are missing, where that is certain and they are few. */
function refuseMissing({
  event,
  accounts,
  registry,
}: {
  event: MeteringEvent<"readingsPublished">;
  accounts: ReadonlySet<number>;
  registry: RegistryReplay;
}): never {
  const missing = event.meters - accounts.size;
  const absent = registry.meteredIn(event.areaId).filter((account) => !accounts.has(account));
  const isNamed = absent.length === missing && absent.length <= MAX_NAMED_ACCOUNTS;
  const [first] = absent;
  const which = isNamed ? `: account ${absent.join(", ")}` : ` ${missing}`;
  return refuseInterval(
    event,
    "readingMissing",
    `${event.meters} readings were published and ${accounts.size} are in the archive; missing${which}`,
    isNamed && absent.length === 1 && first !== undefined ? { account: first } : {},
  );
}
