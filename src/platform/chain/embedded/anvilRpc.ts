import type { Hex } from "viem";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { postJson } from "./postJson.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

/** One JSON-RPC call; its parameters are JSON values. */
export type AnvilCall = {
  readonly method: string;
  readonly params?: readonly unknown[];
  readonly timeoutMs?: number;
};

/**
 * The embedded node's own methods, which viem's clients don't know. Both throw {@link ChainRpcError}; the answers of
 * `callAll` stand in the order of the calls, which the node may run in any order.
 */
export type AnvilRpc = {
  call(call: AnvilCall): Promise<unknown>;
  callAll(calls: readonly AnvilCall[]): Promise<unknown[]>;
};

/** A block's header fields that decide its hash, beside the hash itself; `timestamp` in unix seconds. */
export type AnvilBlock = z.infer<typeof BLOCK>;

/** A hexadecimal string of any length. */
export const HEX = z.templateLiteral(["0x", z.string()]);
const QUANTITY = HEX.transform(Number).pipe(z.int().nonnegative());
const BLOCK = z
  .object({
    number: QUANTITY,
    hash: HEX,
    parentHash: HEX,
    timestamp: QUANTITY,
    mixHash: HEX,
    stateRoot: HEX,
    transactions: z.array(HEX),
  })
  .transform(({ mixHash, ...block }) => ({ ...block, prevrandao: mixHash }));
const ANSWER = z.object({
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string() }).optional(),
});

export function createAnvilRpc(rpcUrl: string): AnvilRpc {
  return {
    call: async (call) => {
      const answer = await post(rpcUrl, request(call, 0), call);
      return resultOf(call, ANSWER.parse(answer));
    },
    callAll: async (calls) => {
      const [first] = calls;
      if (first === undefined) return [];
      const answers = z.array(ANSWER).parse(await post(rpcUrl, calls.map(request), first));
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      return calls.map((call, id) => resultOf(call, byId.get(id)));
    },
  };
}

/** Number of the newest block. */
export async function readHead(rpc: AnvilRpc): Promise<number> {
  return QUANTITY.parse(await rpc.call({ method: "eth_blockNumber" }));
}

export async function readBlock(rpc: AnvilRpc, block: number | "latest"): Promise<AnvilBlock> {
  return parseBlock(await rpc.call(blockCall(block)));
}

export function blockCall(block: number | "latest"): AnvilCall {
  return { method: "eth_getBlockByNumber", params: [block === "latest" ? block : quantity(block), false] };
}

export function parseBlock(answer: unknown): AnvilBlock {
  return BLOCK.parse(answer);
}

/** A number as JSON-RPC writes it. */
export function quantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}

function request({ method, params = [] }: AnvilCall, id: number) {
  return { jsonrpc: "2.0", id, method, params };
}

async function post(rpcUrl: string, body: unknown, { method, timeoutMs = DEFAULT_TIMEOUT_MS }: AnvilCall) {
  try {
    return await postJson(rpcUrl, body, timeoutMs);
  } catch (cause) {
    throw new ChainRpcError(`the embedded chain gave no answer to ${method}`, { cause });
  }
}

function resultOf({ method }: AnvilCall, answer: z.infer<typeof ANSWER> | undefined): unknown {
  if (answer === undefined) throw new ChainRpcError(`the embedded chain gave no answer to ${method}`);
  if (answer.error !== undefined)
    throw new ChainRpcError(`the embedded chain refused ${method}: ${answer.error.message}`);
  return answer.result;
}

/** A call to the embedded node failed: no answer, or a refusal in its own words. */
export class ChainRpcError extends DomainError {
  readonly code = "chainRpcFailed";
}
