import type { Projection } from "#platform/store/projection.ts";
import { isMeteringEvent } from "./events.ts";
import { projectReadings, type ReadingsSources } from "./projections/readings.ts";

/** Brings readings up to an event. */
export async function projectMetering({ event, ...projection }: Projection<ReadingsSources>): Promise<void> {
  if (isMeteringEvent(event) && event.kind === "readingsPublished")
    await projectReadings({ ...projection, event });
}
