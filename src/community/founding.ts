import {
  fundingCalls,
  grantRoleCall,
  kycHash,
  mintCall,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import {
  certifyDevice,
  directoryOf,
  enrolCall,
  meterIdOf,
  openArea,
  publishDirectoryCall,
} from "#domains/metering/areaRegistry.ts";
import { acceptSupplyCall, announceTerms } from "#domains/pool/poolMarket.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { assert } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/** A community that stands on a chain: its contracts and its area. */
export type FoundedCommunity = {
  readonly deployment: Deployment;
  readonly areaId: number;
};

/** Margins in the settlement currency: ample for years of a household's local trade. */
const HOME_MARGIN_MICRO = 5_000_000_000n;
const SUPPLIER_MARGIN_MICRO = 100_000_000_000n;
/** Homes that fund their margins at the same time. */
const HOMES_AT_ONCE = 16;
/** A reading is waited for so long after its interval; then it counts as zero. */
const WAITING_SECONDS = 86_400;
/** The first certificate of each device, which is used at once: its end is the largest second that the contract holds. */
const CERTIFICATE = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;

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
 * Founds communities on a chain, with one set of contracts: for each its operator's role, accounts of its supplier, DSO,
 * fund and homes in this order, an area with metering points of certified devices, its pool, and margins in test currency.
 * The registrar and the certifier are those of the first. `onProgress` is told each step in words.
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
      certifier: keyring.key(keyNames.certifier).address,
    },
  });
  const registrar = createSender(network, keyring.key(keyNames.registrar).hex);
  const certifierKey = keyring.key(keyNames.certifier).privateKey;
  const founded: FoundedCommunity[] = [];
  for (const { scenario, keyring: own } of communities) {
    if (own !== keyring)
      await admin.send(grantRoleCall(deployment, "OPERATOR_ROLE", own.key(keyNames.operator).address));
    onProgress(
      `registering ${scenario.homes.length} homes${communities.length > 1 ? ` of ${scenario.title}` : ""}`,
    );
    await registerAll({ registrar, deployment, scenario, keyring: own });
    const area = { network, deployment, scenario, keyring: own };
    const areaId = await openHomeArea(area);
    await enrolMeters({ ...area, registrar, certifierKey, areaId });
    await openPool({ ...area, areaId });
    onProgress("funding the margins");
    await fundAll({ ...area, admin, areaId });
    founded.push({ deployment, areaId });
  }
  return founded;
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
      const { address: owner, hex } = keyring.key(name);
      return { owner, kycHash: kycHash(name, hex) };
    }),
  );
  const members = [...Object.values(PARTIES), ...scenario.homes.map(({ member }) => member)];
  const expected = members.map((member) => accountOf(scenario, member));
  assert(String(accounts) === String(expected), "accounts are numbered in the order of the scenario");
}

type Area = {
  readonly network: Network;
  readonly deployment: Deployment;
  readonly scenario: Scenario;
  readonly keyring: Keyring;
};

/** The area where the homes are to be metered: its operator's to open. Its parties are its first members. */
async function openHomeArea({ network, deployment, scenario, keyring }: Area): Promise<number> {
  const operator = createSender(network, keyring.key(keyNames.operator).hex);
  return openArea(operator, deployment, {
    intervalSeconds: scenario.intervalSeconds,
    waitingSeconds: WAITING_SECONDS,
    gateway: keyring.key(keyNames.meterGateway).address,
    supplier: accountOf(scenario, PARTIES.supplier),
    dso: accountOf(scenario, PARTIES.dso),
    fund: accountOf(scenario, PARTIES.fund),
  });
}

/** Enrols each home's meter, in the order of their numbers, and has what their orders need written into code. */
async function enrolMeters({
  registrar,
  certifierKey,
  deployment,
  scenario,
  keyring,
  areaId,
}: Area & { registrar: Sender; certifierKey: Uint8Array; areaId: number }): Promise<void> {
  await registrar.sendAll(
    scenario.homes.map(({ id, member, connectionW: capacityW }) => {
      const meterId = homeMeterId(scenario, id);
      const deviceKey = keyring.key(keyNames.device(id)).address;
      const certificate = certifyDevice(deployment, { meterId, deviceKey, ...CERTIFICATE }, certifierKey);
      const account = accountOf(scenario, member);
      return enrolCall(deployment, { areaId, meterId, account, capacityW, deviceKey, certificate });
    }),
  );
  const directories = new Set(scenario.homes.map(({ member }) => directoryOf(member)));
  await registrar.sendAll(
    [...directories].map((directory) => publishDirectoryCall(deployment, { areaId, directory })),
  );
}

/** The area's pool: its terms, and that the supplier stands for the surpluses of clearings at them by this operator. */
async function openPool({
  network,
  deployment,
  scenario: { terms },
  keyring,
  areaId,
}: Area & { areaId: number }): Promise<void> {
  const operator = createSender(network, keyring.key(keyNames.operator).hex);
  const { version } = await announceTerms(operator, deployment, { areaId, terms });
  const supplier = createSender(network, keyring.key(keyNames.supplier).hex);
  const accepted = { areaId, version, terms, operator: operator.address };
  await supplier.send(acceptSupplyCall(deployment, accepted));
}

async function fundAll({
  network,
  admin,
  deployment,
  scenario,
  keyring,
  areaId,
}: Area & { admin: Sender; areaId: number }): Promise<void> {
  const supplier = { member: PARTIES.supplier, key: keyring.key(keyNames.supplier) };
  const margins = [
    { ...supplier, amountMicro: SUPPLIER_MARGIN_MICRO },
    ...scenario.homes.map(({ id, member }) => ({
      member,
      key: keyring.key(keyNames.home(id)),
      amountMicro: HOME_MARGIN_MICRO,
    })),
  ];
  await admin.sendAll(margins.map(({ key, amountMicro }) => mintCall(deployment, key.address, amountMicro)));
  for (let at = 0; at < margins.length; at += HOMES_AT_ONCE)
    await Promise.all(
      margins
        .slice(at, at + HOMES_AT_ONCE)
        .map(({ member, key, amountMicro }) =>
          createSender(network, key.hex).sendAll(
            fundingCalls(deployment, { market: "poolMarket", areaId, member, amountMicro }),
          ),
        ),
    );
}
