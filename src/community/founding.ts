import { grantRoleCall, kycHash, registerParticipants } from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import {
  certifyDevice,
  directoryOf,
  enrolCall,
  openArea,
  publishDirectoryCall,
} from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { assert } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import type { AreaScenario } from "./areaScenario.ts";
import type { CommunityMember } from "./communityMember.ts";
import type { FoundedCommunity } from "./foundedArea.ts";
import { keyNames } from "./keyNames.ts";
import { kindOf } from "./kinds.ts";

/** A reading is waited for so long after its interval; then it counts as zero. */
const WAITING_SECONDS = 86_400;
/** The first certificate of each device, which is used at once: its end is the largest second that the contract holds. */
const CERTIFICATE = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;

/** A community that is to be founded, and the keys of its roles, members and meters. */
export type CommunityPlan = { readonly scenario: AreaScenario; readonly keyring: Keyring };

/**
 * Founds communities on a chain, with one set of contracts: for each its operator's role, accounts of its supplier, DSO,
 * fund and members in this order, an area with metering points of certified devices, and its market with margins in test
 * currency. The registrar and the certifier are those of the first. `onProgress` is told each step in words.
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
    const kind = kindOf(scenario);
    const members = kind.membersOf(scenario);
    const place = communities.length > 1 ? ` of ${scenario.title}` : "";
    onProgress(`registering ${kind.sizeOf(scenario)}${place}`);
    const plan = { network, deployment, scenario, keyring: own, members };
    await registerAll(plan, registrar);
    const areaId = await openMeteredArea(plan);
    await enrolMeters(plan, { registrar, certifierKey, areaId });
    await kind.openMarket({ network, deployment, scenario, keyring: own, areaId, admin, onProgress });
    founded.push({ deployment, areaId });
  }
  return founded;
}

type AreaPlan = CommunityPlan & {
  readonly network: Network;
  readonly deployment: Deployment;
  readonly members: readonly CommunityMember[];
};

async function registerAll(
  { deployment, scenario, keyring, members }: AreaPlan,
  registrar: Sender,
): Promise<void> {
  const holders = members.filter(({ member, holder }) => holder === member);
  const names = [keyNames.supplier, keyNames.gridOperator, keyNames.fund, ...holders.map(({ key }) => key)];
  const accounts = await registerParticipants(
    registrar,
    deployment,
    names.map((name) => {
      const { address: owner, hex } = keyring.key(name);
      return { owner, kycHash: kycHash(name, hex) };
    }),
  );
  const numbers = [...Object.values(PARTIES), ...holders.map(({ member }) => member)];
  const expected = numbers.map((member) => accountOf(scenario, member));
  assert(String(accounts) === String(expected), "accounts are numbered in the order of the scenario");
}

/** The area where the members are to be metered: its operator's to open. Its parties are its first members. */
async function openMeteredArea({ network, deployment, scenario, keyring }: AreaPlan): Promise<number> {
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

/** Enrols each meter, in the order of their numbers, and has what their orders need written into code. */
async function enrolMeters(
  { deployment, scenario, keyring, members }: AreaPlan,
  { registrar, certifierKey, areaId }: { registrar: Sender; certifierKey: Uint8Array; areaId: number },
): Promise<void> {
  await registrar.sendAll(
    members.map(({ meterId, device, holder, capacityW }) => {
      const deviceKey = keyring.key(device).address;
      const certificate = certifyDevice(deployment, { meterId, deviceKey, ...CERTIFICATE }, certifierKey);
      const account = accountOf(scenario, holder);
      return enrolCall(deployment, { areaId, meterId, account, capacityW, deviceKey, certificate });
    }),
  );
  const directories = new Set(members.map(({ member }) => directoryOf(member)));
  await registrar.sendAll(
    [...directories].map((directory) => publishDirectoryCall(deployment, { areaId, directory })),
  );
}
