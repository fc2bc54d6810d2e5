import type { z } from "zod";
import type { Incident, Incidents } from "#platform/runtime/incidents.ts";
import type { concernsWire } from "./wireConcerns.ts";

/** Something of an account that its owner should know, or do something about. */
export type Concern = z.infer<typeof concernsWire>["concerns"][number];

/** What was looked at, and up to which second of the market's clock; null where there was nothing to look at. */
export type LookedAt = z.infer<typeof concernsWire>["lookedAt"][number];

/** What a field says of one account: what it looked at, and what of it concerns the owner. */
export type ConcernReport = {
  readonly lookedAt: readonly LookedAt[];
  readonly concerns: readonly Concern[];
};

/** The account that is asked of, in the areas that the reader may see (undefined for all), from a second of the market on. */
export type ConcernAsked = {
  readonly account: number;
  readonly areaIds: readonly number[] | undefined;
  readonly from: number;
};

/** A concern that leads nowhere and costs nothing. */
export const NO_PLACE = { costMicro: null, areaId: null, intervalId: null, orderId: null } as const;

/** Incidents of a kind that are about the account, in the areas and the time that are asked of. */
export function incidentsOf(
  incidents: Pick<Incidents, "list">,
  kind: Incident["kind"],
  { account, areaIds, from }: ConcernAsked,
): Incident[] {
  return incidents
    .list()
    .filter((incident) => incident.kind === kind && incident.account === account && incident.at >= from)
    .filter(({ areaId }) => areaIds === undefined || areaId === null || areaIds.includes(areaId));
}
