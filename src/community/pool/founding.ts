import { acceptSupplyCall, announceTerms } from "#domains/pool/poolMarket.ts";
import { createSender } from "#platform/chain/sender.ts";
import { PARTIES } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { fundMargins, type NewArea } from "../foundedArea.ts";
import { keyNames } from "../keyNames.ts";

/** Margins in the settlement currency: ample for years of a household's local trade. */
const HOME_MARGIN_MICRO = 5_000_000_000n;
const SUPPLIER_MARGIN_MICRO = 100_000_000_000n;

/**
 * Opens an area's pool: its terms, that the supplier stands for the surpluses of clearings at them by this operator, and the margins of the
 * supplier and the homes.
 */
export async function openPool(area: NewArea<Scenario>): Promise<void> {
  const { network, deployment, scenario, keyring, areaId } = area;
  const { terms } = scenario;
  const operator = createSender(network, keyring.key(keyNames.operator).hex);
  const { version } = await announceTerms(operator, deployment, { areaId, terms });
  const supplier = createSender(network, keyring.key(keyNames.supplier).hex);
  const accepted = { areaId, version, terms, operator: operator.address };
  await supplier.send(acceptSupplyCall(deployment, accepted));
  await fundMargins(area, "poolMarket", [
    { member: PARTIES.supplier, key: keyNames.supplier, amountMicro: SUPPLIER_MARGIN_MICRO },
    ...scenario.homes.map(({ id, member }) => ({
      ...{ member, key: keyNames.home(id), amountMicro: HOME_MARGIN_MICRO },
    })),
  ]);
}
