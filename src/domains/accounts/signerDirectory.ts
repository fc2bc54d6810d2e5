import type { Address } from "#kernel/crypto/hex.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readSigner } from "./participants.ts";
import { openRegistryDirectory, type RegistrySource, registrySource } from "./registryDirectory.ts";

/** What the directory asks the chain; null of an account that may not trade. */
export type SignerSource = RegistrySource<number, Address | null>;

/**
 * Whose signature an order of an account needs, or null when the account may not trade (R5.10). A signer that changes within
 * a second of `now` is found out at the clearing, as one that changes after its order came.
 */
export function openSignerDirectory(
  source: SignerSource,
  now: () => number,
): { signerOf(account: number): Promise<Address | null> } {
  return { signerOf: openRegistryDirectory(source, now) };
}

/** The registry of a deployment, for one area. */
export function signerSource(network: Network, deployment: Deployment, areaId: number): SignerSource {
  return {
    ...registrySource(network, deployment),
    read: (account) => readSigner(network, deployment, { areaId, account }),
  };
}
