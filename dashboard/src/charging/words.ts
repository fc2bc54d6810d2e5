import type { ChargingFact } from "#domains/charging/events.ts";
import type { QuotaStage } from "#domains/charging/rules/quotaStage.ts";
import type { SessionFact } from "#domains/charging/sessionEvents.ts";
import type { DomainWords } from "../app/pageDomain.ts";

const EVENTS: Readonly<Record<ChargingFact["kind"], string>> = {
  quotaTermsAnnounced: "Rules of charging quotas were announced",
  periodInitialized: "The margin of a charging period was said",
  demandSubmitted: "A station demanded power",
  quotasAllocated: "The margin was divided among stations",
  quotaTraded: "A station bought or sold quota",
  quotasCleared: "The auction of quotas was cleared",
  energyPaid: "A station paid for what it drew",
  depositWithdrawn: "A station’s deposit came back",
};

const SESSION_EVENTS: Readonly<Record<SessionFact["kind"], string>> = {
  stationRegistered: "A charging station was registered with its module",
  moduleRevoked: "A charging station’s module was revoked",
  tariffAnnounced: "A charging station announced its tariff",
  walletHeld: "A driver’s wallet was held for a charging session",
  sessionCharged: "A charging session was charged",
  sessionDisputed: "A driver disputed a charging session",
  sessionProven: "A disputed charging session was proven",
  sessionFinished: "A charging session was paid, and the rest given back",
};

/** How far a charging period is. */
export const QUOTA_STAGE_WORDS: Readonly<Record<QuotaStage, string>> = {
  collecting: "demands come in",
  divided: "divided",
  cleared: "auction cleared",
  paying: "paid in part",
  paid: "paid",
  undivided: "not divided: deposits go back",
};

/** Words of the quota market. */
export const CHARGING_WORDS: DomainWords = {
  events: { ...EVENTS, ...SESSION_EVENTS },
  stages: Object.fromEntries(
    Object.entries(QUOTA_STAGE_WORDS).map(([stage, words]) => [`quotas.${stage}`, words]),
  ),
  calls: {
    initialize: "margin of a charging period",
    submitDemand: "demand of a charging station",
    allocate: "division of a margin",
    pay: "payment for charging",
  },
  facts: {
    cutRemainder: { name: "Least remainder raised" },
    cutMember: { name: "Highest number raised at it" },
    auctionOpensAt: { name: "Auction from", is: "time" },
    isRationed: { name: "Demands exceed the margin", values: { true: "yes", false: "no" } },
  },
  contracts: { quotaMarket: "market of charging quotas", chargingSessions: "charging sessions" },
};
