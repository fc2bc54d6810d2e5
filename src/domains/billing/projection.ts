import { isMeteringEvent } from "#domains/metering/events.ts";
import { knownReadings } from "#domains/metering/projections/readings.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { startsAt } from "#kernel/units/interval.ts";
import type { Projection } from "#platform/store/projection.ts";
import { type TariffSource, withLateReadings, writeBillLines } from "./projections/bills.ts";

/**
 * Bills by the tariff at once who has a reading that no settlement opens; the others get theirs with their settlement. Who was
 * settled without a reading, and has one now, is billed for that energy by the tariff besides.
 */
export async function projectBilling({ tx, event, sources, opens }: Projection<TariffSource>): Promise<void> {
  if (!isMeteringEvent(event) || event.kind !== "readingsPublished") return;
  const { areaId, intervalId } = event;
  const { intervalSeconds } = await meteredAreaOf(tx, areaId);
  const opened = await opens(event);
  const readings = await knownReadings(tx, event);
  const unopened = readings.filter(({ member }) => !opened.has(member)).map((reading) => ({ reading }));
  const late = await withLateReadings(
    tx,
    event,
    readings.filter(({ member }) => opened.has(member)),
  );
  await writeBillLines(tx, {
    interval: { areaId, intervalId, startsAt: startsAt(intervalId, intervalSeconds) },
    tariff: sources.tariffOf(areaId, intervalId),
    lines: [...unopened, ...late],
  });
}
