import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { BaseError } from "viem";
import { DomainError } from "#kernel/units/domainError.ts";
import { PROBLEM_TYPE } from "./routeSchema.ts";
import type { Problem } from "./wire.ts";

/** The one table from the codes of our errors to HTTP. A code that is not here is a fault of the server: 500. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  signInRequired: 401,
  notYours: 403,
  crossSiteRequest: 403,
  notFound: 404,
  noPool: 404,
  malformedSignature: 422,
  seriesRange: 422,
  feesUnknown: 422,
  exportTooLarge: 422,
  tooManyPeriods: 422,
  noAgent: 409,
  agentPrice: 422,
  walletRefused: 422,
  contractRefusal: 422,
  tooManyStreams: 503,
  chainUnreachable: 503,
  historyUnavailable: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  408: "Request timeout",
  409: "Conflict",
  413: "Content too large",
  414: "URI too long",
  415: "Unsupported media type",
  422: "Unprocessable content",
  431: "Request header fields too large",
  500: "Internal server error",
  503: "Service unavailable",
};

/** Sends an error by RFC 9457. */
export function sendProblem(
  reply: FastifyReply,
  problem: Omit<Problem, "type" | "title"> & { readonly title?: string },
): FastifyReply {
  const { status } = problem;
  const body: Problem = { type: "about:blank", title: TITLES[status] ?? "Error", ...problem };
  // Not the route's schema: an error may happen before there is a route.
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}

/** Answers whatever was thrown while a request was served. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message }) => ({
      place: `${error.validationContext ?? "request"}${instancePath}`,
      message: message ?? "is not valid",
    }));
    return sendProblem(reply, {
      status: 400,
      reason: "invalidRequest",
      detail: "the request is not valid",
      errors,
    });
  }
  if (error instanceof DomainError) {
    const status = STATUS_OF_CODE[error.code];
    if (status) return sendProblem(reply, { status, reason: error.code, detail: error.message });
  }
  if (error instanceof BaseError) {
    request.log.error({ err: error }, "the chain did not answer a request");
    return sendProblem(reply, {
      status: 503,
      reason: "chainUnreachable",
      detail: "the chain does not answer",
    });
  }
  const status = error.statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return sendProblem(reply, { status, reason: "invalidRequest", detail: error.message });
  }
  request.log.error({ err: error }, "a request failed");
  return sendProblem(reply, { status: 500, reason: "internalError", requestId: request.id });
}

export class NotFoundError extends DomainError {
  readonly code = "notFound";

  constructor(what: string) {
    super(`there is no ${what}`);
  }
}
