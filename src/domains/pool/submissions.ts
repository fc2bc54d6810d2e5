import type { DecodeFunctionDataReturnType } from "viem";
import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import type { ReadingProof } from "#domains/metering/rules/readingProof.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { EnergyRationing } from "#domains/pool/rules/energyRationing.ts";
import type { Settled } from "#domains/pool/rules/settledSeal.ts";
import { type SignedOrder, unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import { poolMarketContract } from "./contracts.generated.ts";

/**
 * The orders that a transaction brought, as the contract read them, and the packed positions that the steps before had come
 * to: a list for each page from that of the first member to that of the last.
 */
export type ClearingSubmission = {
  readonly outcome: DeclaredOutcome;
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly before: readonly (readonly bigint[])[];
  readonly isLast: boolean;
};

/** What a settlement brought: the page's packed positions, and its readings. */
export type PageSubmission = { readonly positions: readonly bigint[]; readonly readings: ShownReadings };

/** The packed positions of a page that was given back. */
export type ReturnSubmission = { readonly positions: readonly bigint[] };

/** What a corrected reading was settled by: what the page was settled by, and the proof of the reading. */
export type CorrectionSubmission = { readonly settled: Settled; readonly proof: ReadingProof };

type Interval = { readonly areaId: number; readonly intervalId: number };
type Page = Interval & { readonly page: number };

/** What one call of the pool market brought, and for which interval. */
export type Submission =
  | (Interval & { readonly of: "clearing"; readonly brought: ClearingSubmission })
  | (Page & { readonly of: "settlement"; readonly brought: PageSubmission })
  | (Page & { readonly of: "return"; readonly brought: ReturnSubmission })
  | (Page & { readonly of: "correction"; readonly brought: CorrectionSubmission });

/**
 * What the calls of a transaction to the pool market brought, in order: one call, or several at once. Bytes that are no
 * call of it give nothing.
 */
export function submissionsOf(input: Hex): Submission[] {
  return readCalls(poolMarketContract.abi, input).flatMap((call) => submissionOf(call as Call));
}

/** Takes the first submission of a clearing of this interval out of the list, as the contract went through its calls. */
export function takeClearing(list: Submission[], place: Interval): ClearingSubmission | null {
  const found = list.find((each) => each.of === "clearing" && isOf(each, place));
  return found?.of === "clearing" ? take(list, found).brought : null;
}

/** The same for a page that was settled. */
export function takeSettlement(list: Submission[], place: Page): PageSubmission | null {
  const found = list.find(
    (each) => each.of === "settlement" && each.page === place.page && isOf(each, place),
  );
  return found?.of === "settlement" ? take(list, found).brought : null;
}

/** The same for a page that was given back. */
export function takeReturn(list: Submission[], place: Page): ReturnSubmission | null {
  const found = list.find((each) => each.of === "return" && each.page === place.page && isOf(each, place));
  return found?.of === "return" ? take(list, found).brought : null;
}

/** The same for a member's corrected reading. */
export function takeCorrection(
  list: Submission[],
  place: Interval & { readonly member: number },
): CorrectionSubmission | null {
  const isMembers = (each: Submission) =>
    each.of === "correction" && memberOfReading(each.brought.proof.reading) === place.member;
  const found = list.find((each) => isMembers(each) && isOf(each, place));
  return found?.of === "correction" ? take(list, found).brought : null;
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

function submissionOf(call: Call): Submission | Submission[] {
  switch (call.functionName) {
    case "clear": {
      const { areaId, intervalId } = call.args[0];
      return { of: "clearing", areaId, intervalId, brought: clearingOf(call) };
    }
    case "settle": {
      const [areaId, intervalId, page, positions, readings] = call.args;
      return { of: "settlement", areaId, intervalId, page, brought: { positions, readings } };
    }
    case "returnPage": {
      const [areaId, intervalId, , page, positions] = call.args;
      return { of: "return", areaId, intervalId, page, brought: { positions } };
    }
    case "correct": {
      const [areaId, intervalId, page, settled, proofs] = call.args;
      return proofs.map((proof) => ({
        ...{ of: "correction", areaId, intervalId, page },
        brought: { settled, proof },
      }));
    }
    default:
      return [];
  }
}

function clearingOf({ args: [outcome, bids, offers, before, isLast] }: CallOf<"clear">): ClearingSubmission {
  return {
    outcome: { ...outcome, bids: rationingOf(outcome.bids), offers: rationingOf(outcome.offers) },
    bids: unpackOrders(fromHex(bids), "bid"),
    offers: unpackOrders(fromHex(offers), "offer"),
    before,
    isLast,
  };
}

function rationingOf(packed: {
  levelQuantity: bigint;
  filledQuantity: bigint;
  cutRemainder: bigint;
  cutMember: number;
}): EnergyRationing {
  return {
    levelWh: Number(packed.levelQuantity),
    filledWh: Number(packed.filledQuantity),
    cutRemainder: Number(packed.cutRemainder),
    cutParticipant: packed.cutMember,
  };
}
