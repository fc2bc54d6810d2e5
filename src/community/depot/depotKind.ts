import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { AreaKind } from "../areaKind.ts";
import { openQuotas } from "./founding.ts";
import { depotMembers } from "./members.ts";
import { openDepotArea } from "./openDepotArea.ts";

/** Charging stations that share a transformer's margin. */
export const depotKind: AreaKind<DepotScenario> = {
  membersOf: depotMembers,
  sizeOf: ({ stations }) => `${stations.length} charging stations`,
  tariffAt: () => null,
  openMarket: openQuotas,
  open: openDepotArea,
};
