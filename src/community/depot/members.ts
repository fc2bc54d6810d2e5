import { meterIdOf } from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { FIRST_HOME, PARTIES } from "#world/simulation/accounts.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { CommunityMember } from "../communityMember.ts";
import { keyNames } from "../keyNames.ts";
import { depotKeys } from "./depotKeys.ts";

/** What the meter of the conventional load is called where stations have their ids; no station's id has a space. */
const TRANSFORMER = "conventional load";

/** The metering point of a station, as the national id that its hash stands for. */
export function stationMeterId({ name }: Pick<DepotScenario, "name">, stationId: string): Hex {
  return meterIdOf(`${name}/${stationId}`);
}

/** The meter that counts the conventional load of a transformer: the grid operator's, after those of the stations. */
export function loadMeter({
  name,
  stations,
  terms,
}: Pick<DepotScenario, "name" | "stations" | "terms">): CommunityMember {
  return {
    member: FIRST_HOME + stations.length,
    holder: PARTIES.dso,
    name: "Conventional load",
    role: "gridOperator",
    key: keyNames.gridOperator,
    device: keyNames.device(TRANSFORMER),
    meterId: stationMeterId({ name }, TRANSFORMER),
    capacityW: terms.ratingW,
  };
}

/** The stations of a depot, and its transformer's meter. */
export function depotMembers(
  scenario: Pick<DepotScenario, "name" | "stations" | "terms">,
): readonly CommunityMember[] {
  const stations = scenario.stations.map(
    ({ id, member, name, connectionW }): CommunityMember => ({
      ...{ member, holder: member, name, role: "station", capacityW: connectionW },
      key: depotKeys.station(id),
      device: keyNames.device(id),
      meterId: stationMeterId(scenario, id),
    }),
  );
  return [...stations, loadMeter(scenario)];
}
