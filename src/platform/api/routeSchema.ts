import { z } from "zod";
import { problemWire } from "#platform/api/wire.ts";

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
    response: { [status]: body.describe(summary), "4xx": problemWire.describe("Refused, by RFC 9457") },
  };
}

/** The same of a route that answers with a text of a media type, such as HTML or CSV, and no JSON. */
export function describeText<Tag extends string, MediaType extends string>(
  tag: Tag,
  summary: string,
  mediaType: MediaType,
) {
  const text = { description: summary, content: { [mediaType]: { schema: z.string() } } };
  return {
    tags: [tag],
    summary,
    response: { 200: text, "4xx": problemWire.describe("Refused, by RFC 9457") },
  };
}
