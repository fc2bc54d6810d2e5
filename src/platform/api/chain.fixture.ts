import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";

/** An embedded chain under the id of the fixtures' deployment, whose contracts are not on it. */
export type ChainFixture = {
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly close: () => Promise<void>;
};

export async function openChainFixture(): Promise<ChainFixture> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-api-"));
  const { chainId } = DEPLOYMENT;
  const chain = await startEmbeddedChain({ directory, chainId, genesisTimestamp: 1_700_000_000 });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: chainId, gasPrice: 0n });
  const close = async () => {
    await chain.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { chain, network, close };
}
