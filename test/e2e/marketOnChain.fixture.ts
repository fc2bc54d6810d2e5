import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  certifyDevice,
  enrolCall,
  fundingCalls,
  kycHash,
  meterIdOf,
  mintCall,
  readMargins as readMarginsOf,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import {
  ledgerSeparator,
  type MeterReading,
  readingWord,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { acceptSupplyCall, createArea } from "#domains/pool/poolMarket.ts";
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

/** Settlement accounts of every area here. */
export const SUPPLIER = 1;
export const DSO = 2;
export const FUND = 3;
const ACCOUNTS = 774;
const GENESIS = 1_700_000_000;
/** Gas costs nothing on the embedded chain. */
const GAS_PRICE = 0n;

/** The contracts on an embedded chain, with accounts 1 … 774, so that there are two pages of them. */
export type MarketOnChain = Awaited<ReturnType<typeof openMarketOnChain>>;

export async function openMarketOnChain() {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-market-"));
  const chain = await startEmbeddedChain({ directory, chainId: 52_018, genesisTimestamp: GENESIS });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, gasPrice: GAS_PRICE });
  const keyring = createKeyring("market on chain");
  const admin = createSender(network, chain.fundingPrivateKey);
  const one = { registrar: admin.address, operator: admin.address, gridOperator: admin.address };
  const certifier = keyring.key("certifier");
  const deployment = await deployContracts({
    network,
    admin,
    specs: CONTRACTS,
    holders: { ...one, meterGateway: admin.address, certifier: certifier.address },
  });
  await registerParticipants(
    admin,
    deployment,
    Array.from({ length: ACCOUNTS }, (_, i) => {
      const address = keyring.key(`account ${i + 1}`).address;
      return { address, kycHash: kycHash(String(i + 1), "salt") };
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

/** An area of its own: `traders` metered in it, and funded like its supplier. */
export async function openArea(
  market: MarketOnChain,
  { terms, traders, marginMicro }: { terms: AreaTerms; traders: readonly number[]; marginMicro: bigint },
): Promise<number> {
  const { admin, deployment, keyring } = market;
  const areaId = await createArea(admin, deployment, {
    terms,
    accounts: { supplier: SUPPLIER, dso: DSO, fund: FUND },
  });
  await market.senderOf(SUPPLIER).send(acceptSupplyCall(deployment, areaId));
  const enrolments = traders.map((account) => {
    const device = { meterId: meterOf(account), deviceKey: keyring.key(`device ${account}`).address };
    const certificate = certifyDevice(deployment, device, keyring.key("certifier").privateKey);
    return enrolCall(deployment, { ...device, account, areaId, certificate });
  });
  await admin.sendAll(enrolments);
  await fund(market, [SUPPLIER, ...traders], marginMicro);
  return areaId;
}

async function fund(market: MarketOnChain, accounts: readonly number[], marginMicro: bigint): Promise<void> {
  const { admin, deployment, keyOf, senderOf } = market;
  await admin.sendAll(accounts.map((account) => mintCall(deployment, keyOf(account).address, marginMicro)));
  await Promise.all(
    accounts.map((account) =>
      senderOf(account).sendAll(fundingCalls(deployment, { market: "poolMarket", amountMicro: marginMicro })),
    ),
  );
}

export function meterOf(account: number) {
  return meterIdOf(`meter ${account}`);
}

export function contextOf(
  { deployment }: MarketOnChain,
  place: Omit<OrderContext, "separator">,
): OrderContext {
  return { separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")), ...place };
}

/** Orders signed by the owners of their accounts. */
export function signAll(
  market: MarketOnChain,
  place: Omit<OrderContext, "separator">,
  orders: readonly Order<number>[],
): SignedOrder[] {
  const context = contextOf(market, place);
  return orders.map((order) => signOrder(order, context, market.keyOf(order.participant).privateKey));
}

/** Import and export by account, Wh, published as the readings of an interval; those of `positioned` stand apart. */
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
  const signed = [...values].map(([account, energy]) => {
    const meterId = meterOf(account);
    const reading: MeterReading = { ...place, ...energy, meterId, account, quality: "measured", version: 1 };
    return signReading(reading, separator, keyring.key(`device ${account}`).privateKey);
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
  accounts: readonly number[],
): Promise<ReadonlyMap<number, bigint>> {
  return readMarginsOf(network, deployment, { market: "poolMarket", accounts });
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
