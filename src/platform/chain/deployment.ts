import { encodeDeployData, keccak256, toBytes } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import {
  clearingHouseBytecode,
  meterLedgerBytecode,
  participantRegistryBytecode,
  poolAreaLibBytecode,
  poolMarketBytecode,
  poolSettlementLibBytecode,
  testTokenBytecode,
} from "./bytecode.generated.ts";
import {
  clearingHouseContract,
  meterLedgerContract,
  participantRegistryContract,
  poolAreaLibContract,
  poolMarketContract,
  poolSettlementLibContract,
  testTokenContract,
} from "./contracts.generated.ts";
import type { Network } from "./network.ts";
import { contractCall, type Sender } from "./sender.ts";

/** Where Commonwatt's contracts stand on a chain: what a deployments file holds. */
export type Deployment = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly token: Address;
  readonly registry: Address;
  readonly clearingHouse: Address;
  readonly meterLedger: Address;
  readonly poolAreaLib: Address;
  readonly poolSettlementLib: Address;
  readonly poolMarket: Address;
};

/** Who may do what on the registry; each an address. */
export type RoleHolders = {
  readonly registrar: Address;
  readonly operator: Address;
  readonly gridOperator: Address;
  readonly meterGateway: Address;
  readonly certifier: Address;
};

const ROLE_NAMES = {
  registrar: "REGISTRAR_ROLE",
  operator: "OPERATOR_ROLE",
  gridOperator: "DSO_ROLE",
  meterGateway: "METER_GATEWAY_ROLE",
  certifier: "CERTIFIER_ROLE",
} as const satisfies Record<keyof RoleHolders, string>;

const ENERGY_PURPOSE = 1;

/**
 * Deploys all contracts and grants the roles. `token` names an ERC-20 with six decimals that is already there; without
 * it a test token is deployed, whose issuer is `admin`.
 */
export async function deployContracts({
  network,
  admin,
  roles,
  token,
}: {
  network: Network;
  admin: Sender;
  roles: RoleHolders;
  token?: Address;
}): Promise<Deployment> {
  const deploy = (contract: Deployable, args: readonly unknown[]) => deployOne(admin, contract, args);
  const deployedAtBlock = Number(await network.client.getBlockNumber());
  const tokenAddress = token ?? (await deploy(CONTRACTS.testToken, []));
  if (token) await requireSixDecimals(network, token);
  const registry = await deploy(CONTRACTS.registry, [admin.address]);
  const clearingHouse = await deploy(CONTRACTS.clearingHouse, [tokenAddress, registry]);
  const meterLedger = await deploy(CONTRACTS.meterLedger, [registry]);
  const poolAreaLib = await deploy(CONTRACTS.poolAreaLib, []);
  const poolSettlementLib = await deploy(CONTRACTS.poolSettlementLib, []);
  const libraries = { PoolAreaLib: poolAreaLib, PoolSettlementLib: poolSettlementLib };
  const poolMarket = await deploy({ ...CONTRACTS.poolMarket, libraries }, [
    registry,
    clearingHouse,
    meterLedger,
  ]);
  const deployment: Deployment = {
    chainId: network.chainId,
    deployedAtBlock,
    token: tokenAddress,
    registry,
    clearingHouse,
    meterLedger,
    poolAreaLib,
    poolSettlementLib,
    poolMarket,
  };
  await grantRoles(admin, deployment, roles);
  return deployment;
}

type Deployable = {
  readonly name: string;
  readonly abi: readonly unknown[];
  readonly bytecode: string;
  readonly links: Readonly<Record<string, readonly number[]>>;
  readonly libraries?: Readonly<Record<string, Address>>;
};

const CONTRACTS = {
  testToken: { name: "TestToken", ...testTokenContract, ...testTokenBytecode },
  registry: { name: "ParticipantRegistry", ...participantRegistryContract, ...participantRegistryBytecode },
  clearingHouse: { name: "ClearingHouse", ...clearingHouseContract, ...clearingHouseBytecode },
  meterLedger: { name: "MeterLedger", ...meterLedgerContract, ...meterLedgerBytecode },
  poolAreaLib: { name: "PoolAreaLib", ...poolAreaLibContract, ...poolAreaLibBytecode },
  poolSettlementLib: {
    name: "PoolSettlementLib",
    ...poolSettlementLibContract,
    ...poolSettlementLibBytecode,
  },
  poolMarket: { name: "PoolMarket", ...poolMarketContract, ...poolMarketBytecode },
} as const satisfies Record<string, Deployable>;

async function deployOne(sender: Sender, contract: Deployable, args: readonly unknown[]): Promise<Address> {
  const data = encodeDeployData({
    abi: contract.abi as readonly never[],
    bytecode: linkLibraries(contract),
    args: args as never,
  } as never);
  const receipt = await sender.send({ label: `deployment of ${contract.name}`, to: null, data });
  return present(receipt.contractAddress, `the address of ${contract.name}`).toLowerCase() as Address;
}

/** Puts the libraries' addresses where the compiler left their places, each 20 bytes at a byte offset. */
function linkLibraries({ bytecode, links, libraries }: Deployable): Hex {
  let code = bytecode.slice(2);
  for (const [library, starts] of Object.entries(links)) {
    const address = present(libraries?.[library], `the address of library ${library}`).slice(2);
    for (const start of starts) code = code.slice(0, start * 2) + address + code.slice(start * 2 + 40);
  }
  return `0x${code}`;
}

async function grantRoles(admin: Sender, deployment: Deployment, roles: RoleHolders): Promise<void> {
  const { registry, clearingHouse, meterLedger, poolMarket } = deployment;
  const grants = (Object.keys(ROLE_NAMES) as (keyof RoleHolders)[]).map((role) =>
    contractCall({
      address: registry,
      abi: participantRegistryContract.abi,
      functionName: "grantRole",
      args: [keccak256(toBytes(ROLE_NAMES[role])), roles[role]],
    }),
  );
  await admin.sendAll([
    ...grants,
    contractCall({
      address: clearingHouse,
      abi: clearingHouseContract.abi,
      functionName: "admitMarket",
      args: [poolMarket],
    }),
    contractCall({
      address: meterLedger,
      abi: meterLedgerContract.abi,
      functionName: "admitClaimant",
      args: [ENERGY_PURPOSE, poolMarket],
    }),
  ]);
}

async function requireSixDecimals(network: Network, token: Address): Promise<void> {
  const decimals = await network.client
    .readContract({ address: token, abi: testTokenContract.abi, functionName: "decimals" })
    .catch(() => null);
  if (decimals !== 6) throw new UnfitTokenError(token, decimals);
}

export class UnfitTokenError extends DomainError {
  readonly code = "unfitToken";

  constructor(token: Address, decimals: number | null) {
    super(
      decimals === null
        ? `there is no ERC-20 at ${token}`
        : `the token at ${token} has ${decimals} decimals; settlement needs 6`,
    );
  }
}
