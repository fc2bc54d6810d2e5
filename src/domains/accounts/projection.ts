import type { Projection } from "#platform/store/projection.ts";
import { isAccountsEvent } from "./events.ts";
import { moveMoney } from "./projections/moveMoney.ts";
import { projectParticipant } from "./projections/registry.ts";
import { projectTransfer } from "./projections/transfers.ts";

/** Brings participants and balances up to an event. */
export async function projectAccounts({ tx, event }: Projection): Promise<void> {
  if (!isAccountsEvent(event)) return;
  switch (event.kind) {
    case "participantRegistered":
    case "participantSuspended":
    case "participantReinstated":
    case "signerAnnounced":
    case "ownerChanged":
    case "entitySet":
    case "entityJoined":
    case "entityLeft":
      return projectParticipant(tx, event);
    case "deposited":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro }]);
    case "withdrawn":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro }]);
    case "marginAdded":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro, margin: event.amountMicro }]);
    case "marginWithdrawn":
    case "marginOverflowed":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro, margin: -event.amountMicro }]);
    case "marginTransferred":
      return projectTransfer(tx, event);
  }
}
