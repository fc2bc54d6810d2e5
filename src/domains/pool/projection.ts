import { isMeteringEvent } from "#domains/metering/events.ts";
import type { Projection } from "#platform/store/projection.ts";
import { isPoolEvent } from "./events.ts";
import { projectArea } from "./projections/areas.ts";
import { projectIntervalCleared, projectStepVerified } from "./projections/clearings.ts";
import type { PoolSources } from "./projections/poolProjection.ts";
import { projectPublication } from "./projections/publications.ts";
import { projectIntervalSettled, projectPageSettled } from "./projections/settlements.ts";
import { projectIntervalVoided, projectPageVoided } from "./projections/voids.ts";

/** Brings the market's areas, books, trades and settlements up to an event. */
export async function projectPool({ event, ...rest }: Projection<PoolSources>): Promise<void> {
  if (isMeteringEvent(event) && event.kind === "readingsPublished") return projectPublication(rest.tx, event);
  if (!isPoolEvent(event)) return;
  switch (event.kind) {
    case "areaCreated":
      return projectArea(rest.tx, event);
    case "stepVerified":
      return projectStepVerified({ ...rest, event });
    case "intervalCleared":
      return projectIntervalCleared({ ...rest, event });
    case "pageSettled":
      return projectPageSettled({ ...rest, event });
    case "intervalSettled":
      return projectIntervalSettled({ ...rest, event });
    case "pageVoided":
      return projectPageVoided({ ...rest, event });
    case "intervalVoided":
      return projectIntervalVoided({ ...rest, event });
  }
}
