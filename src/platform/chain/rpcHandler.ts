import { DomainError } from "#kernel/units/domainError.ts";

/** Answers one call of JSON-RPC; throws {@link RpcRefusal} to refuse it. */
export type RpcHandler = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** A call that was refused, as JSON-RPC says it: a number, a sentence, and what a contract reverted with. */
export class RpcRefusal extends DomainError {
  readonly code = "rpcRefused";
  readonly rpcCode: number;
  readonly data: unknown;

  constructor({ code, message, data }: { code: number; message: string; data?: unknown }) {
    super(message);
    this.rpcCode = code;
    this.data = data;
  }
}
