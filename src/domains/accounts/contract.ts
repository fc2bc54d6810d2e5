import { keccak256, toBytes } from "viem";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type AddressBook, addressOf, type ContractSpec, DEPLOYER } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";
import {
  clearingHouseBytecode,
  participantRegistryBytecode,
  testTokenBytecode,
} from "./bytecode.generated.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "./contracts.generated.ts";
import { houseEvents, registryEvents, tokenEvents } from "./events.ts";

/** Names of the roles on the registry, by who holds them. */
const ROLE_NAMES: Readonly<Record<string, string>> = {
  registrar: "REGISTRAR_ROLE",
  operator: "OPERATOR_ROLE",
  certifier: "CERTIFIER_ROLE",
};

/** The settlement currency: an ERC-20 with six decimals. One that is deployed is a test token of the deployer. */
export const token: ContractSpec = { ...tokenEvents, ...testTokenBytecode, requireFit: requireSixDecimals };

export const registry: ContractSpec = {
  ...registryEvents,
  ...participantRegistryBytecode,
  construct: [DEPLOYER],
  grants: (contracts, holders) => [
    setMembershipsCall(contracts),
    ...Object.entries(holders).flatMap(([holder, address]) => {
      const role = ROLE_NAMES[holder];
      return role ? [grantCall(contracts, role, address)] : [];
    }),
  ],
};

export const clearingHouse: ContractSpec = {
  ...houseEvents,
  ...clearingHouseBytecode,
  construct: ["token", "registry", "areaRegistry"],
};

/** Lets a market hold and release the margins that were put into it; the administrator's to send. */
export function admitMarketCall(contracts: AddressBook, market: Address): Call {
  const { abi } = clearingHouseContract;
  const address = addressOf({ contracts }, "clearingHouse");
  return contractCall({ address, abi, functionName: "admitMarket", args: [market] });
}

/** Tells the registry which contract numbers members: once, as anyone who could change it could take every margin. */
function setMembershipsCall(contracts: AddressBook): Call {
  return contractCall({
    address: addressOf({ contracts }, "registry"),
    abi: participantRegistryContract.abi,
    functionName: "setMemberships",
    args: [addressOf({ contracts }, "areaRegistry")],
  });
}

function grantCall(contracts: AddressBook, role: string, holder: Address): Call {
  return contractCall({
    address: addressOf({ contracts }, "registry"),
    abi: participantRegistryContract.abi,
    functionName: "grantRole",
    args: [keccak256(toBytes(role)), holder],
  });
}

async function requireSixDecimals(network: Network, address: Address): Promise<void> {
  const decimals = await network.client
    .readContract({ address, abi: testTokenContract.abi, functionName: "decimals" })
    .catch(() => null);
  if (decimals !== 6) throw new UnfitTokenError(address, decimals);
}

export class UnfitTokenError extends DomainError {
  readonly code = "unfitToken";

  constructor(address: Address, decimals: number | null) {
    super(
      decimals === null
        ? `there is no ERC-20 at ${address}`
        : `the token at ${address} has ${decimals} decimals; settlement needs 6`,
    );
  }
}
