import {
  createPublicClient,
  custom,
  defineChain,
  type EIP1193Parameters,
  http,
  type PublicClient,
  RpcRequestError,
} from "viem";
import { DomainError } from "#kernel/units/domainError.ts";
import { type ChainWatch, watchChain } from "./chainWatch.ts";
import { type FinalityRule, IMMEDIATE } from "./finality.ts";
import { nodeCall } from "./nodeCall.ts";
import { poolNodes } from "./nodePool.ts";
import { RpcFaultError } from "./rpcFault.ts";
import { type RpcHandler, RpcRefusal } from "./rpcHandler.ts";

/**
 * An EVM network that we speak to by JSON-RPC, its chain id checked.
 *
 * @property gasPrice wei a unit of gas: some networks charge nothing and others refuse 0, so it is a choice of the
 *   network; null takes what its node suggests
 * @property maxGasPrice the most that is offered for a transaction that is stuck; null for ten times its first price, or not
 *   more than `gasPrice` where that is set
 * @property finality when a block is final: a rule of the network, which no node tells
 */
export type Network = {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly client: PublicClient;
  readonly gasPrice: bigint | null;
  readonly maxGasPrice: bigint | null;
  readonly finality: FinalityRule;
  /** What holds work back; null while the chain answers. */
  readonly heldBack: ChainWatch["heldBack"];
};

/** How often a receipt is asked for, milliseconds. An embedded chain answers at once. */
const POLLING_MS = 20;
const REQUEST_TIMEOUT_MS = 60_000;
const MS_PER_SECOND = 1_000;

/**
 * Connects and asks for the chain id before anything else is sent. Of several nodes whichever answers is asked. `request` answers in place of the node at `rpcUrl`: an
 * embedded chain within this process.
 *
 * @throws WrongChainError when the node answers with another id than `expectedChainId`
 * @throws ChainUnreachableError when it does not answer
 */
export async function connectNetwork({
  rpcUrl,
  otherRpcUrls = [],
  request,
  expectedChainId,
  gasPrice = null,
  maxGasPrice = null,
  finality = IMMEDIATE,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
}: {
  rpcUrl: string;
  otherRpcUrls?: readonly string[];
  request?: RpcHandler;
  expectedChainId?: number;
  gasPrice?: bigint | null;
  maxGasPrice?: bigint | null;
  finality?: FinalityRule;
  requestTimeoutMs?: number;
}): Promise<Network> {
  // Some engines announce eth_fillTransaction and answer it wrongly; we fill transactions ourselves.
  const methods = { exclude: ["eth_fillTransaction"] };
  const urls = [rpcUrl, ...otherRpcUrls];
  const nodes = urls.map((url) => ({ rpcUrl: url, call: nodeCall(url, requestTimeoutMs) }));
  // Where there is one node only, its id is told.
  const known = nodes.length > 1 ? (expectedChainId ?? null) : null;
  const elapsed = () => performance.now();
  const pooled = () => poolNodes({ nodes, expectedChainId: known, elapsed });
  const watch = watchChain(() => Date.now() / MS_PER_SECOND);
  const call = watch.watched(request ? callWithin(rpcUrl, request) : pooled());
  const ask = ({ method, params }: EIP1193Parameters) => call(method, (params ?? []) as readonly unknown[]);
  const transport = custom({ request: ask }, { retryCount: 0, methods });
  const probe = createPublicClient({ transport });
  const chainId = await probe.getChainId().catch((cause: unknown) => {
    throw new ChainUnreachableError(rpcUrl, cause);
  });
  if (expectedChainId !== undefined && chainId !== expectedChainId)
    throw new WrongChainError(rpcUrl, chainId, expectedChainId);
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const client = createPublicClient({ chain, transport, pollingInterval: POLLING_MS, cacheTime: 0 });
  return { rpcUrl, chainId, client, gasPrice, maxGasPrice, finality, heldBack: watch.heldBack };
}

/** Calls of one request; the public JSON-RPC of a community takes 100. */
const MAX_BATCH = 64;

/** A server may close a connection in the moment in which a request comes on it: the request is made again. */
const READ_RETRIES = 3;

/**
 * A client for who reads much at once: calls of one moment go in one request, where the node takes lists of calls. Else
 * the network's own.
 */
export async function connectBatching({ rpcUrl, client }: Network): Promise<PublicClient> {
  const batch = { batchSize: MAX_BATCH };
  const transport = http(rpcUrl, { timeout: REQUEST_TIMEOUT_MS, retryCount: READ_RETRIES, batch });
  const batching = createPublicClient({ transport, cacheTime: 0 });
  try {
    await Promise.all([batching.getChainId(), batching.getBlockNumber()]);
    return batching;
  } catch {
    return client;
  }
}

/** A refusal or a fault looks as if it had come over HTTP: anyone who reads it need not know. */
function callWithin(url: string, handle: RpcHandler): RpcHandler {
  return async (method, params) => {
    try {
      return await handle(method, params);
    } catch (cause) {
      if (!(cause instanceof RpcRefusal))
        throw new RpcFaultError(
          { code: "rpcUnreachable", sentence: "the chain in this process does not answer" },
          { cause },
        );
      const { rpcCode: code, message, data } = cause;
      throw new RpcRequestError({ body: { method, params }, error: { code, message, data }, url });
    }
  };
}

export class ChainUnreachableError extends DomainError {
  readonly code = "chainUnreachable";

  constructor(rpcUrl: string, cause: unknown) {
    super(`no chain answers at ${rpcUrl}`, { cause });
  }
}

export class WrongChainError extends DomainError {
  readonly code = "wrongChain";

  constructor(rpcUrl: string, found: number, expected: number) {
    super(`the node at ${rpcUrl} has chain id ${found}, not ${expected}; nothing was sent to it`);
  }
}
