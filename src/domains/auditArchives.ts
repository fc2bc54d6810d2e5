import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { present } from "#kernel/units/assert.ts";
import type { AuditSources } from "./audit.ts";

/** Where the archives of a network lie; null for one that is not here. Intervals' lengths by area, seconds. */
export type ArchivePlaces = {
  readonly readings: string | null;
  readonly orders: string | null;
  readonly intervalSeconds: ReadonlyMap<number, number>;
};

/** The gateway's and the desk's archives as sources of an audit; the desk's without the orders that the chain refused. */
export function openAuditArchives({
  readings: readingsFolder,
  orders: ordersFolder,
  intervalSeconds,
}: ArchivePlaces): Pick<AuditSources, "readings" | "orders"> {
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
