import type { Event, RequestOf, Resource, Ven } from "../model/objects.ts";
import { timedIntervals } from "../rules/eventIntervals.ts";
import {
  type AskedInterval,
  type FlexibleLoad,
  type FollowedInterval,
  followIntervals,
} from "../rules/simulatedLoad.ts";
import type { VenClient } from "./venClient.ts";

/** An event that a VEN followed to its end, and the report of it. */
export type FollowedEvent = {
  readonly event: Event;
  readonly intervals: readonly FollowedInterval[];
  readonly reportID: string;
};

/** A VEN with one simulated load, registered at a VTN. */
export type SimulatedVen = {
  readonly ven: Ven;
  readonly resource: Resource;
  /** Follows and reports the events that are over by a time, unix seconds; each of them once. */
  followUntil(until: number): Promise<readonly FollowedEvent[]>;
};

const MILLIS_PER_SECOND = 1_000;
const WH_PER_KWH = 1_000;
const RESOURCE_NAME = "load";
/** An interval without an end is followed for an hour. */
const LONGEST_SECONDS = 3_600;

/** Registers a VEN and its load where they are not registered yet, under the name that it has at the VTN. */
export async function startVen(
  client: VenClient,
  { name, load }: { readonly name: string; readonly load: FlexibleLoad },
): Promise<SimulatedVen> {
  const [known] = await client.list("VEN");
  const ven = known ?? (await client.create("VEN", { objectType: "VEN_VEN_REQUEST", venName: name }));
  const resource = await registerLoad(client, ven);
  return {
    ...{ ven, resource },
    async followUntil(until) {
      const followed: FollowedEvent[] = [];
      const reported = new Set((await client.list("REPORT")).map(({ eventID }) => eventID));
      for (const event of await client.list("EVENT")) {
        if (reported.has(event.id)) continue;
        const asked = askedIntervals(event);
        if (asked.length === 0 || asked.some(({ endsAt }) => endsAt > until)) continue;
        const intervals = followIntervals(load, asked);
        const report = await client.create("REPORT", reportOf(event, { ven, resource, intervals }));
        followed.push({ event, intervals, reportID: report.id });
      }
      return followed;
    },
  };
}

async function registerLoad(client: VenClient, ven: Ven): Promise<Resource> {
  const [known] = await client.list("RESOURCE", { venID: ven.id, resourceName: RESOURCE_NAME });
  if (known !== undefined) return known;
  const request = { objectType: "VEN_RESOURCE_REQUEST", venID: ven.id, resourceName: RESOURCE_NAME } as const;
  return client.create("RESOURCE", request);
}

function askedIntervals(event: Event): AskedInterval[] {
  return timedIntervals(event).map(({ interval, startsAt, endsAt }) => {
    const end = Number.isFinite(endsAt) ? endsAt : startsAt + LONGEST_SECONDS * MILLIS_PER_SECOND;
    return { startsAt: seconds(startsAt), endsAt: seconds(end), payloads: interval.payloads };
  });
}

function seconds(millis: number): number {
  return Math.floor(millis / MILLIS_PER_SECOND);
}

/** What was used, and what would have been used, in kWh by interval. */
function reportOf(
  event: Event,
  { ven, resource, intervals }: { ven: Ven; resource: Resource; intervals: readonly FollowedInterval[] },
): RequestOf<"REPORT"> {
  const described = (payloadType: string) =>
    ({
      objectType: "REPORT_PAYLOAD_DESCRIPTOR",
      payloadType,
      readingType: "DIRECT_READ",
      units: "KWH",
    }) as const;
  return {
    eventID: event.id,
    clientName: ven.venName,
    reportName: event.eventName ?? null,
    payloadDescriptors: [described("USAGE"), described("BASELINE")],
    resources: [
      {
        resourceName: resource.resourceName,
        intervals: intervals.map(({ startsAt, endsAt, usedWh, baselineWh }, id) => ({
          id,
          intervalPeriod: {
            start: new Date(startsAt * MILLIS_PER_SECOND).toISOString(),
            duration: `PT${endsAt - startsAt}S`,
          },
          payloads: [
            { type: "USAGE", values: [usedWh / WH_PER_KWH] },
            { type: "BASELINE", values: [baselineWh / WH_PER_KWH] },
          ],
        })),
      },
    ],
  };
}
