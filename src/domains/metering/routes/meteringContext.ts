import type { FlowHistory } from "#domains/metering/flows.ts";
import type { ReadingDesk } from "#domains/metering/readingDesk.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";

/** What the sub-meters of an area's homes said; `capacityWh` of all batteries. */
export type AreaFlows = {
  readonly history: Pick<FlowHistory, "newest" | "area" | "home">;
  readonly capacityWh: number;
};

/** What the resources of readings work with. */
export type MeteringContext = ApiContext & {
  /** Where devices hand in what they signed. */
  readonly readingDesk: ReadingDesk;
  /** What happened behind the meters, by area; of those with sub-meters. */
  readonly flows: ReadonlyMap<number, AreaFlows>;
};
