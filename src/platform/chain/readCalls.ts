import { type Abi, decodeFunctionData, type Hex } from "viem";
import { abiOfCall } from "./abiOf.ts";

/** A call as a contract got it. */
export type ReceivedCall = { readonly functionName: string; readonly args: readonly unknown[] };

/** Name of the function by which a contract takes several calls of one sender at once (OpenZeppelin's Multicall). */
const MULTICALL = "multicall";
/** A call within a call within a call serves nobody. */
const MAX_DEPTH = 2;

/** The calls that calldata stands for, in the order in which they are made. Bytes that are no call give none. */
export function readCalls(abi: Abi, input: Hex, depth = 0): ReceivedCall[] {
  const call = decodeCall(abi, input);
  if (call === null) return [];
  const [inner] = call.args;
  if (call.functionName !== MULTICALL || !Array.isArray(inner)) return [call];
  return depth === MAX_DEPTH ? [] : inner.flatMap((data: Hex) => readCalls(abi, data, depth + 1));
}

/** The call that was read last: a transaction's is asked for its name, and again for what it brought. */
let last: { readonly abi: Abi; readonly input: Hex; readonly call: ReceivedCall | null } | null = null;

function decodeCall(abi: Abi, input: Hex): ReceivedCall | null {
  if (last?.abi === abi && last.input === input) return last.call;
  const call = decodeAnew(abi, input);
  last = { abi, input, call };
  return call;
}

function decodeAnew(abi: Abi, input: Hex): ReceivedCall | null {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi: abiOfCall(abi, input), data: input });
    return { functionName, args };
  } catch {
    return null;
  }
}
