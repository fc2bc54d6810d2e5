import { type AccountsEvent, isAccountsEvent } from "#domains/accounts/events.ts";
import { createRegistryState, type RegistryState } from "#domains/accounts/registryState.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { type DiscrepancySubject, discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { type AuditBase, addCount, type Replay } from "#platform/audit/replay.ts";

/** The registry at the moment that the replay has reached. */
export type RegistryReplay = Omit<RegistryState, "apply"> & Replay;

/** Replays the registry from its events: accounts without gaps, one owner each, one metering point an account. */
export function replayRegistry({ counts }: Pick<AuditBase, "counts">): RegistryReplay {
  const state = createRegistryState();
  const accountOf = new Map<Address, number>();
  return {
    ...state,
    apply(event) {
      if (!isAccountsEvent(event) || event.contract === "token") return;
      verifyFact(event, state, accountOf);
      state.apply(event);
      if (event.kind !== "participantRegistered") return;
      accountOf.set(event.participant, event.account);
      addCount(counts, "accounts.registered");
    },
  };
}

function verifyFact(
  event: AccountsEvent,
  state: RegistryState,
  accountOf: ReadonlyMap<Address, number>,
): void {
  if (event.kind === "participantRegistered") verifyRegistration(event, accountOf);
  else if (event.kind === "participantSuspended" || event.kind === "participantReinstated")
    requireKnown(event, state, event.account);
  else if (event.kind === "entityJoined") verifyJoining(event, state);
  else if (event.kind === "entityLeft") verifyLeaving(event, state);
  else if (event.kind === "meterEnrolled") verifyEnrolment(event, state);
  else if (
    event.kind === "meterRetired" ||
    event.kind === "deviceKeyRotated" ||
    event.kind === "deviceKeyRevoked"
  )
    requireMeter(event, state);
}

function verifyRegistration(
  event: AccountsEvent<"participantRegistered">,
  accountOf: ReadonlyMap<Address, number>,
): void {
  const { account, participant } = event;
  const last = accountOf.size;
  if (account !== last + 1)
    refuse(event, "accountNumber", `account ${account} follows account ${last}`, { account });
  const other = accountOf.get(participant);
  if (other !== undefined)
    refuse(event, "ownerTwice", `${participant} owns account ${other} already`, { account });
}

function verifyJoining(event: AccountsEvent<"entityJoined">, state: RegistryState): void {
  const { account, entity } = event;
  requireKnown(event, state, account);
  requireKnown(event, state, entity);
  const isFree = state.entityOf(account) === 0 && account !== entity && state.entityOf(entity) === 0;
  if (!isFree)
    refuse(event, "membership", `account ${account} can't become a member of account ${entity}`, {
      account,
    });
}

function verifyLeaving(event: AccountsEvent<"entityLeft">, state: RegistryState): void {
  const { account, entity } = event;
  requireKnown(event, state, account);
  if (state.entityOf(account) !== entity)
    refuse(event, "membership", `account ${account} is no member of account ${entity}`, { account });
}

function verifyEnrolment(event: AccountsEvent<"meterEnrolled">, state: RegistryState): void {
  const { meterId, account } = event;
  requireKnown(event, state, account);
  if (state.meterOf(meterId) || state.meterIdOf(account) !== null)
    refuse(event, "meterTwice", `account ${account} or metering point ${meterId} is metered already`, {
      account,
    });
}

function requireKnown(event: AccountsEvent, state: RegistryState, account: number): void {
  if (state.ownerOf(account) === null)
    refuse(event, "unknownAccount", `account ${account} is not registered`, { account });
}

function requireMeter(
  event: AccountsEvent<"meterRetired" | "deviceKeyRotated" | "deviceKeyRevoked">,
  state: RegistryState,
): void {
  const { meterId } = event;
  if (!state.meterOf(meterId)) refuse(event, "unknownMeter", `metering point ${meterId} is not enrolled`, {});
}

function refuse(event: AccountsEvent, rule: string, finding: string, subject: DiscrepancySubject): never {
  throw discrepancyAt(event, { rule, finding, ...subject });
}
