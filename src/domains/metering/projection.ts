import type { Projection } from "#platform/store/projection.ts";
import { isMeteringEvent } from "./events.ts";
import {
  projectArea,
  projectAreaChange,
  projectCapacity,
  projectDeviceKey,
  projectMember,
  projectMeter,
} from "./projections/areas.ts";
import { projectReadings, type ReadingsSources } from "./projections/readings.ts";

/** Brings areas, members, metering points and readings up to an event. */
export async function projectMetering({ event, ...projection }: Projection<ReadingsSources>): Promise<void> {
  if (!isMeteringEvent(event)) return;
  const { tx } = projection;
  switch (event.kind) {
    case "areaOpened":
      return projectArea(tx, event);
    case "operatorChanged":
    case "gatewayChanged":
    case "supplierChanged":
    case "dsoChanged":
    case "fundChanged":
      return projectAreaChange(tx, event);
    case "memberAdded":
      return projectMember(tx, event);
    case "meterEnrolled":
    case "meterRetired":
      return projectMeter(tx, event);
    case "capacityChanged":
      return projectCapacity(tx, event);
    case "deviceKeyRotated":
    case "deviceKeyRevoked":
      return projectDeviceKey(tx, event);
    case "readingsPublished":
      return projectReadings({ ...projection, event });
  }
}
