import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { directoryOf, readMembers } from "./areaRegistry.ts";
import { areaRegistryContract } from "./contracts.generated.ts";
import { PAGE_MEMBERS } from "./rules/readingTree.ts";

/**
 * Directories of an area that are out of date of somebody of whom they could tell the truth: who is metered, and whose signer
 * is the same for every gate to come. Published anew, they make clearings cheaper.
 */
export async function readStaleDirectories(
  network: Network,
  deployment: Deployment,
  areaId: number,
): Promise<readonly number[]> {
  const { client } = network;
  const areas = { address: addressOf(deployment, "areaRegistry"), abi: areaRegistryContract.abi } as const;
  const registry = {
    address: addressOf(deployment, "registry"),
    abi: participantRegistryContract.abi,
  } as const;
  const members = await readMembers(network, deployment, areaId);
  const metered = members.filter(({ capacityW }) => capacityW > 0);
  const directories = [...new Set(metered.map(({ member }) => directoryOf(member)))];
  const bits = await readEach(directories, (directory) =>
    client.readContract({ ...areas, functionName: "freshIn", args: [areaId, BigInt(directory)] }),
  );
  const fresh = new Map(directories.map((directory, i) => [directory, bits[i] ?? 0n]));
  const outdated = metered.filter(({ member }) => {
    const ofDirectory = fresh.get(directoryOf(member)) ?? 0n;
    return ((ofDirectory >> BigInt(member % PAGE_MEMBERS)) & 1n) === 0n;
  });
  const signers = await readEach(outdated, ({ account }) =>
    client.readContract({ ...registry, functionName: "steadySignerOf", args: [account] }),
  );
  const steady = outdated.filter((_, i) => BigInt(signers[i] ?? 0) !== 0n);
  return [...new Set(steady.map(({ member }) => directoryOf(member)))];
}
