import type { Domain } from "#domains/domain.ts";
import { METERING_COUNTS } from "./audit/meteringCounts.ts";
import { meteringConcerns } from "./concerns.ts";
import { areaRegistry, meterLedger } from "./contract.ts";
import { METERING_WORDS } from "./fieldWords.ts";
import { findMetered } from "./find.ts";
import { projectMetering } from "./projection.ts";
import type { ReadingsSources } from "./projections/readings.ts";
import type { MeteringContext } from "./routes/meteringContext.ts";
import { addNewReadings } from "./routes/newReadings.ts";
import { addDevices, addParticipants } from "./routes/participants.ts";
import { addReadings } from "./routes/readings.ts";
import { SEALED, TABLES } from "./tables.ts";

/** Areas, their members, and the readings of their metering points. */
export const metering: Domain<MeteringContext, ReadingsSources> = {
  name: "metering",
  contracts: [meterLedger, areaRegistry],
  tables: TABLES,
  sealed: SEALED,
  project: projectMetering,
  counts: METERING_COUNTS,
  fieldWords: METERING_WORDS,
  routes: [addParticipants, addDevices, addReadings, addNewReadings],
  find: findMetered,
  concerns: meteringConcerns,
};
