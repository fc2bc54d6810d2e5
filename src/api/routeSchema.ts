import type { z } from "zod";
import { problemWire } from "./wire.ts";

type Success = { readonly status?: 200 | 201; readonly body: z.ZodType };

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
