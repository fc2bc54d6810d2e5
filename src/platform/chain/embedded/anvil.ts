import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Hex } from "viem";
import { connectNetwork } from "#platform/chain/network.ts";
import { acquireProcessLock, type ProcessLock } from "#platform/system/processLock.ts";
import { endLeftoverAnvil } from "./anvilLeftover.ts";
import { type AnvilProcess, AnvilStartError, startAnvil } from "./anvilProcess.ts";
import { type AnvilRpc, createAnvilRpc, readBlock } from "./anvilRpc.ts";
import { type ChainControl, superviseChain } from "./anvilSupervision.ts";
import { createJournalFile, openJournal, readJournalFile } from "./chainJournal.ts";
import { type DamagedSnapshotRule, readStoredChain, type StoredChain } from "./chainState.ts";
import { type ChainManifest, journalFile, writeManifest } from "./chainStateManifest.ts";
import { type ChainRecorder, createChainRecorder } from "./chainStateRecorder.ts";
import { checkLoadedState, checkNewestBlock, replayBlocks } from "./chainStateReplay.ts";

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
  readonly rpcUrl: string;
  readonly chainId: number;
  /** No earlier state was found: nothing is deployed yet. */
  readonly isFresh: boolean;
  /** An account with ether to give away. The key is public and this chain's ether worth nothing: gas is free. */
  readonly fundingPrivateKey: Hex;
};

/**
 * Starts the embedded chain, or continues the one in the directory: newest snapshot, then the journal's later blocks,
 * each checked by its hash.
 *
 * @throws ProcessLockedError when another process uses the directory
 * @throws ChainStateDamagedError, OtherChainStateError, ReplayMismatchError when the state can't be continued
 * @throws AnvilMissingError, AnvilStartError, PortTakenError, LeftoverError when the node can't be started
 * @throws WrongChainError when another node answers in its place
 */
export async function startEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const lock = acquireProcessLock(join(directory, "chain.lock"));
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

type Start = Required<EmbeddedChainOptions>;

async function startLocked(start: Start, lock: ProcessLock): Promise<EmbeddedChain> {
  await endLeftoverAnvil(start);
  const stored = readStoredChain(start);
  const anvil = await launch(start, stored);
  try {
    await connectNetwork({ rpcUrl: anvil.rpcUrl, expectedChainId: start.chainId });
    const rpc = createAnvilRpc(anvil.rpcUrl);
    // Without it the node prints several lines for each call.
    await rpc.call({ method: "anvil_setLoggingEnabled", params: [false] });
    const recorder =
      stored === null ? await createChain(start, rpc) : await continueChain({ start, rpc, stored });
    const clock = await holdClock(rpc);
    const control = superviseChain({ anvil, rpc, recorder, lock, clock, onNotice: start.onNotice });
    const { rpcUrl } = anvil;
    const isFresh = stored === null;
    return { ...control, rpcUrl, chainId: start.chainId, isFresh, fundingPrivateKey: FUNDING_PRIVATE_KEY };
  } catch (error) {
    const reason = await anvil.endingBehind(error);
    await anvil.end();
    throw reason === null ? error : new AnvilStartError(reason, { cause: error });
  }
}

/** The node reads plain JSON only: the snapshot is unpacked beside and removed when the node has read it. */
async function launch(start: Start, stored: StoredChain | null): Promise<AnvilProcess> {
  const genesisTimestamp = stored?.manifest.genesisTimestamp ?? start.genesisTimestamp;
  const snapshot = stored?.snapshot ?? null;
  const statePath = snapshot === null ? null : join(start.directory, "loading.json");
  try {
    if (snapshot !== null && statePath !== null) writeFileSync(statePath, snapshot.state);
    return await startAnvil({ ...start, genesisTimestamp, statePath });
  } finally {
    if (statePath !== null) rmSync(statePath, { force: true });
  }
}

async function createChain(
  { directory, chainId, genesisTimestamp }: Start,
  rpc: AnvilRpc,
): Promise<ChainRecorder> {
  const { hash } = await readBlock(rpc, 0);
  const file = journalFile(1);
  const path = join(directory, file);
  createJournalFile(path, { format: 1, chainId, firstBlock: 1 });
  const journals = [{ file, firstBlock: 1 }];
  const manifest: ChainManifest = {
    format: 1,
    chainId,
    genesisTimestamp,
    genesisHash: hash,
    snapshots: [],
    journals,
  };
  writeManifest(directory, manifest);
  const journal = await openJournal(path, readJournalFile(path));
  return createChainRecorder({ directory, rpc, manifest, journal, newest: { number: 0, hash } });
}

type Continuation = { start: Start; rpc: AnvilRpc; stored: StoredChain };

async function continueChain({ start, rpc, stored }: Continuation): Promise<ChainRecorder> {
  const { manifest, snapshot, blocks } = stored;
  await (snapshot === null
    ? checkNewestBlock(rpc, { block: 0, hash: manifest.genesisHash })
    : checkLoadedState(rpc, snapshot));
  await replayBlocks(rpc, blocks);
  const { number, hash } = await readBlock(rpc, "latest");
  if (stored.isRecovered)
    start.onNotice(
      `the journal brought the chain back to block ${number}: the damaged snapshot is lost, no block of the journal is`,
    );
  const journal = await openJournal(stored.journal.path, stored.journal.content);
  return createChainRecorder({
    directory: start.directory,
    rpc,
    manifest,
    journal,
    newest: { number, hash },
  });
}

/** Stops the node's own clock: until a time is set, blocks carry the newest block's. Gives back that time. */
async function holdClock(rpc: AnvilRpc): Promise<number> {
  const { timestamp } = await readBlock(rpc, "latest");
  await rpc.call({ method: "anvil_setBlockTimestampInterval", params: [0] });
  await rpc.call({ method: "evm_setNextBlockTimestamp", params: [timestamp] });
  return timestamp;
}
