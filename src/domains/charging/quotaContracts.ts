import { BaseError, type Client } from "viem";
import { getChainId, readContract } from "viem/actions";
import { areaRegistryContract } from "#domains/metering/contracts.generated.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { quotaMarketContract } from "./contracts.generated.ts";

/** Which quota market is meant; a first block that is too late leaves areas out, so that a check fails. */
export type QuotaPlace = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly quotaMarket: Address;
};

/** The contracts whose events say something of a period of quotas. */
export type QuotaContracts = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly contracts: Readonly<Record<"registry" | "areaRegistry" | "meterLedger" | "quotaMarket", Address>>;
};

/**
 * The contracts that a quota market works with, as the market itself says: nobody can put a registry of his own beside it.
 *
 * @throws OtherChainError when the node is of another chain; UnknownQuotaMarketError when no quota market answers there
 */
export async function readQuotaContracts(
  client: Client,
  { chainId, deployedAtBlock, quotaMarket }: QuotaPlace,
): Promise<QuotaContracts> {
  const found = await getChainId(client);
  if (found !== chainId) throw new OtherChainError(found, chainId);
  const market = { address: quotaMarket, abi: quotaMarketContract.abi } as const;
  try {
    const [areaRegistry, meterLedger] = await Promise.all([
      readContract(client, { ...market, functionName: "areaRegistry" }),
      readContract(client, { ...market, functionName: "meterLedger" }),
    ]);
    const areas = { address: areaRegistry, abi: areaRegistryContract.abi } as const;
    const registry = await readContract(client, { ...areas, functionName: "registry" });
    const contracts = { registry, areaRegistry, meterLedger, quotaMarket };
    const lower = Object.entries(contracts).map(([name, address]) => [name, address.toLowerCase()]);
    return { chainId, deployedAtBlock, contracts: Object.fromEntries(lower) };
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    throw new UnknownQuotaMarketError(quotaMarket, error);
  }
}

export class OtherChainError extends DomainError {
  readonly code = "wrongEvidenceChain";

  constructor(found: number, expected: number) {
    super(`the node is of chain ${found}; the period is on chain ${expected}`);
  }
}

export class UnknownQuotaMarketError extends DomainError {
  readonly code = "unknownMarket";

  constructor(quotaMarket: Address, cause: unknown) {
    super(`no quota market answers at ${quotaMarket}`, { cause });
  }
}
