import type { HouseBalances } from "#domains/accounts/audit/auditMoney.ts";
import { clearingHouseContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { CONTRACTS } from "#domains/domains.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { addressOf, type ChainEvent, type Deployment } from "#platform/chain/contractSpec.ts";
import {
  type EvidencedBlock,
  hasEthereumHeaders,
  readEvidencedHistory,
} from "#platform/chain/evidencedHistory.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import type { AuditCounts } from "./auditCounts.ts";
import { type Discrepancy, DiscrepancyFound, discrepancyAt } from "./auditDiscrepancy.ts";
import { type AuditReplay, type AuditSources, type BalanceSource, createReplay } from "./auditReplay.ts";

/** What an audit came to. `notes` say what could not be verified. */
export type AuditReport =
  | {
      readonly verdict: "clean";
      readonly fromBlock: number;
      readonly toBlock: number;
      /** Hash of the last block: whoever sees another one has another chain. */
      readonly toBlockHash: Hex | null;
      readonly checked: AuditCounts;
      readonly notes: readonly string[];
    }
  | { readonly verdict: "discrepancy"; readonly discrepancy: Discrepancy; readonly checked: AuditCounts };

export type AuditProgress = { readonly block: number; readonly lastBlock: number };

/**
 * Replays a deployment from its first block to the newest (design §1.8): every block against its hashes, every signature,
 * clearing, reading, payment and balance against what the pure code makes of it (R2.1, R2.3, R6.3, R6.11, R8.28–R8.31).
 * Trusts nothing but signatures and hashes; the contracts' arithmetic plays no part. The first discrepancy ends it.
 * `readings` and `orders` are the gateway's and the desk's archives, when they are at hand.
 *
 * @throws HistoryUnavailableError when the node does not give a block
 */
export async function auditChain({
  network: { client },
  deployment,
  readings = null,
  orders = null,
  onProgress,
}: Partial<AuditSources> & {
  network: Network;
  deployment: Deployment;
  onProgress?: (progress: AuditProgress) => void;
}): Promise<AuditReport> {
  const fromBlock = deployment.deployedAtBlock;
  let toBlock = Number(await client.getBlockNumber());
  const bindsContent =
    (await hasEthereumHeaders(client, fromBlock)) || (await hasEthereumHeaders(client, toBlock));
  const replay = createReplay({ deployment, readings, orders });
  let toBlockHash: Hex | null = null;
  const discrepancy = await findDiscrepancy(async () => {
    for await (const block of readEvidencedHistory({
      client,
      deployment,
      specs: CONTRACTS,
      fromBlock,
      bindsContent,
    })) {
      await auditBlock(replay, block);
      toBlockHash = block.hash;
      toBlock = Math.max(toBlock, block.number);
      onProgress?.({ block: block.number, lastBlock: toBlock });
    }
    const balances: BalanceSource = (accounts) => readBalances({ client, deployment, accounts, toBlock });
    await replay.finish({ block: toBlock }, balances);
  });
  const checked = replay.counts;
  if (discrepancy) return { verdict: "discrepancy", discrepancy, checked };
  const foreign = bindsContent ? [] : [FOREIGN_HASHES];
  return {
    verdict: "clean",
    fromBlock,
    toBlock,
    toBlockHash,
    checked,
    notes: [...foreign, ...replay.notes()],
  };
}

const FOREIGN_HASHES =
  "this engine does not hash blocks as Ethereum does: events are taken as the node gives them, transactions by their signatures";

/**
 * Replays events that are already read, in the order of the chain; `balancesOf` gives the clearing house's books after
 * the last of them. Blocks and transactions are not checked here.
 */
export async function auditEvents({
  events,
  deployment,
  readings = null,
  orders = null,
  balancesOf = null,
}: Partial<AuditSources> & {
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>;
  deployment: Deployment;
  balancesOf?: BalanceSource | null;
}): Promise<AuditReport> {
  const replay = createReplay({ deployment, readings, orders });
  let last = { block: deployment.deployedAtBlock, blockHash: null as Hex | null };
  const discrepancy = await findDiscrepancy(async () => {
    for await (const event of events) {
      await replay.apply(event);
      last = event;
    }
    await replay.finish(last, balancesOf);
  });
  const checked = replay.counts;
  if (discrepancy) return { verdict: "discrepancy", discrepancy, checked };
  return {
    verdict: "clean",
    fromBlock: deployment.deployedAtBlock,
    toBlock: last.block,
    toBlockHash: last.blockHash,
    checked,
    notes: replay.notes(),
  };
}

async function findDiscrepancy(work: () => Promise<void>): Promise<Discrepancy | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy;
    throw error;
  }
}

/**
 * Looks at what the block says first, then at its hashes: where both disagree, the order or reading that changed is more
 * use to a person than the hash that it broke. The sentence then names both.
 */
async function auditBlock(replay: AuditReplay, block: EvidencedBlock): Promise<void> {
  const { number, fault, events } = block;
  try {
    for (const event of events) await replay.apply(event);
    replay.closeTransaction();
  } catch (error) {
    if (!(error instanceof DiscrepancyFound) || fault === null) throw error;
    throw error.withEvidence(fault.sentence);
  }
  if (fault) {
    const place = { block: number, transactionHash: fault.transactionHash };
    throw discrepancyAt(place, { rule: fault.rule, finding: fault.sentence });
  }
  replay.counts.blocks += 1;
  replay.counts.transactions += block.transactions;
}

async function readBalances({
  client,
  deployment,
  accounts,
  toBlock,
}: {
  client: Network["client"];
  deployment: Deployment;
  accounts: readonly number[];
  toBlock: number;
}): Promise<HouseBalances> {
  const [clearingHouse, poolMarket, token] = (["clearingHouse", "poolMarket", "token"] as const).map((name) =>
    addressOf(deployment, name),
  ) as [Address, Address, Address];
  const blockNumber = BigInt(toBlock);
  const house = { address: clearingHouse, abi: clearingHouseContract.abi, blockNumber } as const;
  const freeMicro = new Map<number, bigint>();
  const marginMicro = new Map<number, bigint>();
  const readAccount = async (account: number) => {
    freeMicro.set(
      account,
      await client.readContract({ ...house, functionName: "freeMicro", args: [account] }),
    );
    marginMicro.set(
      account,
      await client.readContract({ ...house, functionName: "marginMicro", args: [poolMarket, account] }),
    );
  };
  await readEach(accounts, readAccount);
  return {
    freeMicro,
    marginMicro,
    escrowMicro: await client.readContract({ ...house, functionName: "escrowMicro", args: [poolMarket] }),
    heldMicro: await client.readContract({ ...house, functionName: "heldMicro" }),
    tokenBalanceMicro: await client.readContract({
      address: token,
      abi: testTokenContract.abi,
      functionName: "balanceOf",
      args: [clearingHouse],
      blockNumber,
    }),
  };
}
