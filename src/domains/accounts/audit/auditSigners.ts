import type { AccountsEvent } from "#domains/accounts/events.ts";
import type { Participant, RegistryState, Step } from "#domains/accounts/registryState.ts";
import { SIGNER_NOTICE_SECONDS } from "#domains/accounts/rules/registryConstants.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { AccountEvent, RegistryFault } from "./registryFault.ts";

/** What is wrong with who signs, or is to sign, for an account; null when nothing is. */
export function findSignerFault(event: AccountEvent, state: RegistryState): RegistryFault | null {
  const participant = state.participantOf(event.account);
  if (participant === null) return null;
  switch (event.kind) {
    case "signerAnnounced":
      return findNoticeFault(event, participant.signers);
    case "entitySet":
      return event.isEntity && isMember(participant, event.timestamp)
        ? membership(`account ${event.account}, which an entity signs for, becomes an entity`)
        : null;
    case "entityJoined":
      return findJoiningFault(event, participant, state) ?? findNoticeFault(event, participant.entities);
    case "entityLeft":
      return findLeavingFault(event, participant) ?? findNoticeFault(event, participant.entities);
    default:
      return null;
  }
}

/** The signer that must be announced when an owner that signed itself gave its account away; null when none must. */
export function signerDueAfter(
  event: AccountsEvent<"ownerChanged">,
  state: RegistryState,
): { readonly event: AccountsEvent<"ownerChanged"> } | null {
  const participant = state.participantOf(event.account);
  const last = participant?.signers.at(-1);
  if (!participant || !last || !isSettled(last, event.timestamp)) return null;
  return last.value === null || last.value === participant.owner ? { event } : null;
}

/** A change counts for gates that close after its notice, and the last one had counted for as long. */
function findNoticeFault(
  { account, effectiveAt, timestamp }: AccountsEvent<"signerAnnounced" | "entityJoined" | "entityLeft">,
  steps: readonly Step<Address | null | number>[],
): RegistryFault | null {
  const last = steps.at(-1);
  if (effectiveAt === timestamp + SIGNER_NOTICE_SECONDS && (!last || isSettled(last, timestamp))) return null;
  const finding = `who signs for account ${account} changes with ${effectiveAt - timestamp} s of notice, not ${SIGNER_NOTICE_SECONDS} s after which the last change had counted for as long`;
  return { rule: "signerNotice", finding };
}

function isSettled({ from }: Step<unknown>, timestamp: number): boolean {
  return timestamp >= from + SIGNER_NOTICE_SECONDS;
}

/** The account asked this entity, and the entity may sign for it. */
function findJoiningFault(
  { account, entity }: AccountsEvent<"entityJoined">,
  { requestedEntity, isEntity, entities }: Participant,
  state: RegistryState,
): RegistryFault | null {
  const signatory = state.participantOf(entity);
  const isFree = !isEntity && entities.at(-1)?.value === 0;
  if (isFree && requestedEntity === entity && signatory?.isEntity && signatory.isVerified) return null;
  return membership(`account ${account} can't become a member of account ${entity}`);
}

function findLeavingFault(
  { account, entity }: AccountsEvent<"entityLeft">,
  { entities }: Participant,
): RegistryFault | null {
  if (entity !== 0 && entities.at(-1)?.value === entity) return null;
  return membership(`account ${account} is no member of account ${entity}`);
}

/** An entity signs for the account, or did for a gate that can still be cleared. */
function isMember({ entities }: Participant, timestamp: number): boolean {
  const [former, last] = [entities.at(-2)?.value ?? 0, entities.at(-1)];
  const isLeaving = last?.value === 0 && former !== 0 && !isSettled(last, timestamp);
  return isLeaving || (last?.value ?? 0) !== 0;
}

function membership(finding: string): RegistryFault {
  return { rule: "membership", finding };
}
