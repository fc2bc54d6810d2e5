import { meterLedgerContract } from "#domains/metering/contracts.generated.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";

/** The transaction that publishes an interval's root of signed readings. */
export function publishCall(
  deployment: Deployment,
  {
    areaId,
    intervalId,
    root,
    meters,
  }: { areaId: number; intervalId: number; root: Uint8Array; meters: number },
): Call {
  return contractCall({
    address: addressOf(deployment, "meterLedger"),
    abi: meterLedgerContract.abi,
    functionName: "publish",
    args: [areaId, intervalId, toHex(root), meters],
  });
}

/** What is published for an interval; version 0 when nothing is. A root's low 16 bits are zero, as of buildReadingTree. */
export async function readPublication(
  { client }: Network,
  meterLedger: Address,
  { areaId, intervalId }: { areaId: number; intervalId: number },
): Promise<{ root: Hex; version: number }> {
  const ledger = { address: meterLedger, abi: meterLedgerContract.abi } as const;
  const [version, [, root]] = await Promise.all([
    client.readContract({ ...ledger, functionName: "versionOf", args: [areaId, intervalId] }),
    client.readContract({ ...ledger, functionName: "evidenceOf", args: [areaId, intervalId] }),
  ]);
  return { root, version };
}
