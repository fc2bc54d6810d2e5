import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { openRegistryDirectory, registrySource } from "#domains/accounts/registryDirectory.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import type { MeteringPoint } from "./meterGateway.ts";

/** Metering points as the registry has them now: those enrolled since are known; null of a meter that is not enrolled. */
export function openMeterDirectory(
  network: Network,
  deployment: Deployment,
  now: () => number,
): (meterId: Hex) => Promise<MeteringPoint | null> {
  const source = registrySource(network, deployment);
  return openRegistryDirectory({ ...source, read: (id: Hex) => readMeter(network, deployment, id) }, now);
}

const NO_KEY: Address = `0x${"0".repeat(40)}`;

async function readMeter(
  { client }: Network,
  deployment: Deployment,
  meterId: Hex,
): Promise<MeteringPoint | null> {
  const [key, account, areaId] = await client.readContract({
    address: addressOf(deployment, "registry"),
    abi: participantRegistryContract.abi,
    functionName: "meteringPoints",
    args: [meterId],
  });
  const deviceKey = key.toLowerCase() as Address;
  return account === 0 ? null : { account, areaId, deviceKey: deviceKey === NO_KEY ? null : deviceKey };
}
