import { DomainError } from "#kernel/units/domainError.ts";

/** A call that is answered with an error of OCPP-J (part 4, 4.3) by this name and sentence. */
export class RefusedCallError extends DomainError {
  readonly code = "refusedCall";
  /** The library answers with what stands here. */
  readonly rpcErrorCode: "PropertyConstraintViolation" | "InternalError";

  constructor(rpcErrorCode: RefusedCallError["rpcErrorCode"], sentence: string) {
    super(sentence);
    this.rpcErrorCode = rpcErrorCode;
  }
}

/** The name of the error of OCPP-J that an error stands for; null when it is another. */
export function rpcErrorCode(error: unknown): string | null {
  const code = error instanceof Error && "rpcErrorCode" in error ? error.rpcErrorCode : null;
  return typeof code === "string" ? code : null;
}
