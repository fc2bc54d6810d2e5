import type { PoolFact } from "#domains/pool/events.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
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
  positionCorrected: "A position was settled anew by a corrected reading",
  pageReturned: "A page’s money was given back",
  intervalReturned: "All of a clearing’s money was given back",
};

const STAGES: Readonly<Record<Stage, string>> = {
  collecting: "not cleared",
  clearing: "some steps of its clearing are in",
  cleared: "cleared, its money is in escrow until it is settled",
  untraded: "cleared without a trade: nothing is to be paid",
  settling: "paid in part",
  settled: "settled: all of it is paid",
  returning: "given back in part",
  returned: "given back: no trade of it counts",
};

/** What the operator owes, and homes before it. */
const DUTIES = {
  quote: "Ordering for the homes",
  clear: "Clearing of the orders",
  giveBack: "Giving back what stopped half-way",
  settle: "Settlement",
  renewDirectories: "Publishing who signs for changed members",
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
    correct: "settlement by a corrected reading",
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
  stages: STAGES,
  duties: DUTIES,
  contracts: { poolMarket: "market" },
};
