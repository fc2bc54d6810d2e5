import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Hex } from "viem";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { syncDirectory, writeFileAside } from "#platform/system/writeFileAside.ts";
import { type AnvilBlock, type AnvilRpc, blockCall, HEX, parseBlock, readHead } from "./anvilRpc.ts";
import {
  createJournalFile,
  type Journal,
  type JournalBlock,
  JournalWriteError,
  openJournal,
  readJournalFile,
} from "./chainJournal.ts";
import {
  type ChainManifest,
  journalFile,
  MANIFEST_FILE,
  sha256,
  snapshotFile,
  writeManifest,
} from "./chainStateManifest.ts";

/** Blocks fetched, written and fsynced together; bounds the memory when a recorder has fallen behind. */
const BLOCKS_A_WRITE = 64;
/** Snapshots that are kept: the newest, and one to go back to. */
const SNAPSHOTS_KEPT = 2;
/** A dump that a block overtakes is made again; mining is paused meanwhile, so that one repetition is the rule. */
const SNAPSHOT_ATTEMPTS = 5;
const DUMP_TIMEOUT_MS = 600_000;
const SMALLEST_SNAPSHOT_DISTANCE = 500;
const BEST_BLOCK_KEY = '"best_block_number":';

/** Writes a running chain's blocks to the disk. Its functions must not overlap. */
export type ChainRecorder = {
  /** Journals every block up to the newest; when it returns they survive a power cut. */
  record(): Promise<void>;
  /** Journals, then writes a snapshot of the newest block unless there is one, and drops what it makes needless. */
  snapshot(): Promise<void>;
  /** Whether so many blocks follow the last snapshot that a new one pays: replaying costs about 100 times a dump's block. */
  isSnapshotDue(): boolean;
  close(): Promise<void>;
};

type RecorderState = {
  readonly directory: string;
  readonly rpc: AnvilRpc;
  manifest: ChainManifest;
  journal: Journal;
  newest: { number: number; hash: Hex };
};

/** Opens the recorder of a chain whose newest recorded block is `newest`; `journal` belongs to the manifest's last file. */
export function createChainRecorder(start: Readonly<RecorderState>): ChainRecorder {
  const state = { ...start };
  const snapshotBlock = () => state.manifest.snapshots.at(-1)?.block ?? 0;
  return {
    record: () => recordBlocks(state),
    snapshot: async () => {
      await recordBlocks(state);
      if (state.newest.number > snapshotBlock()) await takeSnapshot(state);
    },
    isSnapshotDue: () => {
      // A dump costs as much as the chain is long: distances that grow with it keep the sum proportional.
      const distance = Math.max(SMALLEST_SNAPSHOT_DISTANCE, state.newest.number / 20);
      return state.newest.number - snapshotBlock() >= distance;
    },
    close: () => state.journal.close(),
  };
}

async function recordBlocks(state: RecorderState): Promise<void> {
  const head = await readHead(state.rpc);
  if (head < state.newest.number) throw new RewrittenChainError(state.newest.number);
  while (state.newest.number < head) {
    const first = state.newest.number + 1;
    const count = Math.min(BLOCKS_A_WRITE, head - state.newest.number);
    const blocks = await fetchBlocks(state.rpc, { first, count });
    for (const block of blocks) {
      if (block.parentHash !== state.newest.hash) throw new RewrittenChainError(state.newest.number);
      state.newest = { number: block.number, hash: block.hash };
    }
    await state.journal.append(await withTransactions(state.rpc, blocks));
  }
}

async function fetchBlocks(
  rpc: AnvilRpc,
  { first, count }: { first: number; count: number },
): Promise<AnvilBlock[]> {
  const answers = await rpc.callAll(Array.from({ length: count }, (_, index) => blockCall(first + index)));
  return answers.map(parseBlock);
}

async function withTransactions(rpc: AnvilRpc, blocks: readonly AnvilBlock[]): Promise<JournalBlock[]> {
  const hashes = blocks.flatMap(({ transactions }) => transactions);
  const answers = await rpc.callAll(
    hashes.map((hash) => ({ method: "eth_getRawTransactionByHash", params: [hash] })),
  );
  const rawByHash = new Map(hashes.map((hash, index) => [hash, HEX.parse(answers[index])]));
  return blocks.map(({ number, timestamp, prevrandao, hash, transactions }) => ({
    number,
    timestamp,
    prevrandao,
    hash,
    transactions: transactions.map((each) => present(rawByHash.get(each), `transaction ${each}`)),
  }));
}

/** Writes in an order that a power cut at any point leaves a whole chain: snapshot, new journal, manifest, then the removal. */
async function takeSnapshot(state: RecorderState): Promise<void> {
  const dump = await dumpSettledState(state);
  const { number: block, hash } = state.newest;
  const file = snapshotFile(block);
  const journalEntry = { file: journalFile(block + 1), firstBlock: block + 1 };
  writeFileAside(join(state.directory, file), dump);
  const journalPath = join(state.directory, journalEntry.file);
  createJournalFile(journalPath, { format: 1, chainId: state.manifest.chainId, firstBlock: block + 1 });

  const entry = { file, block, hash, bytes: dump.length, sha256: sha256(dump) };
  const before = state.manifest;
  const snapshots = [...before.snapshots, entry].slice(-SNAPSHOTS_KEPT);
  const oldest = snapshots.length < SNAPSHOTS_KEPT ? 0 : (snapshots[0]?.block ?? 0);
  const journals = [...before.journals, journalEntry].filter(({ firstBlock }) => firstBlock > oldest);
  const manifest = { ...before, snapshots, journals };
  const journal = await openJournal(journalPath, readJournalFile(journalPath));
  await replaceManifest(state, manifest);
  await state.journal.close();
  state.manifest = manifest;
  state.journal = journal;
  removeDropped({ directory: state.directory, before, after: manifest });
}

/** When this fails nobody knows which journal the manifest on the disk names: none may be written any more. */
async function replaceManifest(
  { directory, journal }: RecorderState,
  manifest: ChainManifest,
): Promise<void> {
  try {
    writeManifest(directory, manifest);
  } catch (cause) {
    await journal.close();
    throw new JournalWriteError(join(directory, MANIFEST_FILE), { cause });
  }
}

/** Dumps the node's state while no block is made, so that accounts and newest block belong together. */
async function dumpSettledState(state: RecorderState): Promise<Buffer> {
  await state.rpc.call({ method: "evm_setAutomine", params: [false] });
  try {
    for (let attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
      await recordBlocks(state);
      const dumped = await state.rpc.call({ method: "anvil_dumpState", timeoutMs: DUMP_TIMEOUT_MS });
      const dump = Buffer.from(HEX.parse(dumped).slice(2), "hex");
      const isSettled = (await readHead(state.rpc)) === state.newest.number;
      if (isSettled && (await bestBlockOf(dump)) === state.newest.number) return dump;
    }
  } finally {
    // Transactions that came meanwhile are mined by this call.
    await state.rpc.call({ method: "evm_setAutomine", params: [true] });
  }
  throw new SnapshotError(
    `blocks came faster than the state after block ${state.newest.number} could be dumped`,
  );
}

async function bestBlockOf(dump: Buffer): Promise<number> {
  const json = await promisify(gunzip)(dump);
  const at = json.indexOf(BEST_BLOCK_KEY);
  if (at < 0) throw new SnapshotError("anvil's dump names no newest block: it is of an unknown version");
  const from = at + BEST_BLOCK_KEY.length;
  return Number.parseInt(json.subarray(from, from + 20).toString("latin1"), 10);
}

type Removal = { directory: string; before: ChainManifest; after: ChainManifest };

function removeDropped({ directory, before, after }: Removal): void {
  const kept = new Set([...after.snapshots, ...after.journals].map(({ file }) => file));
  const dropped = [...before.snapshots, ...before.journals].filter(({ file }) => !kept.has(file));
  for (const { file } of dropped) rmSync(join(directory, file), { force: true });
  if (dropped.length > 0) syncDirectory(directory);
}

/** A snapshot could not be made. Nothing is lost by it: the journal holds every block. */
export class SnapshotError extends DomainError {
  readonly code = "snapshotFailed";
}

/** Someone reset or reverted the embedded chain below a block that is recorded already. */
export class RewrittenChainError extends DomainError {
  readonly code = "chainRewritten";

  constructor(recordedBlock: number) {
    super(
      `the embedded chain no longer contains block ${recordedBlock}, which is recorded: it was reset or reverted; ` +
        "stop, and start again from the record",
    );
  }
}
