import { z } from "zod";
import { type Problem, problemWire } from "./wire.ts";

export const PROBLEM_TYPE = "application/problem+json";

const problem = (description: string, example: Partial<Problem>) => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: problemWire.meta({ example: { type: "about:blank", ...example } }) } },
});

/** The answers of a route that refuses or fails, in the media type in which they are sent. */
export const PROBLEMS = {
  "4xx": problem("Refused, by RFC 9457; `reason` says why", {
    title: "Not found",
    status: 404,
    reason: "notFound",
    detail: "there is no account 12",
  }),
  "5xx": problem("A fault of the server or of the chain, by RFC 9457", {
    title: "Service unavailable",
    status: 503,
    reason: "chainUnreachable",
    detail: "the chain does not answer",
  }),
} as const;

type Success = { readonly status?: 200 | 201 | 202; readonly body: z.ZodType };

/** The part of a route's schema that all routes share: its place in the documentation and its answers. */
export function describeRoute<Tag extends string, Answer extends Success>(
  tag: Tag,
  summary: string,
  { status = 200, body }: Answer,
) {
  return {
    tags: [tag],
    summary,
    response: { [status]: body.describe(summary), "4xx": PROBLEMS["4xx"], "5xx": PROBLEMS["5xx"] },
  };
}

/** The same of a route that answers with a text of a media type, such as HTML or CSV, and no JSON. */
export function describeText<Tag extends string, MediaType extends string>(
  tag: Tag,
  summary: string,
  mediaType: MediaType,
  example: string,
) {
  const text = { description: summary, content: { [mediaType]: { schema: z.string().meta({ example }) } } };
  return {
    tags: [tag],
    summary,
    response: { 200: text, ...PROBLEMS },
  };
}
