import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Hex } from "viem";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { createQueue } from "#kernel/units/queue.ts";
import { type RpcHandler, RpcRefusal } from "#platform/chain/rpcHandler.ts";
import { acquireProcessLock, type ProcessLock } from "#platform/system/processLock.ts";
import { endLeftoverAnvil } from "./anvilLeftover.ts";
import { type ChainControl, superviseChain } from "./anvilSupervision.ts";
import { type BlockArchive, createBlockArchive } from "./blockArchive.ts";
import { createChainGateway } from "./chainGateway.ts";
import { failStart, startChainNode } from "./chainNode.ts";
import { type DamagedSnapshotRule, readStoredChain, type StoredChain } from "./chainState.ts";
import { type ChainManifest, writeManifest } from "./chainStateManifest.ts";
import { adoptReplayed, type ChainRecorder, createChainRecorder } from "./chainStateRecorder.ts";
import { replayBlocks } from "./chainStateReplay.ts";
import { genesisBlock, genesisState } from "./genesis.ts";
import { type RpcServer, startRpcServer } from "./rpcServer.ts";

/** Key of the one account that the genesis block funds: the first of anvil's published test mnemonic. */
const FUNDING_PRIVATE_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

export type EmbeddedChainOptions = {
  /** Where the chain lives; created when missing; one process at a time. */
  readonly directory: string;
  readonly chainId: number;
  /** Time of block 0, unix seconds; used at the first start only. */
  readonly genesisTimestamp: number;
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Default: refuse. */
  readonly damagedSnapshot?: DamagedSnapshotRule;
  /** Told in one sentence what was found and mended: a line cut short by a power cut, a snapshot that failed. */
  readonly onNotice?: (sentence: string) => void;
};

/** A chain of one machine, kept on its disk, with a clock that can be driven. */
export type EmbeddedChain = ChainControl & {
  /** Where the chain answers other processes. */
  readonly rpcUrl: string;
  /** The same calls from within this process. */
  readonly request: RpcHandler;
  readonly chainId: number;
  /** No earlier state was found: nothing is deployed yet. */
  readonly isFresh: boolean;
  /** An account with ether to give away. The key is public and this chain's ether worth nothing: gas is free. */
  readonly fundingPrivateKey: Hex;
};

/** Held by the process that runs the chain of a directory. */
export const CHAIN_LOCK = "chain.lock";

/**
 * Starts the embedded chain, or continues the one in the directory: newest snapshot, then the archive's later blocks,
 * each checked by its header.
 *
 * @throws ProcessLockedError when another process uses the directory
 * @throws ChainStateDamagedError, OtherChainStateError, ReplayMismatchError when the state can't be continued
 * @throws AnvilMissingError, AnvilStartError, PortTakenError, LeftoverError when the node can't be started
 */
export async function startEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const lock = acquireProcessLock(join(directory, CHAIN_LOCK));
  try {
    return await startLocked(
      { onNotice: () => {}, damagedSnapshot: "refuse", port: 0, ...options, directory },
      lock,
    );
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Code of JSON-RPC's servers for what can't be done now. */
const NOT_READY = -32_000;

type Start = Required<EmbeddedChainOptions>;

async function startLocked(start: Start, lock: ProcessLock): Promise<EmbeddedChain> {
  await endLeftoverAnvil(start);
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openChain(start, lock, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** What is opened is put into `opened` with the function that closes it, in order. The port is taken first: nothing is changed without it. */
async function openChain(
  start: Start,
  lock: ProcessLock,
  opened: (() => Promise<void>)[],
): Promise<EmbeddedChain> {
  const inTurn = createQueue();
  let answer: RpcHandler = async () => {
    throw new RpcRefusal({ code: NOT_READY, message: "the embedded chain is being started" });
  };
  const server = await startServer(start.port, (method, params) => answer(method, params));
  opened.push(() => server.close());
  const stored = await readStoredChain({ ...start, fundingPrivateKey: FUNDING_PRIVATE_KEY });
  const { archive, manifest, block, state } = stored ?? (await createChain(start));
  opened.push(() => archive.close());
  const from = present(archive.block(block), `block ${block}`);
  const node = await startChainNode(start, { block: from, state });
  opened.push(() => node.end());
  let recorder: ChainRecorder | null = null;
  const record = () => inTurn(async () => await recorder?.record());
  const gateway = createChainGateway({ archive, nodeUrl: node.rpcUrl, record });
  const parts = { directory: start.directory, archive, node, gateway, manifest, accounts: state };
  recorder =
    stored === null
      ? createChainRecorder(parts)
      : await continueChain(start, stored, parts).catch((error: unknown) => failStart(node, error));
  answer = gateway.handle;
  const clock = Number(present(archive.block(archive.newest()), "the newest block").header.timestamp);
  const { onNotice } = start;
  const control = superviseChain({ node, gateway, server, recorder, lock, clock, inTurn, onNotice });
  return {
    ...control,
    rpcUrl: server.url,
    request: gateway.handle,
    chainId: start.chainId,
    isFresh: stored === null,
    fundingPrivateKey: FUNDING_PRIVATE_KEY,
  };
}

/** The archive with block 0 first, then the manifest: without one nothing of a chain is there. */
async function createChain({ directory, chainId, genesisTimestamp }: Start) {
  const archive = await createBlockArchive({ directory, chainId });
  const genesis = genesisBlock(genesisTimestamp);
  await archive.append([genesis]);
  const manifest: ChainManifest = {
    format: 2,
    chainId,
    genesisTimestamp,
    genesisHash: genesis.header.hash,
    snapshots: [],
  };
  writeManifest(directory, manifest);
  return { archive, manifest, block: 0, state: genesisState(FUNDING_PRIVATE_KEY) };
}

/** Replays the blocks that follow the snapshot; what they come to is the next snapshot. */
async function continueChain(
  start: Start,
  { archive, block, isRecovered }: StoredChain,
  parts: Parameters<typeof createChainRecorder>[0],
): Promise<ChainRecorder> {
  const newest = archive.newest();
  if (newest > block) await replayBlocks(parts.node.rpc, blocksAfter(archive, block));
  const recorder = newest > block ? await adoptReplayed(parts) : createChainRecorder(parts);
  if (isRecovered)
    start.onNotice(
      `the archive brought the chain back to block ${newest}: the damaged snapshot is lost, no block is`,
    );
  return recorder;
}

function* blocksAfter(archive: BlockArchive, block: number) {
  for (let number = block + 1; number <= archive.newest(); number += 1)
    yield present(archive.block(number), `block ${number}`);
}

async function startServer(port: number, handle: RpcHandler): Promise<RpcServer> {
  return await startRpcServer({ port, handle }).catch((cause: unknown) => {
    throw new PortTakenError(port, { cause });
  });
}

/** Another program listens on the configured port. Nothing was sent to it. */
export class PortTakenError extends DomainError {
  readonly code = "portTaken";

  constructor(port: number, options: ErrorOptions) {
    super(
      `port ${port} of 127.0.0.1 can't be used for the embedded chain: another program holds it`,
      options,
    );
  }
}
