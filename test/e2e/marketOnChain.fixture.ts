import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fundingCalls,
  kycHash,
  mintCall,
  readMargins as readMarginsOf,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import {
  certifyDevice,
  directoryOf,
  enrolCall,
  meterIdOf,
  openArea as openMeteredArea,
  publishDirectoryCall,
} from "#domains/metering/areaRegistry.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import {
  ledgerSeparator,
  type MeterReading,
  readingWord,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { acceptSupplyCall, announceTerms } from "#domains/pool/poolMarket.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import {
  type OrderContext,
  poolSeparator,
  type SignedOrder,
  signOrder,
} from "#domains/pool/rules/signedOrder.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";

/** Parties of every area here: their numbers there, and their accounts. Every member has the account of its number. */
export const SUPPLIER = 1;
export const DSO = 2;
export const FUND = 3;
const FIRST_HOME = 4;
const ACCOUNTS = 774;
/** What the connection of every home carries: more than any order of these tests is for. */
const CAPACITY_W = 4_000_000_000;
const WAITING_SECONDS = 86_400;
const GENESIS = 1_700_000_000;
/** Gas costs nothing on the embedded chain. */
const GAS_PRICE = 0n;

/** The contracts on an embedded chain, with accounts 1 … 774: members of one area on up to four pages. */
export type MarketOnChain = Awaited<ReturnType<typeof openMarketOnChain>>;

export async function openMarketOnChain() {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-market-"));
  const chain = await startEmbeddedChain({ directory, chainId: 52_018, genesisTimestamp: GENESIS });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, gasPrice: GAS_PRICE });
  const keyring = createKeyring("market on chain");
  const admin = createSender(network, chain.fundingPrivateKey);
  const certifier = keyring.key("certifier");
  const deployment = await deployContracts({
    network,
    admin,
    specs: CONTRACTS,
    holders: { registrar: admin.address, operator: admin.address, certifier: certifier.address },
  });
  await registerParticipants(
    admin,
    deployment,
    Array.from({ length: ACCOUNTS }, (_, i) => {
      const owner = keyring.key(`account ${i + 1}`).address;
      return { owner, kycHash: kycHash(String(i + 1), "salt") };
    }),
  );
  return {
    chain,
    network,
    deployment,
    admin,
    keyring,
    keyOf: (account: number) => keyring.key(`account ${account}`),
    senderOf: (account: number): Sender => createSender(network, keyring.key(`account ${account}`).hex),
    async close() {
      await chain.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** An area of its own, with all members up to the highest of `traders`, who are funded like its supplier. */
export async function openArea(
  market: MarketOnChain,
  { terms, traders, marginMicro }: { terms: AreaTerms; traders: readonly number[]; marginMicro: bigint },
): Promise<number> {
  const { admin, deployment } = market;
  const areaId = await openMeteredArea(admin, deployment, {
    intervalSeconds: terms.intervalSeconds,
    waitingSeconds: WAITING_SECONDS,
    gateway: admin.address,
    ...{ supplier: SUPPLIER, dso: DSO, fund: FUND },
  });
  const { version } = await announceTerms(admin, deployment, { areaId, terms });
  const accepted = { areaId, version, terms, operator: admin.address };
  await market.senderOf(SUPPLIER).send(acceptSupplyCall(deployment, accepted));
  await enrol(market, areaId, Math.max(...traders));
  await fund(market, { areaId, members: [SUPPLIER, ...traders], marginMicro });
  return areaId;
}

/** Enrols homes up to a number, each with a meter of this area, and publishes their directories. */
async function enrol(market: MarketOnChain, areaId: number, lastMember: number): Promise<void> {
  const { admin, deployment, keyring } = market;
  const certifierKey = keyring.key("certifier").privateKey;
  const members = Array.from({ length: lastMember + 1 - FIRST_HOME }, (_, i) => FIRST_HOME + i);
  const calls = members.map((member) => {
    const device = { meterId: meterOf(areaId, member), deviceKey: keyring.key(`device ${member}`).address };
    const certificate = certifyDevice(
      deployment,
      { ...device, number: 1n, expiresAt: 2n ** 40n },
      certifierKey,
    );
    return enrolCall(deployment, { ...device, account: member, areaId, capacityW: CAPACITY_W, certificate });
  });
  const directories = [...new Set(members.map(directoryOf))];
  await admin.sendAll([
    ...calls,
    ...directories.map((directory) => publishDirectoryCall(deployment, { areaId, directory })),
  ]);
}

async function fund(
  market: MarketOnChain,
  { areaId, members, marginMicro }: { areaId: number; members: readonly number[]; marginMicro: bigint },
): Promise<void> {
  const { admin, deployment, keyOf, senderOf } = market;
  await admin.sendAll(members.map((member) => mintCall(deployment, keyOf(member).address, marginMicro)));
  await Promise.all(
    members.map((member) => {
      const margin = { market: "poolMarket", areaId, member, amountMicro: marginMicro };
      return senderOf(member).sendAll(fundingCalls(deployment, margin));
    }),
  );
}

export function meterOf(areaId: number, member: number) {
  return meterIdOf(`meter ${member} of area ${areaId}`);
}

export function contextOf(
  { deployment }: MarketOnChain,
  place: Omit<OrderContext, "separator">,
): OrderContext {
  return { separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")), ...place };
}

/** Orders signed by the owners of their members' accounts. */
export function signAll(
  market: MarketOnChain,
  place: Omit<OrderContext, "separator">,
  orders: readonly Order<number>[],
): SignedOrder[] {
  const context = contextOf(market, place);
  return orders.map((order) => signOrder(order, context, market.keyOf(order.participant).privateKey));
}

/** Import and export by member, Wh, published as the readings of an interval; those of `positioned` stand first. */
export async function publishReadings(
  market: MarketOnChain,
  place: { areaId: number; intervalId: number },
  values: ReadonlyMap<number, { importWh: number; exportWh: number }>,
  positioned: ReadonlySet<number>,
) {
  const { deployment, keyring, admin } = market;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const separator = ledgerSeparator(chainId, meterLedger);
  const signed = [...values].map(([member, energy]) => {
    const meterId = meterOf(place.areaId, member);
    const reading: MeterReading = { ...place, ...energy, meterId, member, quality: "measured", version: 1 };
    return signReading(reading, separator, keyring.key(`device ${member}`).privateKey);
  });
  const context = readingContext({ chainId, meterLedger, ...place, version: 1 });
  const tree = buildReadingTree(signed.map(readingWord), context, positioned);
  const receipt = await admin.send(
    publishCall(deployment, { ...place, root: tree.root, meters: signed.length }),
  );
  return { tree, context, receipt };
}

export function readMargins(
  { network, deployment }: MarketOnChain,
  areaId: number,
  members: readonly number[],
): Promise<ReadonlyMap<number, bigint>> {
  return readMarginsOf(network, deployment, { market: "poolMarket", areaId, members });
}

/** Every block's transactions and logs from one block to another, as text. */
export async function textOfBlocks({ client }: Network, fromBlock: bigint, toBlock: bigint): Promise<string> {
  const parts: string[] = [];
  for (let blockNumber = fromBlock; blockNumber <= toBlock; blockNumber += 1n) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true });
    parts.push(...block.transactions.map(({ input }) => input));
  }
  const logs = await client.getLogs({ fromBlock, toBlock });
  return [...parts, ...logs.flatMap((log) => [log.data, ...log.topics])].join("\n").toLowerCase();
}
