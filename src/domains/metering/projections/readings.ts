import { and, eq } from "drizzle-orm";
import { type TariffSource, writeBillLines } from "#domains/billing/projections/bills.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { readingWord, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { readings } from "#domains/metering/tables.ts";
import { areaOf } from "#domains/pool/projections/areas.ts";
import { changeInterval, openInterval } from "#domains/pool/projections/intervals.ts";
import { holdingsOf } from "#domains/pool/projections/positions.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Projection } from "#platform/store/projection.ts";

/** What the projection of readings needs beside the chain. It gives the same answer whenever the database is rebuilt. */
export type ReadingsSources = TariffSource & {
  /** All signed readings of an interval that the gateway keeps, in any order and of any version. */
  readonly readingsOf: (areaId: number, intervalId: number) => readonly SignedReading[];
};

/**
 * A root published: the readings that stand under it come from the gateway's archive and are checked against it. Who
 * holds no position gets a bill by the tariff at once; the others get theirs with the settlement.
 */
export async function projectReadings({
  tx,
  event,
  deployment,
  sources,
}: Projection<ReadingsSources, MeteringEvent<"readingsPublished">>): Promise<void> {
  const { areaId, intervalId, root, version, meters, timestamp: publishedAt } = event;
  const area = await areaOf(tx, areaId);
  const interval = await openInterval(tx, area, intervalId);
  await changeInterval(tx, event, {
    readingsRoot: root,
    readingsVersion: version,
    readingsMeters: meters,
    publishedAt,
  });
  const signed = currentReadings(sources.readingsOf(areaId, intervalId), version);
  const holdings = interval.stage === "voided" ? [] : await holdingsOf(tx, event);
  const traders = new Set(holdings.map(({ account }) => account));
  const proof = isPublished({ signed, traders, event, deployment }) ? "published" : "unproven";
  await tx.delete(readings).where(and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId)));
  await insertAll(
    tx,
    readings,
    signed.map((reading) => ({ ...reading, signature: toHex(reading.signature), proof })),
  );
  const lines = signed.filter(({ account }) => !traders.has(account)).map((reading) => ({ reading }));
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(intervalId), lines });
}

/** For each account the newest reading that the published version can hold, by rising account. */
function currentReadings(list: readonly SignedReading[], version: number): SignedReading[] {
  const newest = new Map<number, SignedReading>();
  for (const reading of list) {
    const known = newest.get(reading.account);
    if (reading.version <= version && (!known || known.version < reading.version))
      newest.set(reading.account, reading);
  }
  return [...newest.values()].sort((a, b) => a.account - b.account);
}

/** Whether the readings give the root: those of accounts with a position stand apart from the others. */
function isPublished({
  signed,
  traders,
  event: { areaId, intervalId, version, root },
  deployment,
}: {
  signed: readonly SignedReading[];
  traders: ReadonlySet<number>;
  event: MeteringEvent<"readingsPublished">;
  deployment: Deployment;
}): boolean {
  if (signed.length === 0) return false;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  return toHex(buildReadingTree(signed.map(readingWord), context, traders).root) === root;
}
