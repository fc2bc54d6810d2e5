import { isMeteringEvent } from "#domains/metering/events.ts";
import type { Projection } from "#platform/store/projection.ts";
import { isPoolEvent } from "./events.ts";
import {
  projectIntervalCleared,
  projectIntervalUnsupplied,
  projectStepVerified,
} from "./projections/clearings.ts";
import { projectPositionCorrected } from "./projections/corrections.ts";
import type { PoolSources } from "./projections/poolProjection.ts";
import { projectPublication } from "./projections/publications.ts";
import {
  projectClearingAbandoned,
  projectIntervalReturned,
  projectPageReturned,
} from "./projections/returns.ts";
import { projectIntervalSettled, projectPageSettled } from "./projections/settlements.ts";
import { projectSupply, projectTermsAnnounced } from "./projections/terms.ts";

/** Brings the market's terms, books, trades and settlements up to an event. */
export async function projectPool({ event, ...rest }: Projection<PoolSources>): Promise<void> {
  if (isMeteringEvent(event) && event.kind === "readingsPublished") return projectPublication(rest.tx, event);
  if (!isPoolEvent(event)) return;
  switch (event.kind) {
    case "termsAnnounced":
      return projectTermsAnnounced(rest.tx, event);
    case "supplyAccepted":
    case "supplyWithdrawn":
      return projectSupply(rest.tx, event);
    case "intervalUnsupplied":
      return projectIntervalUnsupplied(rest.tx, event);
    case "stepVerified":
      return projectStepVerified({ ...rest, event });
    case "intervalCleared":
      return projectIntervalCleared({ ...rest, event });
    case "clearingAbandoned":
      return projectClearingAbandoned({ ...rest, event });
    case "pageSettled":
      return projectPageSettled({ ...rest, event });
    case "positionCorrected":
      return projectPositionCorrected({ ...rest, event });
    case "intervalSettled":
      return projectIntervalSettled({ ...rest, event });
    case "pageReturned":
      return projectPageReturned({ ...rest, event });
    case "intervalReturned":
      return projectIntervalReturned({ ...rest, event });
  }
}
