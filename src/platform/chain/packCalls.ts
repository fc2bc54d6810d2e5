import { type Call, MAX_TRANSACTION_GAS } from "./sender.ts";

/**
 * What a call of a market takes at most: a settled position brings 33 bytes and takes 4,600 gas, an order 75 bytes and 9,000
 * (contracts/snapshots).
 */
const GAS_A_BYTE = 200n;
const GAS_A_CALL = 100_000n;
/** Bytes that nodes take of a transaction: 128 kB, less what surrounds the calls. */
const MAX_TRANSACTION_BYTES = 120_000;

/** Parts calls of a contract that takes several at once into as few transactions as they fit, in their order. */
export function packCalls(calls: readonly Call[]): (readonly Call[])[] {
  const transactions: Call[][] = [];
  for (const call of calls) {
    const last = transactions.at(-1);
    if (last && fitsOneTransaction([...last, call])) last.push(call);
    else transactions.push([call]);
  }
  return transactions;
}

/** Whether calls certainly stay within the gas and the bytes of one transaction. */
export function fitsOneTransaction(calls: readonly Call[]): boolean {
  const bytes = calls.reduce((sum, { data }) => sum + data.length / 2, 0);
  const gas = BigInt(Math.ceil(bytes)) * GAS_A_BYTE + BigInt(calls.length) * GAS_A_CALL;
  return bytes <= MAX_TRANSACTION_BYTES && gas <= MAX_TRANSACTION_GAS;
}
