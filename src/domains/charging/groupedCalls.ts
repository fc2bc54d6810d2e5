import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { type Call, contractCall, MAX_TRANSACTION_GAS } from "#platform/chain/sender.ts";
import { quotaMarketContract } from "./contracts.generated.ts";

/** Bytes that nodes take of a transaction: 128 kB, less what surrounds the calls. */
export const MAX_TRANSACTION_BYTES = 120_000;
/**
 * What a call takes at most: a payment with two readings takes 120,000 gas in a transaction of its own, a withdrawal 53,000
 * (contracts/snapshots/QuotaMarket.json); a byte costs 16 by itself, and is copied and hashed.
 */
const GAS_A_CALL = 120_000n;
const GAS_A_BYTE = 40n;

/** What one station's settlement is made of, in order: its payment, and its withdrawal. */
export type StationCalls = { readonly member: number; readonly calls: readonly Call[] };

/**
 * The settlements of many stations in as few transactions as they fit, by rising member: neighbours share storage slots, which are
 * then paid for once (R4.11). What is called is the same, and so is the outcome; a station is never parted. A
 * transaction fails as a whole, so that who is paid already has to be left out.
 */
export function groupStationCalls(deployment: Deployment, stations: readonly StationCalls[]): Call[] {
  const groups: Call[][] = [];
  for (const { calls } of [...stations].sort((one, other) => one.member - other.member)) {
    const last = groups.at(-1);
    if (last && fitsOneTransaction([...last, ...calls])) last.push(...calls);
    else groups.push([...calls]);
  }
  return groups.map((calls) => together(deployment, calls));
}

/** Whether calls certainly stay within the gas and the bytes of one transaction. */
function fitsOneTransaction(calls: readonly Call[]): boolean {
  const bytes = calls.reduce((sum, { data }) => sum + Math.ceil(data.length / 2) + CALL_BYTES, 0);
  const gas = BigInt(bytes) * GAS_A_BYTE + BigInt(calls.length) * GAS_A_CALL;
  return bytes <= MAX_TRANSACTION_BYTES && gas <= MAX_TRANSACTION_GAS;
}

/** Offset, length and padding of a call within the list of them. */
const CALL_BYTES = 96;

function together(deployment: Deployment, calls: readonly Call[]): Call {
  const [only, ...more] = calls;
  if (only && more.length === 0) return only;
  const label = [...new Set(calls.map((call) => call.label))].join(" and ");
  const { abi } = quotaMarketContract;
  const args = [calls.map(({ data }) => data)] as const;
  return {
    ...contractCall({ address: addressOf(deployment, "quotaMarket"), abi, functionName: "multicall", args }),
    label,
  };
}
