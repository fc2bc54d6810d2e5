import type { FlowHistory } from "#domains/metering/flows.ts";
import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";

/** What the sub-meters of an area's homes said; `capacityWh` of all batteries. */
export type AreaFlows = {
  readonly history: Pick<FlowHistory, "newest" | "area" | "home">;
  readonly capacityWh: number;
};

/** What the resources of readings work with. */
export type MeteringContext = ApiContext & {
  /** What happened behind the meters, by area; of those with sub-meters. */
  readonly flows: ReadonlyMap<number, AreaFlows>;
  /** Who takes the readings of an area's meters, by area; of those whose members have meters of their own. */
  readonly meterGateways: ReadonlyMap<number, Pick<MeterGateway, "collect">>;
};
