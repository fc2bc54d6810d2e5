import { type AnvilProcess, type AnvilSettings, AnvilStartError, startAnvil } from "./anvilProcess.ts";
import { type AnvilRpc, createAnvilRpc, quantity } from "./anvilRpc.ts";
import { BLOCK_GAS_LIMIT } from "./chainStateReplay.ts";
import { type ChainPoint, type NodeUpstream, startNodeUpstream } from "./nodeUpstream.ts";

/** The node that runs the contracts. It holds what happened since it was started; from time to time a fresh one takes its place. */
export type ChainNode = {
  /** Calls of the node that runs now. */
  readonly rpc: AnvilRpc;
  rpcUrl(): string;
  /** Sets the time of the next block, unix seconds; a fresh node keeps it. */
  setNextBlockTime(unixSeconds: number): Promise<void>;
  /** Ends the node and starts one that goes on from the point. */
  renew(point: ChainPoint): Promise<void>;
  /** Calls the listener once when the node ends by itself. */
  onExit(listener: (reason: string) => void): void;
  /** Why the node ended, when its end is what made a call fail; null when it goes on. */
  endingBehind(error: unknown): Promise<string | null>;
  end(): Promise<void>;
};

type NodeSettings = Omit<AnvilSettings, "upstreamUrl" | "block">;

/** Starts a node that goes on from the point. */
export async function startChainNode(settings: NodeSettings, start: ChainPoint): Promise<ChainNode> {
  const upstream = await startNodeUpstream({ chainId: settings.chainId, point: start });
  try {
    return await startOn({ settings, upstream, start });
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

type NodeStart = { settings: NodeSettings; upstream: NodeUpstream; start: ChainPoint };

async function startOn({ settings, upstream, start }: NodeStart): Promise<ChainNode> {
  const listeners: ((reason: string) => void)[] = [];
  let nextBlockTime = 0;
  let isLetGo = false;
  const launch = async (point: ChainPoint): Promise<AnvilProcess> => {
    upstream.moveTo(point);
    const started = await startAnvil({ ...settings, upstreamUrl: upstream.url, block: point.block.number });
    started.onExit((reason) => {
      if (started === anvil && !isLetGo) for (const listener of listeners) listener(reason);
    });
    const rpc = createAnvilRpc(started.rpcUrl);
    nextBlockTime = Math.max(nextBlockTime, Number(point.block.header.timestamp));
    await prepare(rpc, point, nextBlockTime).catch((error: unknown) => failStart(started, error));
    return started;
  };
  let anvil: AnvilProcess | null = null;
  anvil = await launch(start);
  const current = () => createAnvilRpc(anvil?.rpcUrl ?? "");
  return {
    rpc: { call: (call) => current().call(call), callAll: (calls) => current().callAll(calls) },
    rpcUrl: () => anvil?.rpcUrl ?? "",
    setNextBlockTime: async (unixSeconds) => {
      await current().call({ method: "evm_setNextBlockTimestamp", params: [unixSeconds] });
      nextBlockTime = unixSeconds;
    },
    renew: async (point) => {
      const ending = anvil;
      anvil = null;
      await ending?.end();
      anvil = await launch(point);
    },
    onExit: (listener) => void listeners.push(listener),
    endingBehind: async (error) => (await anvil?.endingBehind(error)) ?? null,
    end: async () => {
      isLetGo = true;
      await anvil?.end();
      await upstream.close();
    },
  };
}

/** Ends a node that failed while it was started; says by its end why, when that was the reason. */
export async function failStart(
  node: Pick<AnvilProcess, "endingBehind" | "end">,
  error: unknown,
): Promise<never> {
  const reason = await node.endingBehind(error);
  await node.end();
  throw reason === null ? error : new AnvilStartError(reason, { cause: error });
}

/** No lines for each call, no difficulty in the first header, and a clock that stands until it is set. */
async function prepare(rpc: AnvilRpc, { block }: ChainPoint, nextBlockTime: number): Promise<void> {
  await rpc.call({ method: "anvil_setLoggingEnabled", params: [false] });
  const environment = {
    number: quantity(block.number),
    beneficiary: `0x${"0".repeat(40)}`,
    timestamp: block.header.timestamp,
    gas_limit: BLOCK_GAS_LIMIT,
    basefee: 0,
    difficulty: "0x0",
    prevrandao: block.header.mixHash,
    blob_excess_gas_and_price: { excess_blob_gas: 0, blob_gasprice: 1 },
    slot_num: 0,
  };
  await loadEmptyState(rpc, environment, block.number);
  await rpc.call({ method: "anvil_setBlockTimestampInterval", params: [0] });
  await rpc.call({ method: "evm_setNextBlockTimestamp", params: [nextBlockTime] });
}

/** A state without accounts and blocks changes the block environment and nothing else. */
async function loadEmptyState(rpc: AnvilRpc, environment: unknown, newest: number): Promise<void> {
  const state = {
    block: environment,
    accounts: {},
    best_block_number: newest,
    blocks: [],
    transactions: [],
    historical_states: null,
  };
  await rpc.call({
    method: "anvil_loadState",
    params: [`0x${Buffer.from(JSON.stringify(state)).toString("hex")}`],
  });
}
