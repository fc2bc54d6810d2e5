import { existsSync } from "node:fs";
import { join } from "node:path";
import { readIntervalLengths } from "#domains/metering/areaRegistry.ts";
import type { ReadingSource } from "#domains/metering/audit/auditArchive.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import type { OrderSource } from "#domains/pool/audit/poolState.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { present } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";

/** Archives beside the chain, as far as they are available. */
export type ArchiveSources = {
  /** The gateway's archive. */
  readonly readings: ReadingSource | null;
  /** The desk's archive. */
  readonly orders: OrderSource | null;
};

/** Where the archives of a network lie; null for one that is not here. Intervals' lengths by area, seconds. */
export type ArchivePlaces = {
  readonly readings: string | null;
  readonly orders: string | null;
  readonly intervalSeconds: ReadonlyMap<number, number>;
};

/** The archives beside a network, as a community that runs keeps them in the network's folder. */
export async function findArchives(
  folder: string,
  network: Network,
  deployment: Deployment,
): Promise<ArchivePlaces> {
  const place = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : null);
  return {
    readings: place("readings"),
    orders: place("orders"),
    intervalSeconds: await readIntervalLengths(network, deployment),
  };
}

/** The gateway's and the desk's archives as sources of an audit; the desk's without the orders that the chain refused. */
export function openAuditArchives({
  readings: readingsFolder,
  orders: ordersFolder,
  intervalSeconds,
}: ArchivePlaces): ArchiveSources {
  const place = (directory: string) => ({
    directory,
    isReadOnly: true,
    intervalSecondsOf: (areaId: number) =>
      present(intervalSeconds.get(areaId), `the interval length of area ${areaId}`),
  });
  const readings = readingsFolder === null ? null : openReadingArchive(place(readingsFolder));
  const orders = ordersFolder === null ? null : openOrderArchive(place(ordersFolder));
  return {
    readings: readings && (async (areaId, intervalId) => readings.readingsOf(areaId, intervalId)),
    orders:
      orders &&
      (async (areaId, intervalId) =>
        orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null)),
  };
}
