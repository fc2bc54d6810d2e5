import {
  formatTransaction,
  type PublicClient,
  type RpcTransaction,
  serializeTransaction,
  type TransactionSerializable,
  toRlp,
} from "viem";
import { type Address, fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { recoverSigner } from "#kernel/crypto/signature.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { orderedTrieRoot, quantity } from "./orderedTrie.ts";
import { compactSignature } from "./wideSignature.ts";

/** A block's header as JSON-RPC gives it; the later fields are there from their fork on. */
export type RpcHeader = Readonly<Record<(typeof FIRST_FIELDS)[number], Hex>> &
  Readonly<Partial<Record<(typeof LATER_FIELDS)[number], Hex>>> & { readonly hash: Hex };

export type RpcBlock = RpcHeader & { readonly transactions: readonly RpcTransaction<false>[] };

/** What ties a block to the one before it. */
export type BlockLink = Pick<RpcHeader, "hash" | "parentHash" | "number" | "timestamp">;

export type RpcLog = {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly logIndex: Hex;
};

export type RpcReceipt = {
  readonly type: Hex;
  readonly status: Hex;
  readonly cumulativeGasUsed: Hex;
  readonly gasUsed: Hex;
  readonly logsBloom: Hex;
  readonly transactionHash: Hex;
  readonly logs: readonly RpcLog[];
};

/** What is wrong with a block, and which transaction of it when that is known. */
export type BlockFault = {
  readonly rule:
    | "blockHash"
    | "blockLink"
    | "blockTime"
    | "transactionHash"
    | "transactionSender"
    | "transactionsRoot"
    | "receiptsRoot";
  readonly sentence: string;
  readonly transactionHash: Hex | null;
};

/** Header fields in the order in which they are hashed (Ethereum Yellow Paper §4.4.3). */
export const FIRST_FIELDS = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
] as const;
/** Appended by London, Shanghai, Cancun and Prague (EIP-1559, 4895, 4844, 4788, 7685). */
export const LATER_FIELDS = [
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;
export const QUANTITIES: ReadonlySet<string> = new Set([
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
]);

/**
 * A block with all of its transactions and receipts, as the node gives them: both asked for at once, or each receipt by
 * its transaction where the node does not give a block's together.
 *
 * @throws when the node does not give the block, or not its receipts
 */
export async function fetchBlock(
  client: PublicClient,
  blockNumber: number,
): Promise<{ block: RpcBlock; receipts: readonly RpcReceipt[] }> {
  const number: Hex = `0x${blockNumber.toString(16)}`;
  const [block, together] = await Promise.all([
    client.request({ method: "eth_getBlockByNumber", params: [number, true] }),
    receiptsOfBlock(client, number),
  ]);
  const found = present(block as unknown as RpcBlock | null, `block ${blockNumber}`);
  const hashes = found.transactions.map(({ hash }) => hash);
  const isWhole =
    together?.length === hashes.length && together.every((r, i) => r.transactionHash === hashes[i]);
  if (together !== null && isWhole) return { block: found, receipts: together };
  const each = await Promise.all(
    hashes.map((hash) => client.request({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  return { block: found, receipts: each.map((r) => present(r, "a receipt") as unknown as RpcReceipt) };
}

/** Nodes whose receipts are asked for one by one, since they do not give those of a block. */
const ONE_BY_ONE = new WeakSet<PublicClient>();

async function receiptsOfBlock(client: PublicClient, number: Hex): Promise<readonly RpcReceipt[] | null> {
  if (ONE_BY_ONE.has(client)) return null;
  try {
    const request = { method: "eth_getBlockReceipts", params: [number] };
    return (await client.request(request as never)) as readonly RpcReceipt[] | null;
  } catch {
    ONE_BY_ONE.add(client);
    return null;
  }
}

/** The hash of a header, from its fields; null when it lacks one that Ethereum's headers have. */
export function headerHash(header: RpcHeader): Hex | null {
  if (FIRST_FIELDS.some((name) => (header[name] ?? null) === null)) return null;
  return hash(toRlp(headerFields(header)));
}

/** What of a header is hashed, in order. All of {@link FIRST_FIELDS} must be there. */
export function headerFields(header: Omit<RpcHeader, "hash">): Hex[] {
  const later = LATER_FIELDS.filter((name) => header[name] !== undefined && header[name] !== null);
  return [...FIRST_FIELDS, ...later].map((name) => {
    const value = present(header[name], `field ${name} of a header`);
    return QUANTITIES.has(name) ? quantity(BigInt(value)) : value;
  });
}

/**
 * Compares a block with its own hashes (R2.1, R2.3): each transaction with its hash and its sender's signature, the
 * transactions and receipts with the roots of the header, the header with the block's hash. `bindsContent` says whether
 * the engine's hashes are Ethereum's. The genesis is taken as given: no transaction of ours is in it, and each maker of
 * nodes fills its header differently. Null when all is as it should be.
 */
export function findBlockFault({
  block,
  receipts,
  bindsContent,
}: {
  block: RpcBlock;
  receipts: readonly RpcReceipt[];
  bindsContent: boolean;
}): BlockFault | null {
  const transactions: Hex[] = [];
  for (const transaction of block.transactions) {
    const { serialized, fault } = readTransaction(transaction);
    if (fault !== null) return fault;
    transactions.push(serialized);
  }
  const isGenesis = BigInt(block.number) === 0n;
  return bindsContent && !isGenesis ? findContentFault(block, receipts, transactions) : null;
}

function findContentFault(
  block: RpcBlock,
  receipts: readonly RpcReceipt[],
  transactions: readonly Hex[],
): BlockFault | null {
  const number = Number(BigInt(block.number));
  if (orderedTrieRoot(transactions) !== block.transactionsRoot)
    return faultOf(
      "transactionsRoot",
      `the transactions of block ${number} do not give the root in its header`,
    );
  if (orderedTrieRoot(receipts.map(encodeReceipt)) !== block.receiptsRoot)
    return faultOf("receiptsRoot", `the events of block ${number} do not give the root in its header`);
  if (headerHash(block) !== block.hash)
    return faultOf("blockHash", `the header of block ${number} does not give its hash ${block.hash}`);
  return null;
}

/** Whether a block follows `parent` by hash, number and time; null for the first one. */
export function findLinkFault(block: BlockLink, parent: BlockLink | null): BlockFault | null {
  if (parent === null) return null;
  const number = Number(BigInt(block.number));
  if (parent.hash !== block.parentHash || BigInt(block.number) !== BigInt(parent.number) + 1n)
    return faultOf(
      "blockLink",
      `block ${number} does not follow block ${Number(BigInt(parent.number))} by its hash`,
    );
  if (BigInt(block.timestamp) < BigInt(parent.timestamp))
    return faultOf("blockTime", `block ${number} is earlier than the block before it`);
  return null;
}

function faultOf(rule: BlockFault["rule"], sentence: string): BlockFault {
  return { rule, sentence, transactionHash: null };
}

/** The bytes of a transaction, and what is wrong with its hash or signature. */
export function readTransaction(rpc: RpcTransaction<false>): { serialized: Hex; fault: BlockFault | null } {
  const refuse = (rule: BlockFault["rule"], sentence: string) => ({
    serialized: "0x" as const,
    fault: { rule, sentence, transactionHash: rpc.hash },
  });
  try {
    const formatted = formatTransaction(rpc);
    const { r, s, v, yParity, ...fields } = formatted;
    const chainId = fields.chainId ?? chainIdOf(v);
    const unsigned = { ...fields, chainId, data: formatted.input } as unknown as TransactionSerializable;
    const signature = { r, s, v, yParity: yParity ?? parityOf(v) };
    const serialized = serializeTransaction(unsigned, signature as never);
    if (hash(serialized) !== rpc.hash)
      return refuse("transactionHash", "the bytes of the transaction do not give its hash");
    const digest = hash(serializeTransaction(unsigned));
    const compact = compactSignature({ r, s, yParity: signature.yParity });
    const sender = compact && recoverSigner(fromHex(digest), compact);
    if (sender !== rpc.from.toLowerCase())
      return refuse(
        "transactionSender",
        `the transaction is signed by ${sender ?? "nobody"}, not ${rpc.from}`,
      );
    return { serialized, fault: null };
  } catch {
    return refuse("transactionHash", "the transaction cannot be read as one that was signed");
  }
}

/** Some nodes leave the chain's id out of old transactions, which carry it in `v` (EIP-155). */
function chainIdOf(v: bigint): number | undefined {
  return v >= 35n ? Number((v - 35n) / 2n) : undefined;
}

/** Which of the two points of the curve: 27 and 28, or 35 and on with a chain id (EIP-155). */
function parityOf(v: bigint): number {
  return v >= 35n ? Number((v - 35n) % 2n) : Number(v) % 27;
}

function encodeReceipt({ type, status, cumulativeGasUsed, logsBloom, logs }: RpcReceipt): Hex {
  const body = toRlp([
    quantity(BigInt(status)),
    quantity(BigInt(cumulativeGasUsed)),
    logsBloom,
    logs.map(({ address, topics, data }) => [address, [...topics], data]),
  ]);
  return type === undefined || BigInt(type) === 0n
    ? body
    : `0x${type.slice(2).padStart(2, "0")}${body.slice(2)}`;
}

function hash(hex: Hex): Hex {
  return toHex(keccak256(fromHex(hex)));
}
