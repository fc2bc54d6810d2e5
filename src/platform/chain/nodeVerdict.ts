import { RpcRequestError } from "viem";
import { faultIn } from "./rpcFault.ts";

/** What a node makes of a transaction that it is handed. */
export type NodeVerdict =
  /** It has it already. */
  | "known"
  /** Another transaction of the account with this number is in a block. */
  | "nonceTaken"
  /** It takes it for a higher price only. */
  | "underpriced"
  /** No answer to rely on: it may have it or not. */
  | "unheard"
  /** It does not take it. */
  | "refused";

/**
 * Nodes have one code, -32000, for all of these, and words of their own: geth's (core/txpool/errors.go, core/error.go), which
 * erigon, cosmos/evm, subnet-evm share, besu's (TransactionInvalidReason), nethermind's and anvil's.
 */
const WORDS: readonly (readonly [NodeVerdict, RegExp])[] = [
  [
    "known",
    /already known|already imported|known transaction|already in (the )?(mempool|cache)|alreadyknown/i,
  ],
  ["underpriced", /underpriced|gas price (is )?(too low|below)|fee ?cap (is )?(less|too low)|feetoolow/i],
  ["nonceTaken", /nonce (is )?too low|nonce below|oldnonce|invalid nonce; got|nonce has already been used/i],
];

export function verdictOn(error: unknown): NodeVerdict {
  if (faultIn(error) !== null) return "unheard";
  const said = answerIn(error)?.details ?? "";
  return WORDS.find(([, words]) => words.test(said))?.[0] ?? "refused";
}

/** What the node refused a call with; null where something else went wrong. */
export function answerIn(error: unknown): RpcRequestError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof RpcRequestError) return at;
  return null;
}
