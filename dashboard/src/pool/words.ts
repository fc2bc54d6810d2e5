import type { PoolFact } from "#domains/pool/events.ts";
import type { DomainWords } from "../app/pageDomain.ts";

const EVENTS: Readonly<Record<PoolFact["kind"], string>> = {
  termsAnnounced: "Rules of an area’s market were announced",
  supplyAccepted: "The supplier agreed to stand for an area",
  supplyWithdrawn: "The supplier ends its standing for an area",
  stepVerified: "A step of a clearing was verified",
  intervalUnsupplied: "The interval is cleared without a supplier behind it",
  intervalCleared: "The interval was cleared",
  clearingAbandoned: "A clearing was given up, to be done anew",
  pageSettled: "A page of positions was paid",
  intervalSettled: "The interval was settled in full",
  pageReturned: "A page’s money was given back",
  intervalReturned: "All of a clearing’s money was given back",
};

/** Words of the pool market. */
export const POOL_WORDS: DomainWords = {
  events: EVENTS,
  calls: {
    announceTerms: "announcement of the market’s rules",
    acceptSupply: "supplier stands for an area",
    withdrawSupply: "supplier ends its standing",
    clear: "clearing",
    abandon: "giving up of a clearing",
    settle: "settlement of a page",
    returnPage: "return of a page’s money",
  },
  facts: {
    "supplyAccepted.supplier": { name: "Supplier’s number in the area" },
    termsVersion: { name: "Version of the rules" },
    fromInterval: { name: "From interval", values: { 0: "the first" } },
    attempt: { name: "Clearings given up before" },
    missing: { name: "Members without a reading", is: "bits" },
    pricing: {
      values: {
        uniform: "one price for all",
        marginal: "the limit that balances",
        midpoint: "middle of each pair",
      },
    },
    bookRoot: { name: "Root of the book" },
    localPriceMicroPerKwh: { name: "Local price" },
    supplierMicro: { name: "Supplier’s part" },
    remainderMicro: { name: "Left by rounding" },
    penaltyPermille: { name: "Factor on a shortfall", is: "permille" },
    upstreamPriceMicroPerKwh: { name: "Supplier’s price" },
    surplusPriceMicroPerKwh: { name: "Price of unused energy" },
    floorMicroPerKwh: { name: "Lowest price" },
    ceilingMicroPerKwh: { name: "Highest price" },
  },
  steps: { submitted: "On the chain", reserved: "Money reserved" },
  contracts: { poolMarket: "market" },
};
