import type { z } from "zod";
import type { areaWire } from "#domains/pool/wire.ts";
import { present } from "#kernel/units/assert.ts";
import type { Answer } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";

export type Area = z.infer<typeof areaWire>;

/** A version of the rules of an area's pool. */
export type Terms = Area["terms"];

/** All market areas with the pool's rules. */
export function usePoolAreas(): Answer<{ areas: Area[] }> {
  return useGet<{ areas: Area[] }>("/v1/areas");
}

/** The version of an area's rules that holds for an interval: the last one that begins with it or before. */
export function termsFor<Version extends Pick<Terms, "fromInterval">>(
  versions: readonly Version[],
  intervalId: number,
): Version {
  const begun = versions.filter(({ fromInterval }) => fromInterval <= intervalId);
  const newest = begun.toSorted((a, b) => b.fromInterval - a.fromInterval)[0];
  return present(newest, `rules for interval ${intervalId}`);
}
