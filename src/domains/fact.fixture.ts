import type { DomainFact } from "./domains.ts";

type Unnamed<F> = F extends DomainFact ? Omit<F, "contract"> : never;

/** A fact as tests write it: its kind says whose it is. */
export type TestFact = Unnamed<DomainFact>;

const CONTRACT_OF: Readonly<Record<DomainFact["kind"], DomainFact["contract"]>> = {
  participantRegistered: "registry",
  participantSuspended: "registry",
  participantReinstated: "registry",
  identityDisclosed: "registry",
  entityJoined: "registry",
  entityLeft: "registry",
  meterEnrolled: "registry",
  meterRetired: "registry",
  deviceKeyRotated: "registry",
  deviceKeyRevoked: "registry",
  marketAdmitted: "clearingHouse",
  deposited: "clearingHouse",
  withdrawn: "clearingHouse",
  marginAdded: "clearingHouse",
  marginWithdrawalAnnounced: "clearingHouse",
  marginWithdrawn: "clearingHouse",
  marginOverflowed: "clearingHouse",
  held: "clearingHouse",
  released: "clearingHouse",
  tokenTransferred: "token",
  readingsPublished: "meterLedger",
  pageClaimed: "meterLedger",
  areaCreated: "poolMarket",
  supplyAccepted: "poolMarket",
  stepVerified: "poolMarket",
  intervalCleared: "poolMarket",
  pageSettled: "poolMarket",
  intervalSettled: "poolMarket",
  pageVoided: "poolMarket",
  intervalVoided: "poolMarket",
};

/** The fact with the name of its contract. */
export function ofContract(fact: TestFact): DomainFact {
  return { ...fact, contract: CONTRACT_OF[fact.kind] } as DomainFact;
}
