import { announceQuotaTermsCall } from "#domains/charging/quotaMarket.ts";
import { createSender } from "#platform/chain/sender.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import { fundMargins, type NewArea } from "../foundedArea.ts";
import { keyNames } from "../keyNames.ts";
import { depotKeys } from "./depotKeys.ts";

/** A station's margin in the settlement currency: ample for months of its energy, from which nothing comes back. */
const STATION_MARGIN_MICRO = 50_000_000_000n;

/** Opens the quotas of an area: their terms, which are its grid operator's to announce, and the margins of the stations. */
export async function openQuotas(area: NewArea<DepotScenario>): Promise<void> {
  const { network, deployment, scenario, keyring, areaId } = area;
  const gridOperator = createSender(network, keyring.key(keyNames.gridOperator).hex);
  await gridOperator.send(announceQuotaTermsCall(deployment, { areaId, terms: scenario.terms }));
  await fundMargins(
    area,
    "quotaMarket",
    scenario.stations.map(({ id, member }) => ({
      ...{ member, key: depotKeys.station(id), amountMicro: STATION_MARGIN_MICRO },
    })),
  );
}
