import type { Deployment } from "#platform/chain/contractSpec.ts";
import { type Call, MAX_TRANSACTION_GAS } from "#platform/chain/sender.ts";
import { inOneTransaction } from "./poolMarket.ts";

/**
 * What a call of the market takes at most: a settled position brings 33 bytes and takes 4,600 gas, an order 75 bytes and 9,000
 * (contracts/snapshots/PoolMarket.json).
 */
const GAS_A_BYTE = 200n;
const GAS_A_CALL = 100_000n;
/** Bytes that nodes take of a transaction: 128 kB, less what surrounds the calls. */
const MAX_TRANSACTION_BYTES = 120_000;

/** Calls of the pool market in as few transactions as they fit, in their order. */
export function transactionsOf(deployment: Deployment, calls: readonly Call[]): Call[] {
  const transactions: Call[][] = [];
  for (const call of calls) {
    const last = transactions.at(-1);
    if (last && fitsOneTransaction([...last, call])) last.push(call);
    else transactions.push([call]);
  }
  return transactions.map((together) => inOneTransaction(deployment, together));
}

/** Whether calls certainly stay within the gas and the bytes of one transaction. */
export function fitsOneTransaction(calls: readonly Call[]): boolean {
  const bytes = calls.reduce((sum, { data }) => sum + data.length / 2, 0);
  const gas = BigInt(Math.ceil(bytes)) * GAS_A_BYTE + BigInt(calls.length) * GAS_A_CALL;
  return bytes <= MAX_TRANSACTION_BYTES && gas <= MAX_TRANSACTION_GAS;
}
