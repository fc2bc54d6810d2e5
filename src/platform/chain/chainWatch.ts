import { faultIn, type RpcFaultCode, type RpcFaultError } from "./rpcFault.ts";
import type { RpcHandler } from "./rpcHandler.ts";

/** What holds work back: no call of the chain came to an answer since `since`, unix seconds of the world. */
export type HeldBack = { readonly code: RpcFaultCode; readonly detail: string; readonly since: number };

export type ChainWatch = {
  /** Null while the chain answers. */
  heldBack(): HeldBack | null;
  /** The same calls, watched. */
  watched(call: RpcHandler): RpcHandler;
};

/** Knows since when the chain does not answer. A refusal is an answer. */
export function watchChain(now: () => number): ChainWatch {
  let held: HeldBack | null = null;
  return {
    heldBack: () => held,
    watched: (call) => async (method, params) => {
      try {
        const answer = await call(method, params);
        held = null;
        return answer;
      } catch (error) {
        const fault = faultIn(error);
        held = fault && { ...saidOf(fault), since: held?.since ?? Math.floor(now()) };
        throw error;
      }
    },
  };
}

function saidOf({ code, message }: RpcFaultError) {
  return { code, detail: message };
}
