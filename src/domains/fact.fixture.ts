import type { DomainFact } from "./domains.ts";

type Unnamed<F> = F extends DomainFact ? Omit<F, "contract"> : never;

/** A fact as tests write it: its kind says whose it is. */
export type TestFact = Unnamed<DomainFact>;

const CONTRACT_OF: Readonly<Record<DomainFact["kind"], DomainFact["contract"]>> = {
  membershipsSet: "registry",
  participantRegistered: "registry",
  participantSuspended: "registry",
  participantReinstated: "registry",
  identityDisclosed: "registry",
  signerAnnounced: "registry",
  ownerNamed: "registry",
  ownerChanged: "registry",
  recoveryProposed: "registry",
  recoveryRefused: "registry",
  entitySet: "registry",
  entityRequested: "registry",
  entityJoined: "registry",
  entityLeft: "registry",
  marketAdmitted: "clearingHouse",
  marketRetired: "clearingHouse",
  deposited: "clearingHouse",
  withdrawn: "clearingHouse",
  marginAdded: "clearingHouse",
  marginWithdrawalAnnounced: "clearingHouse",
  marginWithdrawn: "clearingHouse",
  marginOverflowed: "clearingHouse",
  held: "clearingHouse",
  released: "clearingHouse",
  tokenTransferred: "token",
  areaOpened: "areaRegistry",
  operatorNamed: "areaRegistry",
  operatorChanged: "areaRegistry",
  gatewayChanged: "areaRegistry",
  supplierChanged: "areaRegistry",
  dsoChanged: "areaRegistry",
  fundChanged: "areaRegistry",
  memberAdded: "areaRegistry",
  meterEnrolled: "areaRegistry",
  meterRetired: "areaRegistry",
  capacityChanged: "areaRegistry",
  deviceKeyRotated: "areaRegistry",
  deviceKeyRevoked: "areaRegistry",
  stationSet: "meterLedger",
  claimantAdmitted: "meterLedger",
  readingsPublished: "meterLedger",
  pageClaimed: "meterLedger",
  readingClaimed: "meterLedger",
  termsAnnounced: "poolMarket",
  supplyAccepted: "poolMarket",
  supplyWithdrawn: "poolMarket",
  intervalUnsupplied: "poolMarket",
  stepVerified: "poolMarket",
  intervalCleared: "poolMarket",
  clearingAbandoned: "poolMarket",
  pageSettled: "poolMarket",
  intervalSettled: "poolMarket",
  pageReturned: "poolMarket",
  intervalReturned: "poolMarket",
};

/** The fact with the name of its contract. */
export function ofContract(fact: TestFact): DomainFact {
  return { ...fact, contract: CONTRACT_OF[fact.kind] } as DomainFact;
}
