import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { storageFault } from "#platform/system/storageFault.ts";
import type { Problem } from "../model/answers.ts";
import { RefusedRequestError } from "../refusedRequest.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
const BAD_REQUEST = 400;
const UNSUPPORTED_MEDIA_TYPE = 415;
const INTERNAL_ERROR = 500;

/** Sends a problem in the form and media type of OpenADR 3.1. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const body: Problem = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail };
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="OpenADR"');
  return reply.code(status).type("application/json").send(body);
}

/** Answers whatever was thrown while a request was served; a fault of ours is logged, and its cause stays here. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RefusedRequestError) return sendProblem(reply, error.status, error.message);
  const status = error.statusCode ?? INTERNAL_ERROR;
  // OpenADR's description has no status of its own for a body of another media type.
  if (status === UNSUPPORTED_MEDIA_TYPE)
    return sendProblem(reply, BAD_REQUEST, "the body is not application/json");
  if (status >= BAD_REQUEST && status < INTERNAL_ERROR) return sendProblem(reply, status, error.message);
  request.log.error({ err: error }, "a request failed");
  const detail = storageFault(error)?.message ?? "the VTN failed to serve this request";
  return sendProblem(reply, INTERNAL_ERROR, detail);
}

/**
 * A value as its schema reads it.
 *
 * @throws RefusedRequestError that names each place that does not fit
 */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${[what, ...path].join(".")}: ${message}`);
  throw new RefusedRequestError(BAD_REQUEST, [...new Set(faults)].slice(0, MOST_FAULTS).join("; "));
}

const MOST_FAULTS = 10;
