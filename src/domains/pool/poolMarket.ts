import { parseEventLogs } from "viem";
import { accountOfReading } from "#domains/metering/rules/meterReading.ts";
import {
  findSegment,
  pageOf,
  pathOf,
  type ReadingTree,
  readingLeaf,
} from "#domains/metering/rules/readingTree.ts";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { ClearingPlan, DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { type AccountPosition, positionWord } from "#domains/pool/rules/positionWord.ts";
import { packOrders } from "#domains/pool/rules/signedOrder.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { packBits } from "#kernel/crypto/bitmap.ts";
import { numberOf, toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall, type Sender } from "#platform/chain/sender.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { pricingNumber } from "./pricingNumber.ts";

const { abi } = poolMarketContract;

/** Creates an area operated by the sender, and gives its number. */
export async function createArea(
  sender: Sender,
  deployment: Deployment,
  { terms, accounts }: { terms: AreaTerms; accounts: AreaAccounts },
): Promise<number> {
  const receipt = await sender.send(
    contractCall({
      address: addressOf(deployment, "poolMarket"),
      abi,
      functionName: "createArea",
      args: [contractTerms(terms), accounts.supplier, accounts.dso, accounts.fund],
    }),
  );
  const [created] = parseEventLogs({ abi, eventName: "AreaCreated", logs: receipt.logs });
  return present(created, "the event of a created area").args.areaId;
}

/** The supplier's consent that clearings of the area reserve money of its margin; once an area. */
export function acceptSupplyCall(deployment: Deployment, areaId: number): Call {
  return contractCall({
    address: addressOf(deployment, "poolMarket"),
    abi,
    functionName: "acceptSupply",
    args: [areaId],
  });
}

/** An area's rules in the contract's fields. */
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
    pricing: pricingNumber(terms.pricing),
  };
}

/** The transactions that submit a clearing, to be sent in this order. */
export function clearingCalls(deployment: Deployment, plan: ClearingPlan): Call[] {
  const functionName = plan.clearing.pricing === "uniform" ? "clearUniform" : "clearMidpoint";
  return plan.steps.map((step, i) =>
    contractCall({
      address: addressOf(deployment, "poolMarket"),
      abi,
      functionName,
      args: [
        contractOutcome(plan.outcome),
        toHex(packOrders(step.bids)),
        toHex(packOrders(step.offers)),
        i === plan.steps.length - 1,
      ],
    }),
  );
}

/** A declared outcome in the contract's fields. */
export function contractOutcome(outcome: DeclaredOutcome) {
  const ration = ({ levelWh, filledWh, cutRemainder, cutParticipant }: DeclaredOutcome["bids"]) => ({
    levelWh: BigInt(levelWh),
    filledWh: BigInt(filledWh),
    cutRemainder: BigInt(cutRemainder),
    cutAccount: cutParticipant,
  });
  return { ...outcome, bids: ration(outcome.bids), offers: ration(outcome.offers) };
}

/** Pages of an interval that are paid or given back; nothing is left to do there. */
const NO_PAGES: ReadonlySet<number> = new Set();

/**
 * The transactions that settle an interval, one a page with positions but for `closedPages`. `positions` has one list a
 * step of the clearing. Only readings of accounts with a position are opened; others in their segment stay sealed (R1.3).
 */
export function settlementCalls(
  deployment: Deployment,
  {
    areaId,
    intervalId,
    positions,
    tree,
    context,
    closedPages = NO_PAGES,
  }: HeldInterval & { tree: ReadingTree; context: Uint8Array },
): Call[] {
  return openPages(positions, closedPages).map(({ page, ofPage }) =>
    contractCall({
      address: addressOf(deployment, "poolMarket"),
      abi,
      functionName: "settle",
      args: [
        areaId,
        intervalId,
        page,
        ofPage.map((step) => step.map(positionWord)),
        openReadings({ tree, context, page, accounts: new Set(ofPage.flat().map((p) => p.account)) }),
      ],
    }),
  );
}

/**
 * The transactions that give back what was reserved for an interval, one a page with positions but for `closedPages`;
 * anybody's to send once the contract lets go of it (docs/decisions/009). `positions` has one list a step that is in.
 */
export function voidCalls(
  deployment: Deployment,
  { areaId, intervalId, positions, closedPages = NO_PAGES }: HeldInterval,
): Call[] {
  return openPages(positions, closedPages).map(({ page, ofPage }) =>
    contractCall({
      address: addressOf(deployment, "poolMarket"),
      abi,
      functionName: "voidPage",
      args: [areaId, intervalId, page, ofPage.map((step) => step.map(positionWord))],
    }),
  );
}

type HeldInterval = {
  areaId: number;
  intervalId: number;
  positions: readonly (readonly AccountPosition[])[];
  closedPages?: ReadonlySet<number>;
};

/** The pages with positions that are still in escrow, and their positions by step. */
function openPages(positions: HeldInterval["positions"], closedPages: ReadonlySet<number>) {
  const pages = new Set(positions.flat().map(({ account }) => pageOf(account)));
  return [...pages]
    .filter((page) => !closedPages.has(page))
    .map((page) => ({
      page,
      ofPage: positions.map((step) => step.filter(({ account }) => pageOf(account) === page)),
    }));
}

function openReadings({
  tree,
  context,
  page,
  accounts,
}: {
  tree: ReadingTree;
  context: Uint8Array;
  page: number;
  accounts: ReadonlySet<number>;
}) {
  const segmentIndex = findSegment(tree.segments, { page, accounts });
  const { words } = present(tree.segments[segmentIndex], `readings of positions on page ${page}`);
  const isOpened = words.map((word) => accounts.has(accountOfReading(word)));
  return {
    opened: packBits(isOpened),
    leaves: words.map((word, i) => (isOpened[i] ? word : numberOf(readingLeaf(context, word)))),
    segmentIndex: BigInt(segmentIndex),
    segments: BigInt(tree.segments.length),
    path: pathOf(tree.segmentHashes, segmentIndex).map(toHex),
  };
}

/** As PoolLib.Stage counts. A clearing without a trade counts as settled there. */
const CHAIN_STAGES = [
  "collecting",
  "clearing",
  "cleared",
  "settled",
  "voided",
  "settling",
  "voiding",
] as const;

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
  const counted = present(CHAIN_STAGES[interval.stage], "the name of a stage");
  const stage: Stage = counted === "settled" && interval.clearedWh === 0 ? "untraded" : counted;
  return { ...interval, stage };
}

/** Length of the delivery intervals of each area, seconds, by area number. */
export async function readIntervalLengths(
  network: Network,
  deployment: Deployment,
): Promise<ReadonlyMap<number, number>> {
  const market = { address: addressOf(deployment, "poolMarket"), abi } as const;
  const lastArea = await network.client.readContract({ ...market, functionName: "lastArea" });
  const lengths = new Map<number, number>();
  for (let areaId = 1; areaId <= lastArea; areaId += 1) {
    const area = await network.client.readContract({ ...market, functionName: "areaOf", args: [areaId] });
    lengths.set(areaId, area.terms.intervalSeconds);
  }
  return lengths;
}
