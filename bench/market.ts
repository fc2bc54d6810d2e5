import type { FoundedCommunity } from "#community/foundedArea.ts";
import { foundCommunities } from "#community/founding.ts";
import { keyNames } from "#community/keyNames.ts";
import { testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { type Call, contractCall, createSender, type Sender } from "#platform/chain/sender.ts";
import { createKeyring, type Keyring } from "#platform/runtime/keyring.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

/** A community on a chain of its own, with the senders of its roles. */
export type BenchMarket = FoundedCommunity & {
  readonly scenario: Scenario;
  readonly pricing: Pricing;
  readonly keyring: Keyring;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly admin: Sender;
  readonly operator: Sender;
  readonly gateway: Sender;
};

const CHAIN_ID = 7_000_000_512;
const FOUNDING_SECONDS = 86_400;

/**
 * Lends `work` a community of `homes` homes, founded as `commonwatt up` does it: members 4 … homes + 3, each with a
 * meter, a certified device and a margin; the directory of signers is published. The chain is stopped afterwards and
 * its directory removed.
 */
export function withMarket<T>(
  { homes, pricing }: { homes: number; pricing: Pricing },
  work: (market: BenchMarket) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (directory) => {
    const scenario = benchScenario(homes, pricing);
    const genesisTimestamp = scenario.startsAt - FOUNDING_SECONDS;
    const chain = await startEmbeddedChain({ directory, chainId: CHAIN_ID, genesisTimestamp });
    try {
      return await work(await openMarket(chain, scenario));
    } finally {
      await chain.stop();
    }
  });
}

/** A transfer of one micro between two accounts that hold the currency already: the plainest payment there is. */
export async function prepareTransfers(market: BenchMarket, sender: Sender): Promise<Call> {
  const { deployment, admin, keyring } = market;
  const recipient = keyring.key("recipient of transfers").address;
  await admin.sendAll([
    mintCall(deployment, sender.address, 1_000_000_000_000n),
    mintCall(deployment, recipient, 1n),
  ]);
  return transferCall(addressOf(deployment, "token"), recipient);
}

function transferCall(token: Address, to: Address): Call {
  return contractCall({
    address: token,
    abi: testTokenContract.abi,
    functionName: "transfer",
    args: [to, 1n],
  });
}

async function openMarket(chain: EmbeddedChain, scenario: Scenario): Promise<BenchMarket> {
  const { rpcUrl, request, chainId } = chain;
  const network = await connectNetwork({ rpcUrl, request, expectedChainId: chainId, gasPrice: 0n });
  const keyring = createKeyring(`bench ${scenario.homes.length}`);
  const adminKey: Hex = chain.fundingPrivateKey;
  const communities = [{ scenario, keyring }];
  const [founded] = await foundCommunities({ network, communities, adminKey, onProgress: () => {} });
  if (!founded) throw new Error("the bench's community is not founded");
  return {
    ...founded,
    scenario,
    pricing: scenario.terms.pricing,
    keyring,
    chain,
    network,
    admin: createSender(network, adminKey),
    operator: createSender(network, keyring.key(keyNames.operator).hex),
    gateway: createSender(network, keyring.key(keyNames.meterGateway).hex),
  };
}

function benchScenario(homes: number, pricing: Pricing): Scenario {
  const file = parseScenarioFile(description(homes, pricing), "bench");
  if (file.synthetic === undefined) throw new Error("the bench's scenario is synthetic");
  return buildSyntheticScenario("bench", { ...file, synthetic: file.synthetic });
}

/** The band takes every limit price that is drawn. */
const description = (homes: number, pricing: Pricing) => `
title: A bench
seed: 5
timeZone: Europe/Berlin
startsAt: "2025-05-12T00:00"
days: 28
market: { pricing: ${pricing}, gridFeeMicroPerKwh: 30000 }
tariff: { feedInMicroPerKwh: 60000, retailMicroPerKwh: 360000 }
synthetic:
  place: { latitudeDeg: 48.7, longitudeDeg: 11.4 }
  homes: { count: ${homes} }
`;
