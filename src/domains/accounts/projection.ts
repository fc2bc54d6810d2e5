import type { Projection } from "#platform/store/projection.ts";
import { isAccountsEvent } from "./events.ts";
import { moveMoney } from "./projections/moveMoney.ts";
import { projectDeviceKey, projectEntity, projectMeter, projectParticipant } from "./projections/registry.ts";

/** Brings participants, metering points and balances up to an event. */
export async function projectAccounts({ tx, event }: Projection): Promise<void> {
  if (!isAccountsEvent(event)) return;
  switch (event.kind) {
    case "participantRegistered":
    case "participantSuspended":
    case "participantReinstated":
      return projectParticipant(tx, event);
    case "entityJoined":
    case "entityLeft":
      return projectEntity(tx, event);
    case "meterEnrolled":
    case "meterRetired":
      return projectMeter(tx, event);
    case "deviceKeyRotated":
    case "deviceKeyRevoked":
      return projectDeviceKey(tx, event);
    case "deposited":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro }]);
    case "withdrawn":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro }]);
    case "marginAdded":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro, margin: event.amountMicro }]);
    case "marginWithdrawn":
    case "marginOverflowed":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro, margin: -event.amountMicro }]);
  }
}
