import type { PoolFact } from "#domains/pool/events.ts";
import type { DomainWords } from "../app/pageDomain.ts";

const EVENTS: Readonly<Record<PoolFact["kind"], string>> = {
  areaCreated: "A market area was created",
  supplyAccepted: "The supplier agreed to stand for an area",
  stepVerified: "A step of a clearing was verified",
  intervalCleared: "The interval was cleared",
  pageSettled: "A page of positions was paid",
  intervalSettled: "The interval was settled in full",
  pageVoided: "A page’s money was given back",
  intervalVoided: "The interval was given back",
};

/** Words of the pool market. */
export const POOL_WORDS: DomainWords = {
  events: EVENTS,
  calls: {
    clearUniform: "clearing at one price",
    clearMidpoint: "clearing at the middle of each pair",
    settle: "settlement of a page",
    voidPage: "return of a page’s money",
    createArea: "creation of a market area",
    acceptSupply: "supplier stands for an area",
  },
  facts: {
    supplier: { is: "account" },
    dso: { name: "Grid operator", is: "account" },
    fund: { name: "Community fund", is: "account" },
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
