import { type DecodeFunctionDataReturnType, decodeFunctionData } from "viem";
import type { EnergyRationing } from "#domains/pool/rules/energyRationing.ts";
import { unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import type { ClearingSubmission, PageSubmission, VoidSubmission } from "#platform/chain/chainEvent.ts";
import { poolMarketContract } from "#platform/chain/contracts.generated.ts";

/** What a transaction to the pool market brought; a field is null when the transaction called something else. */
export type Submission = {
  readonly clearing: ClearingSubmission | null;
  readonly page: PageSubmission | null;
  readonly voided: VoidSubmission | null;
};

/** What a transaction brought that is no call of the pool market. */
export const NOTHING_SUBMITTED: Submission = { clearing: null, page: null, voided: null };

/** Reads the calldata of a transaction to the pool market. Bytes that are no call of it give nothing. */
export function decodeSubmission(input: Hex): Submission {
  const call = decodeCall(input);
  if (call === null) return NOTHING_SUBMITTED;
  switch (call.functionName) {
    case "clearUniform":
    case "clearMidpoint":
      return { ...NOTHING_SUBMITTED, clearing: clearingOf(call) };
    case "settle":
      return { ...NOTHING_SUBMITTED, page: pageOf(call) };
    case "voidPage":
      return { ...NOTHING_SUBMITTED, voided: { positions: call.args[3] } };
    default:
      return NOTHING_SUBMITTED;
  }
}

type Call = DecodeFunctionDataReturnType<typeof poolMarketContract.abi>;
type CallOf<Name extends Call["functionName"]> = Extract<Call, { functionName: Name }>;

function decodeCall(input: Hex): Call | null {
  try {
    return decodeFunctionData({ abi: poolMarketContract.abi, data: input });
  } catch {
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
