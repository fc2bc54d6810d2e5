import type { TariffSource } from "#domains/billing/projections/bills.ts";
import { isMeteringEvent } from "#domains/metering/events.ts";
import type { Projection } from "#platform/store/projection.ts";
import { isChargingEvent } from "./events.ts";
import { projectCleared, projectTraded } from "./projections/auctions.ts";
import { projectPaid, projectUndividedReadings, projectWithdrawn } from "./projections/payments.ts";
import {
  projectAllocated,
  projectDemand,
  projectInitialized,
  projectQuotaTerms,
} from "./projections/periods.ts";

/** Brings periods, their stations, auctions and payments up to an event. */
export async function projectCharging({ event, ...rest }: Projection<TariffSource>): Promise<void> {
  if (isMeteringEvent(event) && event.kind === "readingsPublished")
    return projectUndividedReadings({ ...rest, event });
  if (!isChargingEvent(event)) return;
  switch (event.kind) {
    case "quotaTermsAnnounced":
      return projectQuotaTerms({ ...rest, event });
    case "periodInitialized":
      return projectInitialized({ ...rest, event });
    case "demandSubmitted":
      return projectDemand({ ...rest, event });
    case "quotasAllocated":
      return projectAllocated({ ...rest, event });
    case "quotaTraded":
      return projectTraded({ ...rest, event });
    case "quotasCleared":
      return projectCleared({ ...rest, event });
    case "energyPaid":
      return projectPaid({ ...rest, event });
    case "depositWithdrawn":
      return projectWithdrawn({ ...rest, event });
  }
}
