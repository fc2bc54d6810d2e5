import type { Deployment } from "#platform/chain/contractSpec.ts";
import { packCalls } from "#platform/chain/packCalls.ts";
import type { Call } from "#platform/chain/sender.ts";
import { inOneTransaction } from "./poolMarket.ts";

/** Calls of the pool market in as few transactions as they fit, in their order. */
export function transactionsOf(deployment: Deployment, calls: readonly Call[]): Call[] {
  return packCalls(calls).map((together) => inOneTransaction(deployment, together));
}
