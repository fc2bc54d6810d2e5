import { DomainError } from "#kernel/units/domainError.ts";

/** What a node does that gives no answer to rely on; docs/faults.md says what is done about each. */
export type RpcFaultCode =
  | "rpcUnreachable"
  | "rpcTimeout"
  | "rpcBusy"
  | "rpcBadGateway"
  | "rpcMalformed"
  | "wrongChain"
  | "nodeBehind"
  | "nodesDisagree";

/**
 * A call of JSON-RPC came to no answer that can be relied on: whether it had an effect is not known. Made again later it
 * may succeed.
 *
 * @property retryAfterMs what the node asks to be waited; null when it says nothing
 */
export class RpcFaultError extends DomainError {
  readonly code: RpcFaultCode;
  readonly retryAfterMs: number | null;

  constructor(
    {
      code,
      sentence,
      retryAfterMs = null,
    }: { code: RpcFaultCode; sentence: string; retryAfterMs?: number | null },
    options?: ErrorOptions,
  ) {
    super(sentence, options);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The fault that made a call fail, however libraries wrapped it; null where the node gave an answer. */
export function faultIn(error: unknown): RpcFaultError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof RpcFaultError) return at;
  return null;
}
