import { BaseError, type Client } from "viem";
import { getChainId, readContract } from "viem/actions";
import { clearingHouseContract } from "#domains/accounts/contracts.generated.ts";
import { areaRegistryContract } from "#domains/metering/contracts.generated.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { fieldOf, hexOf, type JsonValue, wholeOf } from "#kernel/crypto/jsonReader.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/**
 * Which market is meant. A wrong chain or contract is another market, which a reader can see; with a first block that is
 * too late, areas and participants are missing, so that a check fails or cannot be made.
 */
export type MarketPlace = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly poolMarket: Address;
};

/** The contracts whose events say something of a market. */
export type MarketContracts = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly contracts: Readonly<
    Record<"token" | "registry" | "areaRegistry" | "clearingHouse" | "meterLedger" | "poolMarket", Address>
  >;
};

/**
 * Which market a server says that its evidence is of.
 *
 * @throws MalformedEvidenceError with the place of what is no address or number
 */
export function readMarketPlace(deployment: unknown): MarketPlace {
  const json: JsonValue<MarketContracts> = { value: deployment, place: "deployment" };
  return {
    chainId: wholeOf(fieldOf(json, "chainId")),
    deployedAtBlock: wholeOf(fieldOf(json, "deployedAtBlock")),
    poolMarket: hexOf(fieldOf(fieldOf(json, "contracts"), "poolMarket"), 20),
  };
}

/**
 * The contracts that a market works with, as the market itself says: nobody can put a registry of his own beside it.
 *
 * @throws WrongEvidenceChainError when the node is of another chain
 * @throws UnknownMarketError when no pool market answers there
 */
export async function readMarketContracts(client: Client, place: MarketPlace): Promise<MarketContracts> {
  const chainId = await getChainId(client);
  if (chainId !== place.chainId) throw new WrongEvidenceChainError(chainId, place.chainId);
  const market = { address: place.poolMarket, abi: poolMarketContract.abi } as const;
  try {
    const [areaRegistry, clearingHouse, meterLedger] = await Promise.all([
      readContract(client, { ...market, functionName: "areaRegistry" }),
      readContract(client, { ...market, functionName: "clearingHouse" }),
      readContract(client, { ...market, functionName: "meterLedger" }),
    ]);
    const house = { address: clearingHouse, abi: clearingHouseContract.abi } as const;
    const areas = { address: areaRegistry, abi: areaRegistryContract.abi } as const;
    const [token, registry] = await Promise.all([
      readContract(client, { ...house, functionName: "token" }),
      readContract(client, { ...areas, functionName: "registry" }),
    ]);
    const { deployedAtBlock, poolMarket } = place;
    const contracts = {
      token: lower(token),
      registry: lower(registry),
      areaRegistry: lower(areaRegistry),
      clearingHouse: lower(clearingHouse),
      meterLedger: lower(meterLedger),
      poolMarket,
    };
    return { chainId, deployedAtBlock, contracts };
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    throw new UnknownMarketError(place.poolMarket, error);
  }
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}

export class WrongEvidenceChainError extends DomainError {
  readonly code = "wrongEvidenceChain";

  constructor(found: number, expected: number) {
    super(`the node is of chain ${found}; the interval is on chain ${expected}`);
  }
}

export class UnknownMarketError extends DomainError {
  readonly code = "unknownMarket";

  constructor(poolMarket: Address, cause: unknown) {
    super(`no pool market answers at ${poolMarket}`, { cause });
  }
}
