import { z } from "zod";
import type { Hex } from "#kernel/crypto/hex.ts";
import { RpcRefusal } from "#platform/chain/rpcHandler.ts";
import { HEX } from "./anvilRpc.ts";
import type { ArchivedBlock } from "./archivedBlock.ts";
import { rpcBlock, rpcLogs, rpcReceipt, rpcTransaction } from "./archivedRpc.ts";
import type { BlockArchive } from "./blockArchive.ts";
import { isSelected, type LogSelection } from "./logFilter.ts";

/** What is not in the archive: the node is asked. */
export const NOT_ARCHIVED: unique symbol = Symbol("not archived");

type Params = readonly unknown[];
type ArchiveCall = (archive: BlockArchive, params: Params) => unknown;

/** The calls that the archive answers for the blocks that it has. */
export const ARCHIVE_CALLS: Readonly<Record<string, ArchiveCall>> = {
  eth_getBlockByNumber: (archive, [number, isFull]) =>
    ofBlock(byNumber(archive, number), (block) => rpcBlock(block, { isFull: isFull === true })),
  eth_getBlockByHash: (archive, [hash, isFull]) =>
    ofBlock(byHash(archive, hash), (block) => rpcBlock(block, { isFull: isFull === true })),
  eth_getBlockReceipts: (archive, [place]) =>
    ofBlock(byNumber(archive, place) ?? byHash(archive, place), (block) =>
      block.transactions.map((_, index) => rpcReceipt(block, index)),
    ),
  eth_getBlockTransactionCountByNumber: (archive, [number]) =>
    ofBlock(byNumber(archive, number), ({ transactions }) => toQuantity(transactions.length)),
  eth_getBlockTransactionCountByHash: (archive, [hash]) =>
    ofBlock(byHash(archive, hash), ({ transactions }) => toQuantity(transactions.length)),
  eth_getTransactionByBlockNumberAndIndex: (archive, [number, index]) =>
    ofBlock(byNumber(archive, number), (block) => atIndex(block, index)),
  eth_getTransactionByBlockHashAndIndex: (archive, [hash, index]) =>
    ofBlock(byHash(archive, hash), (block) => atIndex(block, index)),
  eth_getTransactionByHash: (archive, [hash]) =>
    ofTransaction(archive, hash, (block, index) => rpcTransaction(block, index)),
  eth_getTransactionReceipt: (archive, [hash]) =>
    ofTransaction(archive, hash, (block, index) => rpcReceipt(block, index)),
  eth_getRawTransactionByHash: (archive, [hash]) =>
    ofTransaction(archive, hash, (block, index) => block.transactions[index]?.raw ?? null),
};

const FILTER = z.object({
  fromBlock: z.string().nullish(),
  toBlock: z.string().nullish(),
  blockHash: HEX.nullish(),
  address: z.union([HEX, z.array(HEX)]).nullish(),
  topics: z.array(z.union([HEX, z.array(HEX), z.null()])).nullish(),
});

/** What eth_getLogs asks for: which logs, and from which blocks, of which tags are kept as they are. */
export type LogQuery = LogSelection & {
  readonly fromBlock: number | string;
  readonly toBlock: number | string;
  readonly blockHash: Hex | null;
};

const INVALID_PARAMS = -32_602;

/** @throws RpcRefusal when it is no filter of eth_getLogs */
export function parseLogQuery(filter: unknown): LogQuery {
  const { success, data } = FILTER.safeParse(filter ?? {});
  if (!success) throw new RpcRefusal({ code: INVALID_PARAMS, message: "not a filter of eth_getLogs" });
  const { address, topics } = data;
  const listOf = (value: Hex | readonly Hex[]) =>
    (Array.isArray(value) ? value : [value]).map((each) => each.toLowerCase() as Hex);
  const addresses = address == null ? null : listOf(address);
  return {
    addresses: addresses?.length === 0 ? null : addresses,
    topics: (topics ?? []).map((topic) => (topic === null || topic.length === 0 ? null : listOf(topic))),
    fromBlock: numberOrTag(data.fromBlock ?? "latest"),
    toBlock: numberOrTag(data.toBlock ?? "latest"),
    blockHash: data.blockHash ?? null,
  };
}

/** The logs of archived blocks from `fromBlock` to `toBlock`, both included. */
export async function archivedLogs(
  archive: BlockArchive,
  selection: LogSelection,
  range: { readonly fromBlock: number; readonly toBlock: number },
): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const block of archive.blocksWith(selection, range))
    found.push(...selectedLogs(block, selection));
  return found;
}

export function selectedLogs(block: ArchivedBlock, selection: LogSelection): unknown[] {
  return block.transactions.flatMap((_, index) =>
    rpcLogs(block, index).filter((log) => isSelected(log, selection)),
  );
}

function numberOrTag(text: string): number | string {
  if (text === "earliest") return 0;
  return text.startsWith("0x") ? Number(text) : text;
}

function byNumber(archive: BlockArchive, number: unknown): ArchivedBlock | null {
  const place = typeof number === "string" && number.length < HASH_LENGTH ? numberOrTag(number) : null;
  return typeof place === "number" ? archive.block(place) : null;
}

const HASH_LENGTH = 66;

function byHash(archive: BlockArchive, hash: unknown): ArchivedBlock | null {
  return isHash(hash) ? archive.blockByHash(hash) : null;
}

function isHash(value: unknown): value is Hex {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
}

function ofBlock(block: ArchivedBlock | null, answer: (block: ArchivedBlock) => unknown): unknown {
  return block === null ? NOT_ARCHIVED : answer(block);
}

function ofTransaction(
  archive: BlockArchive,
  hash: unknown,
  answer: (block: ArchivedBlock, index: number) => unknown,
): unknown {
  const found = isHash(hash) ? archive.transaction(hash) : null;
  return found === null ? NOT_ARCHIVED : answer(found.block, found.index);
}

function atIndex(block: ArchivedBlock, index: unknown): unknown {
  const place = typeof index === "string" ? Number(index) : Number.NaN;
  return block.transactions[place] === undefined ? null : rpcTransaction(block, place);
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
