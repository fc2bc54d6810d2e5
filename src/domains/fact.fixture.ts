import { MEMBERSHIP_KINDS } from "#domains/metering/areaState.ts";
import type { DomainFact } from "./domains.ts";

type Unnamed<F> = F extends DomainFact ? Omit<F, "contract"> : never;

/** A fact as tests write it: its kind says whose it is. */
export type TestFact = Unnamed<DomainFact>;

const CONTRACT_OF: Readonly<Record<DomainFact["kind"], DomainFact["contract"]>> = {
  ...MEMBERSHIP_KINDS,
  membershipsSet: "registry",
  identityDisclosed: "registry",
  ownerNamed: "registry",
  recoveryProposed: "registry",
  recoveryRefused: "registry",
  entityRequested: "registry",
  marketAdmitted: "clearingHouse",
  marketRetired: "clearingHouse",
  deposited: "clearingHouse",
  withdrawn: "clearingHouse",
  marginAdded: "clearingHouse",
  marginWithdrawalAnnounced: "clearingHouse",
  marginWithdrawn: "clearingHouse",
  marginOverflowed: "clearingHouse",
  marginTransferred: "clearingHouse",
  held: "clearingHouse",
  released: "clearingHouse",
  tokenTransferred: "token",
  operatorNamed: "areaRegistry",
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
  positionCorrected: "poolMarket",
  pageReturned: "poolMarket",
  intervalReturned: "poolMarket",
  quotaTermsAnnounced: "quotaMarket",
  periodInitialized: "quotaMarket",
  demandSubmitted: "quotaMarket",
  quotasAllocated: "quotaMarket",
  quotaTraded: "quotaMarket",
  quotasCleared: "quotaMarket",
  energyPaid: "quotaMarket",
  depositWithdrawn: "quotaMarket",
};

/** The fact with the name of its contract, where it has not said it itself. */
export function ofContract(fact: TestFact): DomainFact {
  return { contract: CONTRACT_OF[fact.kind], ...fact } as DomainFact;
}
