import {
  certifyDevice,
  directoryOf,
  enrolCall,
  fundingCalls,
  grantRoleCall,
  kycHash,
  meterIdOf,
  mintCall,
  publishDirectoryCall,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import { acceptSupplyCall, createArea } from "#domains/pool/poolMarket.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { assert } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { communityAccounts } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/** A community that stands on a chain: its contracts, its area, and the meters of its homes by account. */
export type FoundedCommunity = {
  readonly deployment: Deployment;
  readonly areaId: number;
};

/** Margins in the settlement currency: ample for years of a household's local trade. */
const HOME_MARGIN_MICRO = 5_000_000_000n;
const SUPPLIER_MARGIN_MICRO = 100_000_000_000n;
/** Homes that fund their margins at the same time. */
const HOMES_AT_ONCE = 16;

/** Names of the keys of a community in its keyring. */
export const keyNames = {
  operator: "operator",
  meterGateway: "meterGateway",
  registrar: "registrar",
  certifier: "certifier",
  supplier: "supplier",
  gridOperator: "gridOperator",
  fund: "fund",
  home: (id: string) => `home ${id}`,
  device: (id: string) => `device ${id}`,
} as const;

/** The metering point of a home, as the national id that its hash stands for. */
export function homeMeterId(scenario: Pick<Scenario, "name">, homeId: string): Hex {
  return meterIdOf(`${scenario.name}/${homeId}`);
}

/** A community that is to be founded, and the keys of its roles, homes and meters. */
export type CommunityPlan = { readonly scenario: Scenario; readonly keyring: Keyring };

/**
 * Founds communities on a chain, with one set of contracts: for each its operators' roles, accounts of its supplier, DSO,
 * fund and homes in this order, metering points with certified devices, margins in test currency, and an area. The
 * registrar and the certifier are those of the first. `onProgress` is told each step in words.
 */
export async function foundCommunities({
  network,
  communities,
  adminKey,
  onProgress,
}: {
  network: Network;
  communities: readonly CommunityPlan[];
  adminKey: Hex;
  onProgress: (step: string) => void;
}): Promise<readonly FoundedCommunity[]> {
  const [{ keyring }] = communities as [CommunityPlan];
  const admin = createSender(network, adminKey);
  onProgress("deploying the contracts");
  const deployment = await deployContracts({
    network,
    admin,
    specs: CONTRACTS,
    holders: {
      registrar: keyring.key(keyNames.registrar).address,
      operator: keyring.key(keyNames.operator).address,
      gridOperator: keyring.key(keyNames.gridOperator).address,
      meterGateway: keyring.key(keyNames.meterGateway).address,
      certifier: keyring.key(keyNames.certifier).address,
    },
  });
  const registrar = createSender(network, keyring.key(keyNames.registrar).hex);
  const certifierKey = keyring.key(keyNames.certifier).privateKey;
  const founded: FoundedCommunity[] = [];
  for (const { scenario, keyring: own } of communities) {
    if (own !== keyring) await admitOperators(admin, deployment, own);
    onProgress(
      `registering ${scenario.homes.length} homes${communities.length > 1 ? ` of ${scenario.title}` : ""}`,
    );
    await registerAll({ registrar, deployment, scenario, keyring: own });
    const areaId = await openArea({ network, deployment, scenario, keyring: own });
    await enrolMeters({ registrar, certifierKey, deployment, scenario, keyring: own, areaId });
    onProgress("funding the margins");
    await fundAll({ network, admin, deployment, scenario, keyring: own });
    founded.push({ deployment, areaId });
  }
  return founded;
}

/** The operators of a community that is not the first on its chain. */
async function admitOperators(admin: Sender, deployment: Deployment, keyring: Keyring): Promise<void> {
  const names = [
    ["OPERATOR_ROLE", keyNames.operator],
    ["DSO_ROLE", keyNames.gridOperator],
    ["METER_GATEWAY_ROLE", keyNames.meterGateway],
  ] as const;
  await admin.sendAll(
    names.map(([role, name]) => grantRoleCall(deployment, role, keyring.key(name).address)),
  );
}

async function registerAll({
  registrar,
  deployment,
  scenario,
  keyring,
}: {
  registrar: Sender;
  deployment: Deployment;
  scenario: Scenario;
  keyring: Keyring;
}): Promise<void> {
  const names = [
    keyNames.supplier,
    keyNames.gridOperator,
    keyNames.fund,
    ...scenario.homes.map(({ id }) => keyNames.home(id)),
  ];
  const accounts = await registerParticipants(
    registrar,
    deployment,
    names.map((name) => {
      const { address, hex } = keyring.key(name);
      return { address, kycHash: kycHash(name, hex) };
    }),
  );
  const { supplier, dso, fund } = communityAccounts(scenario.firstAccount);
  const expected = [supplier, dso, fund, ...scenario.homes.map((h) => h.account)];
  assert(String(accounts) === String(expected), "accounts are numbered in the order of the scenario");
  const directories = new Set(accounts.map(directoryOf));
  await registrar.sendAll([...directories].map((directory) => publishDirectoryCall(deployment, directory)));
}

/** The supplier accepts, since the area may draw on its margin. */
async function openArea({
  network,
  deployment,
  scenario,
  keyring,
}: {
  network: Network;
  deployment: Deployment;
  scenario: Scenario;
  keyring: Keyring;
}): Promise<number> {
  const areaId = await createArea(createSender(network, keyring.key(keyNames.operator).hex), deployment, {
    terms: scenario.terms,
    accounts: communityAccounts(scenario.firstAccount),
  });
  const supplier = createSender(network, keyring.key(keyNames.supplier).hex);
  await supplier.send(acceptSupplyCall(deployment, areaId));
  return areaId;
}

async function enrolMeters({
  registrar,
  certifierKey,
  deployment,
  scenario,
  keyring,
  areaId,
}: {
  registrar: Sender;
  certifierKey: Uint8Array;
  deployment: Deployment;
  scenario: Scenario;
  keyring: Keyring;
  areaId: number;
}): Promise<void> {
  await registrar.sendAll(
    scenario.homes.map(({ id, account }) => {
      const meterId = homeMeterId(scenario, id);
      const deviceKey = keyring.key(keyNames.device(id)).address;
      const certificate = certifyDevice(deployment, { meterId, deviceKey }, certifierKey);
      return enrolCall(deployment, { meterId, account, areaId, deviceKey, certificate });
    }),
  );
}

async function fundAll({
  network,
  admin,
  deployment,
  scenario,
  keyring,
}: {
  network: Network;
  admin: Sender;
  deployment: Deployment;
  scenario: Scenario;
  keyring: Keyring;
}): Promise<void> {
  const margins = [
    { key: keyring.key(keyNames.supplier), amountMicro: SUPPLIER_MARGIN_MICRO },
    ...scenario.homes.map(({ id }) => ({
      key: keyring.key(keyNames.home(id)),
      amountMicro: HOME_MARGIN_MICRO,
    })),
  ];
  await admin.sendAll(margins.map(({ key, amountMicro }) => mintCall(deployment, key.address, amountMicro)));
  for (let at = 0; at < margins.length; at += HOMES_AT_ONCE)
    await Promise.all(
      margins
        .slice(at, at + HOMES_AT_ONCE)
        .map(({ key, amountMicro }) =>
          createSender(network, key.hex).sendAll(
            fundingCalls(deployment, { market: "poolMarket", amountMicro }),
          ),
        ),
    );
}
