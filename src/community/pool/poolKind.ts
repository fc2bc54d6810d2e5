import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaKind } from "../areaKind.ts";
import { openPool } from "./founding.ts";
import { homesAsMembers } from "./members.ts";
import { openPoolArea } from "./openPoolArea.ts";

/** Homes that trade with one another. */
export const poolKind: AreaKind<Scenario> = {
  membersOf: homesAsMembers,
  sizeOf: ({ homes }) => `${homes.length} homes`,
  tariffAt({ firstIntervalId, series, tariff }, intervalId) {
    const index = intervalId - firstIntervalId;
    return index >= 0 && index < series.intervals ? tariff.at(index) : null;
  },
  openMarket: openPool,
  open: openPoolArea,
};
