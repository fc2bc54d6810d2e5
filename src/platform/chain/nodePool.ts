import { z } from "zod";
import { present } from "#kernel/units/assert.ts";
import { faultIn, RpcFaultError } from "./rpcFault.ts";
import type { RpcHandler } from "./rpcHandler.ts";

/** A node that may answer. */
export type PooledNode = { readonly rpcUrl: string; readonly call: RpcHandler };

export type NodePoolOptions = {
  readonly nodes: readonly PooledNode[];
  /** Null takes the id of the node that answers first. */
  readonly expectedChainId: number | null;
  /** Milliseconds by a clock that never goes back. */
  readonly elapsed: () => number;
};

/** How old the look at a node may be in which its chain, its head and the others' blocks were compared, milliseconds. */
const LOOK_AGE_MS = 1_000;
/** A node that failed is asked again after so long, twice as long with each failure in a row. */
const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 15_000;
/**
 * A head that stays older than one that was seen is taken for a chain that went back after so long, where all nodes say it: a
 * node that catches up needs less.
 */
const WENT_BACK_AFTER_MS = 60_000;

const QUANTITY = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(Number);
const BLOCK = z.object({ number: QUANTITY, hash: z.string() });

type Node = PooledNode & { lookedAt: number; restsUntil: number; failures: number };

type Pool = NodePoolOptions & {
  readonly all: readonly Node[];
  chainId: number | null;
  /** The highest that a node said. */
  head: number;
  behindSince: number | null;
  preferred: number;
};

/**
 * Calls of whichever node answers, the one that answered last first. A node of another chain, or whose head is older than what
 * was seen, is passed over; while two nodes have different blocks at a height that both have, none is asked.
 *
 * @throws RpcFaultError when no node gives an answer to rely on; what a node refuses a call with
 */
export function poolNodes(options: NodePoolOptions): RpcHandler {
  const all = options.nodes.map((node) => ({ ...node, lookedAt: -Infinity, restsUntil: 0, failures: 0 }));
  const pool: Pool = {
    ...options,
    all,
    chainId: options.expectedChainId,
    head: -1,
    behindSince: null,
    preferred: 0,
  };
  return async (method, params) => {
    let fault: RpcFaultError | null = null;
    for (const node of inOrder(pool)) {
      try {
        await lookAt(pool, node);
        const answer = await node.call(method, params);
        requireHead(pool, node, headIn(method, params, answer));
        node.failures = 0;
        pool.preferred = all.indexOf(node);
        return answer;
      } catch (error) {
        const found = faultIn(error);
        if (found === null) throw error;
        rest(pool, node);
        fault = found;
        if (found.code === "nodesDisagree") break;
      }
    }
    throw present(fault, "the fault of a pool of nodes");
  };
}

/** The one that answered last first; those that rest at the end. */
function inOrder({ all, preferred, elapsed }: Pool): readonly Node[] {
  const rotated = [...all.slice(preferred), ...all.slice(0, preferred)];
  const now = elapsed();
  return [
    ...rotated.filter(({ restsUntil }) => restsUntil <= now),
    ...rotated.filter(({ restsUntil }) => restsUntil > now),
  ];
}

function rest({ elapsed }: Pool, node: Node): void {
  node.failures += 1;
  node.lookedAt = -Infinity;
  node.restsUntil =
    elapsed() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(30, node.failures - 1));
}

/** Before a node is relied on: its chain, its head, and its blocks against the others'. */
async function lookAt(pool: Pool, node: Node): Promise<void> {
  const now = pool.elapsed();
  if (now - node.lookedAt < LOOK_AGE_MS) return;
  const chainId = await chainIdOf(node);
  pool.chainId ??= chainId;
  if (chainId !== pool.chainId)
    throw faultOf("wrongChain", `the node at ${node.rpcUrl} has chain id ${chainId}, not ${pool.chainId}`);
  const head = await headOf(node);
  requireHead(pool, node, head);
  for (const other of pool.all)
    if (other !== node && other.restsUntil <= now) await compareBlocks(pool, { node, head, other });
  node.lookedAt = now;
}

/** That the other node fails is no fault of this one. */
async function compareBlocks(
  pool: Pool,
  { node, head, other }: { readonly node: Node; readonly head: number; readonly other: Node },
): Promise<void> {
  let theirs: string | null;
  let height: number;
  try {
    if ((await chainIdOf(other)) !== pool.chainId) return;
    height = Math.min(head, await headOf(other));
    theirs = await hashAt(other, height);
  } catch (error) {
    if (faultIn(error) === null) throw error;
    rest(pool, other);
    return;
  }
  const ours = await hashAt(node, height);
  if (ours !== null && theirs !== null && ours !== theirs)
    throw faultOf(
      "nodesDisagree",
      `the nodes at ${node.rpcUrl} and ${other.rpcUrl} have different blocks at height ${height}`,
    );
}

function requireHead(pool: Pool, node: Node, head: number | null): void {
  if (head === null) return;
  if (head >= pool.head) {
    pool.head = head;
    pool.behindSince = null;
    return;
  }
  pool.behindSince ??= pool.elapsed();
  if (pool.elapsed() - pool.behindSince >= WENT_BACK_AFTER_MS) {
    pool.head = head;
    return;
  }
  throw faultOf(
    "nodeBehind",
    `the node at ${node.rpcUrl} is at block ${head}, ${pool.head - head} behind what was seen`,
  );
}

/** The head in an answer that tells it. */
function headIn(method: string, params: readonly unknown[], answer: unknown): number | null {
  if (method === "eth_blockNumber") return QUANTITY.safeParse(answer).data ?? null;
  if (method !== "eth_getBlockByNumber" || params[0] !== "latest") return null;
  return BLOCK.safeParse(answer).data?.number ?? null;
}

async function chainIdOf(node: PooledNode): Promise<number> {
  return understood(node, QUANTITY.safeParse(await node.call("eth_chainId", [])));
}

async function headOf(node: PooledNode): Promise<number> {
  return understood(node, QUANTITY.safeParse(await node.call("eth_blockNumber", [])));
}

/** Null where the node does not have the block. */
async function hashAt(node: PooledNode, height: number): Promise<string | null> {
  const answer = await node.call("eth_getBlockByNumber", [`0x${height.toString(16)}`, false]);
  return answer === null ? null : understood(node, BLOCK.safeParse(answer)).hash;
}

function understood<T>({ rpcUrl }: PooledNode, { data }: { readonly data?: T | undefined }): T {
  if (data === undefined) throw faultOf("rpcMalformed", `the node at ${rpcUrl} gave half an answer`);
  return data;
}

function faultOf(code: RpcFaultError["code"], sentence: string): RpcFaultError {
  return new RpcFaultError({ code, sentence });
}
