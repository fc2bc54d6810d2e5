import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { readingWord, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { readings } from "#domains/metering/tables.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace, Projection } from "#platform/store/projection.ts";
import { replaceRows, rowsOf } from "#platform/store/workingSet.ts";
import { sumExchange } from "./areaExchange.ts";

/** What the projection of readings needs beside the chain. It gives the same answer whenever the database is rebuilt. */
export type ReadingsSources = {
  /** All signed readings of an interval that the gateway keeps, in any order and of any version. */
  readonly readingsOf: (areaId: number, intervalId: number) => readonly SignedReading[];
};

/**
 * A root published: the readings that stand under it come from the gateway's archive and are checked against it. Those
 * that settlements open stand apart from the others in the tree.
 */
export async function projectReadings({
  tx,
  event,
  deployment,
  sources,
  opens,
}: Projection<ReadingsSources, MeteringEvent<"readingsPublished">>): Promise<void> {
  const { areaId, intervalId, version } = event;
  const signed = currentReadings(sources.readingsOf(areaId, intervalId), version);
  const opened = await opens(event);
  const accounts = await accountsOfMembers(tx, areaId);
  const proof = isPublished({ signed, opened, event, deployment }) ? "published" : "unproven";
  await replaceRows(tx, readings, event, {
    by: signed.flatMap((reading) => {
      const account = accounts.get(reading.member);
      return account === undefined ? [] : { ...reading, account, signature: toHex(reading.signature), proof };
    }),
  });
  await sumExchange(tx, event);
}

/** For each member the newest reading that the published version can hold, by rising member. */
function currentReadings(list: readonly SignedReading[], version: number): SignedReading[] {
  const newest = new Map<number, SignedReading>();
  for (const reading of list) {
    const known = newest.get(reading.member);
    if (reading.version <= version && (!known || known.version < reading.version))
      newest.set(reading.member, reading);
  }
  return [...newest.values()].sort((a, b) => a.member - b.member);
}

/** Whether the readings give the root. */
function isPublished({
  signed,
  opened,
  event: { areaId, intervalId, version, root },
  deployment,
}: {
  signed: readonly SignedReading[];
  opened: ReadonlySet<number>;
  event: MeteringEvent<"readingsPublished">;
  deployment: Deployment;
}): boolean {
  if (signed.length === 0) return false;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  return toHex(buildReadingTree(signed.map(readingWord), context, opened).root) === root;
}

/** The readings of an interval as they are known. */
export function knownReadings(tx: Queryable, place: IntervalPlace) {
  return rowsOf(tx, readings, place);
}
