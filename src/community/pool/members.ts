import { meterIdOf } from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { CommunityMember } from "../communityMember.ts";
import { keyNames } from "../keyNames.ts";

/** The metering point of a home, as the national id that its hash stands for. */
export function homeMeterId(scenario: Pick<Scenario, "name">, homeId: string): Hex {
  return meterIdOf(`${scenario.name}/${homeId}`);
}

/** The homes of a community. */
export function homesAsMembers(scenario: Pick<Scenario, "name" | "homes">): readonly CommunityMember[] {
  return scenario.homes.map(({ id, member, name, connectionW: capacityW }) => ({
    ...{ member, holder: member, name, role: "home", capacityW },
    key: keyNames.home(id),
    device: keyNames.device(id),
    meterId: homeMeterId(scenario, id),
  }));
}
