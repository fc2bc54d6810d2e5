import { type AccountsEvent, isAccountsEvent } from "#domains/accounts/events.ts";
import { createRegistryState, type RegistryState } from "#domains/accounts/registryState.ts";
import { type DiscrepancySubject, discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { type AuditBase, addCount, type Replay } from "#platform/audit/replay.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { findOwnerFault } from "./auditOwners.ts";
import { findSignerFault, signerDueAfter } from "./auditSigners.ts";
import type { AccountEvent, RegistryFault } from "./registryFault.ts";

/** The registry at the moment that the replay has reached. */
export type RegistryReplay = Omit<RegistryState, "apply"> & Replay;

type DueSigner = ReturnType<typeof signerDueAfter>;

/**
 * Replays the registry from its events: accounts without gaps, one owner each; owners change by acceptance or after a recovery
 * that nobody objected to; a change of signer or entity counts after its notice, and none comes before the last one has
 * counted for as long; an entity signs for who asked it.
 */
export function replayRegistry({ counts, deployment }: AuditBase): RegistryReplay {
  const state = createRegistryState();
  let memberships: string | null = null;
  let due: DueSigner = null;
  return {
    ...state,
    apply(event) {
      if (!isAccountsEvent(event) || event.contract !== "registry") return;
      if (event.kind === "membershipsSet") {
        if (memberships !== null || event.memberships !== addressOf(deployment, "areaRegistry"))
          refuse(event, "memberships", `seats are told by ${event.memberships} from now on`);
        memberships = event.memberships;
        return;
      }
      const fault = findFault(event, state);
      if (fault) refuse(event, fault.rule, fault.finding, { account: event.account });
      if (event.kind === "ownerChanged") due = signerDueAfter(event, state);
      if (event.kind === "signerAnnounced" && due?.event.account === event.account) due = null;
      state.apply(event);
      if (event.kind === "participantRegistered") addCount(counts, "accounts.registered");
    },
    closeTransaction() {
      if (due === null) return;
      const { event } = due;
      const finding = `the new owner of account ${event.account} signed for it, and no notice was given`;
      refuse(event, "signerNotice", finding, { account: event.account });
    },
  };
}

function findFault(event: AccountEvent, state: RegistryState): RegistryFault | null {
  const { account } = event;
  if (event.kind === "participantRegistered") {
    const last = state.accounts().length;
    if (account !== last + 1)
      return { rule: "accountNumber", finding: `account ${account} follows account ${last}` };
  } else if (state.ownerOf(account) === null)
    return { rule: "unknownAccount", finding: `account ${account} is not registered` };
  return findOwnerFault(event, state) ?? findSignerFault(event, state);
}

function refuse(
  event: AccountsEvent,
  rule: string,
  finding: string,
  subject: DiscrepancySubject = {},
): never {
  throw discrepancyAt(event, { rule, finding, ...subject });
}
