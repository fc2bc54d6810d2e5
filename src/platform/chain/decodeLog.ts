import { type Abi, type DecodeEventLogReturnType, decodeEventLog, type Hex } from "viem";
import { abiOfLog } from "./abiOf.ts";
import type { MinedLog } from "./readLogs.ts";

/** Name and arguments of a log of a contract with this interface; viem refuses one that is of none of its events. */
export function decodeLog<const TAbi extends Abi>(
  abi: TAbi,
  { topics, data }: Pick<MinedLog, "topics" | "data">,
): DecodeEventLogReturnType<TAbi, undefined, Hex[], Hex> {
  return decodeEventLog({ abi: abiOfLog(abi, topics), topics, data });
}
