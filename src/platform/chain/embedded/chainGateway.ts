import type { Hex } from "viem";
import { z } from "zod";
import { type RpcHandler, RpcRefusal } from "#platform/chain/rpcHandler.ts";
import { MAX_UNRECORDED_BLOCKS } from "./anvilProcess.ts";
import { ChainRpcError, HEX, quantity } from "./anvilRpc.ts";
import {
  ARCHIVE_CALLS,
  archivedLogs,
  type LogQuery,
  NOT_ARCHIVED,
  parseLogQuery,
  selectedLogs,
} from "./archiveCalls.ts";
import type { BlockArchive } from "./blockArchive.ts";
import { handOver } from "./handOver.ts";
import { postJson } from "./postJson.ts";

/**
 * The one way to the chain: old blocks come from the archive, everything else from the node. Readers cannot tell which
 * (docs/decisions/012). A fresh node takes the old one's place while calls wait.
 */
export type ChainGateway = {
  readonly handle: RpcHandler;
  /** Blocks were recorded: so many fewer are in the node alone. */
  recorded(transactions: readonly Hex[]): void;
  /** A block was made by our own call. Says whether a record is due before the next. */
  noteBlock(): boolean;
  /** Holds back calls and waits for those under way; gives back the function that lets them on. */
  pause(): Promise<() => void>;
  /** Transactions that were handed over and are in no recorded block, as they came. */
  waiting(): readonly Hex[];
};

type GatewayParts = {
  readonly archive: BlockArchive;
  readonly nodeUrl: () => string;
  /** Makes the node's blocks durable. */
  readonly record: () => Promise<void>;
};

type State = GatewayParts & {
  unrecorded: number;
  gate: Promise<void> | null;
  underWay: number;
  drained: (() => void) | null;
  /** Transactions are handed over one behind the other: this is the last. */
  handedOver: Promise<unknown>;
  /** Whether a transaction gets into a block of its own as it comes. */
  minesAtOnce: boolean;
  readonly waiting: Map<Hex, Hex>;
};

const MAKES_BLOCKS: ReadonlySet<string> = new Set([
  "eth_sendRawTransaction",
  "eth_sendTransaction",
  "evm_mine",
]);
/** Transactions that never got into a block are not kept for ever. */
const MAX_WAITING = 1_000;
const TIMEOUT_MS = 120_000;

export function createChainGateway(parts: GatewayParts): ChainGateway {
  const state: State = {
    ...parts,
    unrecorded: 0,
    gate: null,
    underWay: 0,
    drained: null,
    handedOver: Promise.resolve(),
    minesAtOnce: true,
    waiting: new Map(),
  };
  return {
    handle: (method, params) => handle(state, method, params),
    recorded: (transactions) => {
      state.unrecorded = 0;
      for (const hash of transactions) state.waiting.delete(hash);
    },
    noteBlock: () => {
      state.unrecorded += 1;
      return state.unrecorded >= MAX_UNRECORDED_BLOCKS;
    },
    pause: () => pause(state),
    waiting: () => [...state.waiting.values()],
  };
}

async function handle(state: State, method: string, params: readonly unknown[]): Promise<unknown> {
  if (MAKES_BLOCKS.has(method)) {
    if (state.unrecorded >= MAX_UNRECORDED_BLOCKS) {
      await state.record();
      // Calls that made no block, as a refused transaction, are counted as well: now none is left.
      state.unrecorded = 0;
    }
    state.unrecorded += 1;
  }
  while (state.gate !== null) await state.gate;
  state.underWay += 1;
  try {
    return await answer(state, method, params);
  } finally {
    state.underWay -= 1;
    if (state.underWay === 0) state.drained?.();
  }
}

async function answer(state: State, method: string, params: readonly unknown[]): Promise<unknown> {
  if (method === "eth_getLogs") return await logs(state, params);
  const call = Object.hasOwn(ARCHIVE_CALLS, method) ? ARCHIVE_CALLS[method] : undefined;
  if (call) {
    const found = call(state.archive, await withNewest(state, method, params));
    if (found !== NOT_ARCHIVED) return found;
  }
  if (method === "eth_sendRawTransaction") return await inTurn(state, () => takeOver(state, params));
  const result = await forward(state, method, params);
  if (method === "evm_setAutomine") state.minesAtOnce = params[0] === true;
  return result;
}

function inTurn<T>(state: State, work: () => Promise<T>): Promise<T> {
  const result = state.handedOver.then(work);
  state.handedOver = result.catch(() => undefined);
  return result;
}

async function takeOver(state: State, params: readonly unknown[]): Promise<Hex> {
  const call = (name: string, given: readonly unknown[]) => forward(state, name, given);
  const hash = state.minesAtOnce
    ? await handOver(call, params[0])
    : HEX.parse(await call("eth_sendRawTransaction", params));
  remember(state, hash, HEX.parse(params[0]));
  return hash;
}

/** The newest block is the archive's as well when the node has made none since: by its number. */
async function withNewest(
  state: State,
  method: string,
  params: readonly unknown[],
): Promise<readonly unknown[]> {
  if (method !== "eth_getBlockByNumber" || params[0] !== "latest") return params;
  const newest = HEX.parse(await forward(state, "eth_blockNumber", []));
  return Number(newest) <= state.archive.newest() ? [newest, ...params.slice(1)] : params;
}

/** Logs of archived blocks, then those of the blocks that only the node has. */
async function logs(state: State, params: readonly unknown[]): Promise<unknown> {
  const query = parseLogQuery(params[0]);
  const newest = state.archive.newest();
  if (query.blockHash !== null) {
    const block = state.archive.blockByHash(query.blockHash);
    return block === null ? await forward(state, "eth_getLogs", params) : selectedLogs(block, query);
  }
  const head = Number(HEX.parse(await forward(state, "eth_blockNumber", [])));
  const fromBlock = placeOf(query.fromBlock, head);
  const toBlock = placeOf(query.toBlock, head);
  const old = await archivedLogs(state.archive, query, { fromBlock, toBlock: Math.min(toBlock, newest) });
  if (toBlock <= newest) return old;
  const recent = await forward(state, "eth_getLogs", [
    filterOf(query, Math.max(fromBlock, newest + 1), toBlock),
  ]);
  return [...old, ...z.array(z.unknown()).parse(recent)];
}

/** No block is behind the newest: every tag but the earliest means it. */
function placeOf(place: number | string, head: number): number {
  return typeof place === "number" ? place : head;
}

function filterOf({ addresses, topics }: LogQuery, fromBlock: number, toBlock: number) {
  return {
    ...(addresses !== null && { address: addresses }),
    topics,
    fromBlock: quantity(fromBlock),
    toBlock: quantity(toBlock),
  };
}

function remember({ waiting }: State, hash: Hex, raw: Hex): void {
  waiting.set(hash, raw);
  const [oldest] = waiting.keys();
  if (waiting.size > MAX_WAITING && oldest !== undefined) waiting.delete(oldest);
}

const ANSWER = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
});

async function forward(state: State, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = { jsonrpc: "2.0", id: 1, method, params };
  const answered = await postJson(state.nodeUrl(), body, TIMEOUT_MS).catch((cause: unknown) => {
    throw new ChainRpcError(`the embedded chain gave no answer to ${method}`, { cause });
  });
  const { result, error } = ANSWER.parse(answered);
  if (error !== undefined) throw new RpcRefusal(error);
  return result ?? null;
}

async function pause(state: State): Promise<() => void> {
  let open = () => {};
  state.gate = new Promise((resolve) => {
    open = () => {
      state.gate = null;
      resolve();
    };
  });
  if (state.underWay > 0)
    await new Promise<void>((resolve) => {
      state.drained = resolve;
    });
  state.drained = null;
  return open;
}
