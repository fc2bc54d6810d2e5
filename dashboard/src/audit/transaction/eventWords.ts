import type { EventKind } from "#platform/chain/chainEvent.ts";

/** What an event says, by its kind. */
const EVENTS: Readonly<Record<EventKind, string>> = {
  participantRegistered: "A participant was registered",
  participantSuspended: "A participant was suspended",
  participantReinstated: "A participant was reinstated",
  identityDisclosed: "The disclosure of an identity was recorded",
  entityJoined: "An account joined a larger entity",
  entityLeft: "An account left a larger entity",
  meterEnrolled: "A meter was enrolled",
  meterRetired: "A meter was retired",
  deviceKeyRotated: "A meter’s device got a new key",
  deviceKeyRevoked: "A device’s key was withdrawn",
  marketAdmitted: "A market was admitted to the clearing house",
  deposited: "Money was deposited",
  withdrawn: "Money was withdrawn",
  marginAdded: "Money was added to a margin",
  marginWithdrawalAnnounced: "Taking margin back was announced",
  marginWithdrawn: "Margin was taken back",
  marginOverflowed: "A full margin passed money to the free balance",
  held: "Money was reserved for trades",
  released: "Reserved money was paid out",
  readingsPublished: "Meter readings were published under one root",
  pageClaimed: "Metered energy was claimed, once for this purpose",
  areaCreated: "A market area was created",
  supplyAccepted: "The supplier agreed to stand for an area",
  stepVerified: "A step of a clearing was verified",
  intervalCleared: "The interval was cleared",
  pageSettled: "A page of positions was paid",
  intervalSettled: "The interval was settled in full",
  pageVoided: "A page’s money was given back",
  intervalVoided: "The interval was given back",
};

/** In plain words; an unknown kind by its own name. */
export function eventWords(kind: string): string {
  return isKnown(kind) ? EVENTS[kind] : wordsOf(kind);
}

/** A name of code as words: `gridFeeMicro` gives "grid fee micro". */
export function wordsOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

function isKnown(kind: string): kind is EventKind {
  return Object.hasOwn(EVENTS, kind);
}
