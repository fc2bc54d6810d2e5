import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Names } from "#platform/api/identity/names.ts";
import type { lookupWire } from "./wireAudit.ts";

/** Something that a look-up found. */
export type Hit = z.infer<typeof lookupWire>["hits"][number];

/** More hits than a person looks through; a longer name finds fewer. */
export const MAX_HITS = 20;

/**
 * What somebody looks for, as far as its form says: a hash, an address, a number, a place in the market's time, or a part
 * of a name. `names` are those that the one who asks may know;
 * `request` tells who that is.
 */
export type Lookup = { readonly names: Names; readonly request: FastifyRequest } & (
  | { readonly form: "hash"; readonly hash: string }
  | { readonly form: "address"; readonly address: string }
  /** A hash or an address as it is shown in short: how it begins, without 0x, and how it ends. */
  | { readonly form: "shortHash"; readonly head: string; readonly tail: string }
  | { readonly form: "number"; readonly number: number }
  | { readonly form: "interval"; readonly areaId: number; readonly intervalId: number }
  | {
      readonly form: "reading";
      readonly areaId: number;
      readonly intervalId: number;
      readonly member: number;
    }
  | { readonly form: "name"; readonly part: string }
);
