import { and, eq } from "drizzle-orm";
import { writeBillLines } from "#domains/billing/projections/bills.ts";
import { readingWord, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { areaOf } from "#domains/pool/projections/areas.ts";
import { changeInterval, openInterval } from "#domains/pool/projections/intervals.ts";
import { holdingsOf } from "#domains/pool/projections/positions.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import type { ChainEvent } from "#platform/chain/chainEvent.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Projection } from "#platform/store/project.ts";
import { readings } from "#platform/store/schema.ts";

/**
 * A root published: the readings that stand under it come from the gateway's archive and are checked against it. Who
 * holds no position gets a bill by the tariff at once; the others get theirs with the settlement.
 */
export async function projectReadings({
  tx,
  event,
  deployment,
  sources,
}: Projection<"readingsPublished">): Promise<void> {
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
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(areaId, intervalId), lines });
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
  deployment: { chainId, meterLedger },
}: {
  signed: readonly SignedReading[];
  traders: ReadonlySet<number>;
  event: ChainEvent<"readingsPublished">;
  deployment: Deployment;
}): boolean {
  if (signed.length === 0) return false;
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  return toHex(buildReadingTree(signed.map(readingWord), context, traders).root) === root;
}
