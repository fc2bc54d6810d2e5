import type { Domain } from "#domains/domain.ts";
import { METERING_COUNTS } from "#domains/metering/audit/meteringCounts.ts";
import type { ReadingsSources } from "#domains/metering/projections/readings.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { meterLedger } from "./contract.ts";
import { projectMetering } from "./projection.ts";
import { TABLES } from "./tables.ts";

/** Areas and the readings of their metering points. */
export const metering: Domain<ApiContext, ReadingsSources> = {
  name: "metering",
  contracts: [meterLedger],
  tables: TABLES,
  project: projectMetering,
  counts: METERING_COUNTS,
};
