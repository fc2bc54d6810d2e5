import type { Client } from "viem";
import { getBlock, getBlockNumber, getTransaction, getTransactionReceipt } from "viem/actions";
import { type AccountsFact, registryEvents } from "#domains/accounts/events.ts";
import { isMembershipFact, type MembershipEvent } from "#domains/metering/areaState.ts";
import { areaEvents, type MeteringFact } from "#domains/metering/events.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { AddressBook, ChainEvent, ContractEvents, Fact } from "#platform/chain/contractSpec.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { collectLogs, type MinedLog } from "#platform/chain/readLogs.ts";
import { eventsOfTransaction, factsOf } from "#platform/chain/transactionEvents.ts";

/** The contracts of a market on some chain, by their names. */
export type NodeContracts = {
  readonly deployedAtBlock: number;
  readonly contracts: AddressBook & Readonly<Record<"registry" | "areaRegistry", Address>>;
};

/** Which logs are looked for; null in the topics takes any. */
export type LogFilter = {
  readonly address: readonly Address[];
  readonly topics?: readonly (Hex | null)[];
};

/** Any node of the chain, read so that its answers have to go together: every log is of the block that it gives under its number. */
export type NodeReader = {
  logs(filter: LogFilter): Promise<MinedLog[]>;
  /** All events of the transactions that wrote these logs, in the order of the chain. */
  eventsBehind<F extends Fact>(
    logs: readonly MinedLog[],
    specs: readonly ContractEvents<F>[],
  ): Promise<ChainEvent<F>[]>;
  /** What the registries of participants and of areas logged up to a block, in the order of the chain. */
  memberships(toBlock: number): Promise<MembershipEvent[]>;
};

type Header = { readonly hash: Hex; readonly timestamp: bigint };

/** A node with what is known of it: `headers` are those that were asked for, by block. */
type Reader = NodeContracts & {
  readonly client: Client;
  readonly toBlock: number;
  readonly headers: Map<bigint, Promise<Header>>;
};

/**
 * Reads a market's contracts from a node, up to its newest block.
 *
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 * @throws ContradictoryNodeError when the node's answers do not go together; after a reorganisation reading again helps
 */
export async function openNodeReader(client: Client, market: NodeContracts): Promise<NodeReader> {
  const toBlock = Number(await getBlockNumber(client));
  const { deployedAtBlock, contracts } = market;
  const reader: Reader = { client, deployedAtBlock, contracts, toBlock, headers: new Map() };
  return {
    logs: (filter) => readBoundLogs(reader, filter),
    async eventsBehind(logs, specs) {
      const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))];
      const events = await readEach(hashes, (hash) => readTransaction(reader, { hash, specs }));
      return events.flat().sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
    },
    memberships: (last) => readMemberships({ ...reader, toBlock: last }),
  };
}

async function readTransaction<F extends Fact>(
  reader: Reader,
  { hash, specs }: { readonly hash: Hex; readonly specs: readonly ContractEvents<F>[] },
): Promise<ChainEvent<F>[]> {
  const { client, contracts } = reader;
  const [{ from, to, input, blockHash }, receipt] = await Promise.all([
    getTransaction(client, { hash }),
    getTransactionReceipt(client, { hash }),
  ]);
  const header = await readHeader(reader, receipt.blockNumber);
  if (receipt.status !== "success")
    throw new ContradictoryNodeError(`logs of transaction ${hash}, and says that it failed`);
  if (receipt.blockHash !== header.hash || blockHash !== header.hash)
    throw new ContradictoryNodeError(
      `transaction ${hash} in another block ${receipt.blockNumber} than its own`,
    );
  return eventsOfTransaction(
    { contracts, specs },
    {
      place: {
        block: Number(receipt.blockNumber),
        blockHash: receipt.blockHash,
        timestamp: Number(header.timestamp),
        transactionHash: hash,
        transactionIndex: receipt.transactionIndex,
        sender: from.toLowerCase() as Address,
        gasUsed: receipt.gasUsed,
      },
      to,
      input,
      logs: receipt.logs,
    },
  );
}

async function readMemberships(reader: Reader): Promise<MembershipEvent[]> {
  const { contracts } = reader;
  const logs = await readBoundLogs(reader, { address: [contracts.registry, contracts.areaRegistry] });
  const facts = [registryEvents, areaEvents].flatMap((spec) => {
    const own = logs.filter(({ address }) => address.toLowerCase() === contracts[spec.name]);
    return factsOf<AccountsFact | MeteringFact>(spec, { logs: own, input: "0x", contracts });
  });
  const events = await readEach(facts, async ({ fact, log: { blockNumber, logIndex } }) => {
    const { timestamp } = await readHeader(reader, blockNumber);
    return { ...fact, timestamp: Number(timestamp), block: Number(blockNumber), logIndex };
  });
  return events
    .filter((event): event is MembershipEvent => isMembershipFact(event))
    .sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
}

/** The logs, each of the block that the node gives under its number: not of one that was replaced. */
async function readBoundLogs(reader: Reader, filter: LogFilter): Promise<MinedLog[]> {
  const { client, deployedAtBlock, toBlock } = reader;
  const logs = await collectLogs({ client, fromBlock: deployedAtBlock, toBlock, ...filter });
  const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const headers = await readEach(numbers, (number) => readHeader(reader, number));
  const hashes = new Map(numbers.map((number, i) => [number, headers[i]?.hash]));
  const stray = logs.find(({ blockNumber, blockHash }) => hashes.get(blockNumber) !== blockHash);
  if (stray)
    throw new ContradictoryNodeError(`logs of another block ${stray.blockNumber} than the one that it gives`);
  return logs;
}

function readHeader({ client, headers }: Reader, blockNumber: bigint): Promise<Header> {
  const known = headers.get(blockNumber) ?? getBlock(client, { blockNumber });
  headers.set(blockNumber, known);
  return known;
}

export class ContradictoryNodeError extends DomainError {
  readonly code = "contradictoryNode";

  constructor(what: string) {
    super(`the node contradicts itself: it gives ${what}`);
  }
}
