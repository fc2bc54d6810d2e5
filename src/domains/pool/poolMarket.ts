import {
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeAbiParameters,
  keccak256,
  parseEventLogs,
} from "viem";
import type { ReadingProof } from "#domains/metering/rules/readingProof.ts";
import { pageOf, type ReadingTree } from "#domains/metering/rules/readingTree.ts";
import { showReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { ClearingPlan, DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { pagesOf, positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import { type MemberPosition, packPositions } from "#domains/pool/rules/positionWord.ts";
import type { Settled } from "#domains/pool/rules/settledSeal.ts";
import { packOrders } from "#domains/pool/rules/signedOrder.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { PRICING_NUMBER } from "#kernel/auction/pricingNumber.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall, type Sender } from "#platform/chain/sender.ts";
import { poolMarketContract } from "./contracts.generated.ts";

const { abi } = poolMarketContract;

// -- terms

/**
 * Announces a version of an area's terms; the operator's to send. The first takes effect at once, a later one after its
 * notice: for intervals from `fromInterval` on.
 */
export async function announceTerms(
  operator: Sender,
  deployment: Deployment,
  { areaId, terms }: { areaId: number; terms: AreaTerms },
): Promise<{ version: number; fromInterval: number }> {
  const receipt = await operator.send(poolCall(deployment, "announceTerms", [areaId, contractTerms(terms)]));
  const [announced] = parseEventLogs({ abi, eventName: "TermsAnnounced", logs: receipt.logs });
  const { version, fromInterval } = present(announced, "the event of announced terms").args;
  return { version, fromInterval };
}

/**
 * The supplier's consent that clearings of the area, at this version of its terms and by this operator, reserve money of its
 * margin. Without it intervals are cleared unsupplied.
 */
export function acceptSupplyCall(
  deployment: Deployment,
  {
    areaId,
    version,
    terms,
    operator,
  }: { areaId: number; version: number; terms: AreaTerms; operator: Address },
): Call {
  return poolCall(deployment, "acceptSupply", [areaId, version, termsHash(terms), operator]);
}

/** Whether the area's supplier stands for clearings at a version of its terms by this operator, for times to come. */
export async function readIsSupplied(
  { client }: Network,
  deployment: Deployment,
  { areaId, version, operator }: { areaId: number; version: number; operator: Address },
): Promise<boolean> {
  const acceptance = await client.readContract({
    address: addressOf(deployment, "poolMarket"),
    abi,
    functionName: "acceptanceOf",
    args: [areaId, version],
  });
  return acceptance.operator.toLowerCase() === operator && acceptance.until === MAX_INTERVAL;
}

/** The end of an acceptance that nobody withdrew. */
const MAX_INTERVAL = 2 ** 32 - 1;

/** Terms in the contract's fields. */
export function contractTerms(terms: AreaTerms) {
  return {
    intervalSeconds: terms.intervalSeconds,
    gateClosureSeconds: terms.gateClosureSeconds,
    floor: Number(terms.floorMicroPerKwh),
    ceiling: Number(terms.ceilingMicroPerKwh),
    upstreamPrice: Number(terms.upstreamPriceMicroPerKwh),
    surplusPrice: Number(terms.surplusPriceMicroPerKwh),
    gridFee: Number(terms.gridFeeMicroPerKwh),
    penaltyPermille: Number(terms.penaltyPermille),
    pricing: PRICING_NUMBER[terms.pricing],
  };
}

/** What a supplier binds itself to: the hash of the encoded terms. */
function termsHash(terms: AreaTerms): Hex {
  const announce = abi.find((item) => item.type === "function" && item.name === "announceTerms");
  const fields = present(announce?.inputs[1], "the terms of announceTerms");
  return keccak256(encodeAbiParameters([fields], [contractTerms(terms)]));
}

// -- clearing

/** The transactions that submit a clearing, to be sent in this order. */
export function clearingCalls(deployment: Deployment, plan: ClearingPlan): Call[] {
  const { outcome, steps, clearing } = plan;
  const [firstPage, lastPage] = [pageOf(outcome.firstMember), pageOf(outcome.lastMember)];
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  return steps.map(({ bids, offers, before }, i) =>
    poolCall(deployment, "clear", [
      contractOutcome(outcome),
      toHex(packOrders(bids)),
      toHex(packOrders(offers)),
      i === 0 ? [] : pages.map((page) => packPositions(positionsOfPage(before, page), clearing)),
      i === steps.length - 1,
    ]),
  );
}

/** A declared outcome in the contract's fields. */
export function contractOutcome(outcome: DeclaredOutcome) {
  const ration = ({ levelWh, filledWh, cutRemainder, cutParticipant }: DeclaredOutcome["bids"]) => ({
    levelQuantity: BigInt(levelWh),
    filledQuantity: BigInt(filledWh),
    cutRemainder: BigInt(cutRemainder),
    cutMember: cutParticipant,
  });
  return { ...outcome, bids: ration(outcome.bids), offers: ration(outcome.offers) };
}

/**
 * Gives up an unfinished clearing, and gives back what it reserved, in one transaction. `positions` are what its steps came
 * to, those of nothing included.
 */
export function abandonCalls(
  deployment: Deployment,
  { areaId, intervalId, attempt, positions, pricing }: HeldInterval & { attempt: number },
): Call[] {
  const returned = returnCalls(deployment, { areaId, intervalId, attempt, positions, pricing });
  return [poolCall(deployment, "abandon", [areaId, intervalId]), ...returned];
}

// -- settlement and return

type HeldInterval = {
  areaId: number;
  intervalId: number;
  positions: readonly MemberPosition[];
  pricing: Pricing;
  /** Pages that are paid or given back; nothing is left to do there. */
  closedPages?: ReadonlySet<number>;
};

const NO_PAGES: ReadonlySet<number> = new Set();

/**
 * The calls that settle an interval, one a page with positions but for `closedPages`. Only readings of members with a position
 * are opened; the others stay sealed (R1.3).
 */
export function settlementCalls(
  deployment: Deployment,
  {
    areaId,
    intervalId,
    positions,
    pricing,
    tree,
    context,
    closedPages = NO_PAGES,
  }: HeldInterval & { tree: ReadingTree; context: Uint8Array },
): Call[] {
  return openPages(positions, closedPages).map(({ page, ofPage }) => {
    const members = new Set(ofPage.map(({ member }) => member));
    const readings = showReadings(tree, { page, members, context });
    return poolCall(deployment, "settle", [
      areaId,
      intervalId,
      page,
      packPositions(ofPage, { pricing }),
      readings,
    ]);
  });
}

/** The calls that give back what was reserved for an interval, one a page but for `closedPages`; anybody's to send. */
export function returnCalls(
  deployment: Deployment,
  {
    areaId,
    intervalId,
    attempt,
    positions,
    pricing,
    closedPages = NO_PAGES,
  }: HeldInterval & { attempt: number },
): Call[] {
  return openPages(positions, closedPages).map(({ page, ofPage }) =>
    poolCall(deployment, "returnPage", [
      areaId,
      intervalId,
      attempt,
      page,
      packPositions(ofPage, { pricing }),
    ]),
  );
}

/** The call that settles what corrected readings change for positions of a page; anybody's to send. */
export function correctionCall(
  deployment: Deployment,
  {
    areaId,
    intervalId,
    page,
    settled,
    proofs,
  }: {
    areaId: number;
    intervalId: number;
    page: number;
    settled: Settled;
    proofs: readonly ReadingProof[];
  },
): Call {
  return poolCall(deployment, "correct", [areaId, intervalId, page, settled, proofs]);
}

/** Several calls of the pool market as one transaction. */
export function inOneTransaction(deployment: Deployment, calls: readonly Call[]): Call {
  const [only, ...more] = calls;
  if (only && more.length === 0) return only;
  const labels = [...new Set(calls.map(({ label }) => label))].join(" and ");
  const call = poolCall(deployment, "multicall", [calls.map(({ data }) => data)]);
  return { ...call, label: labels };
}

/** The pages with positions that are still in escrow, and their positions. */
function openPages(positions: readonly MemberPosition[], closedPages: ReadonlySet<number>) {
  return pagesOf(positions)
    .filter((page) => !closedPages.has(page))
    .map((page) => ({ page, ofPage: positionsOfPage(positions, page) }));
}

// -- what the chain says

/** As PoolLib.Stage counts. */
const CHAIN_STAGES: readonly Stage[] = [
  "collecting",
  "clearing",
  "cleared",
  "settling",
  "settled",
  "returning",
  "returned",
  "untraded",
];

/** How far an interval is on the chain: `attempt` counts its clearings that were given up; `openPages` are in escrow. */
export async function readInterval(
  network: Network,
  deployment: Deployment,
  { areaId, intervalId }: { areaId: number; intervalId: number },
) {
  const interval = await network.client.readContract({
    address: addressOf(deployment, "poolMarket"),
    abi,
    functionName: "intervalOf",
    args: [areaId, intervalId],
  });
  return { ...interval, stage: present(CHAIN_STAGES[interval.stage], "the name of a stage") };
}

type PoolFunction = ContractFunctionName<typeof abi, "nonpayable">;

function poolCall<Name extends PoolFunction>(
  deployment: Deployment,
  functionName: Name,
  args: ContractFunctionArgs<typeof abi, "nonpayable", Name>,
): Call {
  return contractCall({ address: addressOf(deployment, "poolMarket"), abi, functionName, args });
}
