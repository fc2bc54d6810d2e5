import { DomainError } from "#kernel/units/domainError.ts";

/** A request that is answered with a status of OpenADR and a sentence, and changes nothing. */
export class RefusedRequestError extends DomainError {
  readonly code = "openAdrRequestRefused";
  readonly status: 400 | 401 | 403 | 404 | 409 | 503;

  constructor(status: RefusedRequestError["status"], message: string) {
    super(message);
    this.status = status;
  }
}
