import type { DecodeFunctionDataReturnType } from "viem";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { EnergyRationing } from "#domains/pool/rules/energyRationing.ts";
import { type SignedOrder, unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import { poolMarketContract } from "./contracts.generated.ts";

/** The orders that a transaction brought, as the contract read them. */
export type ClearingSubmission = {
  readonly pricing: Pricing;
  readonly outcome: DeclaredOutcome;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly isLast: boolean;
};

/**
 * What a settlement brought: for each step of the clearing the page's position words, and the page's readings; null when
 * the page was settled as contracted, since none came (docs/decisions/009).
 */
export type PageSubmission = {
  readonly positions: readonly (readonly bigint[])[];
  readonly readings: ShownReadings | null;
};

/** The position words of a page that was given back, one list a step of the clearing. */
export type VoidSubmission = { readonly positions: readonly (readonly bigint[])[] };

type Interval = { readonly areaId: number; readonly intervalId: number };
type Page = Interval & { readonly page: number };

/** What one call of the pool market brought, and for which interval. */
export type Submission =
  | (Interval & { readonly of: "clearing"; readonly brought: ClearingSubmission })
  | (Page & { readonly of: "settlement"; readonly brought: PageSubmission })
  | (Page & { readonly of: "return"; readonly brought: VoidSubmission });

/**
 * What the calls of a transaction to the pool market brought, in order: one call, or several at once. Bytes that are no
 * call of it give nothing.
 */
export function submissionsOf(input: Hex): Submission[] {
  return readCalls(poolMarketContract.abi, input).flatMap((call) => submissionOf(call as Call) ?? []);
}

/** Takes the first submission of a clearing of this interval out of the list, as the contract went through its calls. */
export function takeClearing(list: Submission[], place: Interval): ClearingSubmission | null {
  const found = list.find((each) => each.of === "clearing" && isOf(each, place));
  return found?.of === "clearing" ? take(list, found).brought : null;
}

/** The same for a page that was settled: by its readings, or by `voidPage` as contracted. */
export function takeSettlement(list: Submission[], place: Page): PageSubmission | null {
  const found = list.find((each) => each.of !== "clearing" && each.page === place.page && isOf(each, place));
  if (!found || found.of === "clearing") return null;
  const { positions } = take(list, found).brought;
  return found.of === "settlement" ? found.brought : { positions, readings: null };
}

/** The same for a page that was given back. */
export function takeReturn(list: Submission[], place: Page): VoidSubmission | null {
  const found = list.find((each) => each.of === "return" && each.page === place.page && isOf(each, place));
  return found?.of === "return" ? take(list, found).brought : null;
}

function isOf(submission: Submission, { areaId, intervalId }: Interval): boolean {
  return submission.areaId === areaId && submission.intervalId === intervalId;
}

function take<S extends Submission>(list: Submission[], found: S): S {
  list.splice(list.indexOf(found), 1);
  return found;
}

type Call = DecodeFunctionDataReturnType<typeof poolMarketContract.abi>;
type CallOf<Name extends Call["functionName"]> = Extract<Call, { functionName: Name }>;

function submissionOf(call: Call): Submission | null {
  switch (call.functionName) {
    case "clearUniform":
    case "clearMidpoint": {
      const { areaId, intervalId } = call.args[0];
      return { of: "clearing", areaId, intervalId, brought: clearingOf(call) };
    }
    case "settle": {
      const [areaId, intervalId, page] = call.args;
      return { of: "settlement", areaId, intervalId, page: Number(page), brought: pageOf(call) };
    }
    case "voidPage": {
      const [areaId, intervalId, page, positions] = call.args;
      return { of: "return", areaId, intervalId, page: Number(page), brought: { positions } };
    }
    default:
      return null;
  }
}

function clearingOf({
  functionName,
  args: [outcome, bids, offers, isLast],
}: CallOf<"clearUniform" | "clearMidpoint">): ClearingSubmission {
  return {
    pricing: functionName === "clearUniform" ? "uniform" : "midpoint",
    outcome: { ...outcome, bids: rationingOf(outcome.bids), offers: rationingOf(outcome.offers) },
    bids: unpackOrders(fromHex(bids), "bid"),
    offers: unpackOrders(fromHex(offers), "offer"),
    isLast,
  };
}

function rationingOf(packed: {
  levelWh: bigint;
  filledWh: bigint;
  cutRemainder: bigint;
  cutAccount: number;
}): EnergyRationing {
  return {
    levelWh: Number(packed.levelWh),
    filledWh: Number(packed.filledWh),
    cutRemainder: Number(packed.cutRemainder),
    cutParticipant: packed.cutAccount,
  };
}

function pageOf({ args }: CallOf<"settle">): PageSubmission {
  const [, , , positions, { opened, leaves, segmentIndex, segments, path }] = args;
  return {
    positions,
    readings: { opened, leaves, segmentIndex: Number(segmentIndex), segments: Number(segments), path },
  };
}
