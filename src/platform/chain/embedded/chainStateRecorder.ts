import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Hex } from "viem";
import { z } from "zod";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { syncDirectory, writeFileAside } from "#platform/system/writeFileAside.ts";
import { type AccountState, encodeState, withDumpedAccounts } from "./accountState.ts";
import { type AnvilRpc, HEX, quantity, readHead } from "./anvilRpc.ts";
import { type ArchivedBlock, blockOf } from "./archivedBlock.ts";
import { type BlockArchive, BlockWriteError } from "./blockArchive.ts";
import type { ChainGateway } from "./chainGateway.ts";
import type { ChainNode } from "./chainNode.ts";
import {
  type ChainManifest,
  MANIFEST_FILE,
  sha256,
  snapshotFile,
  writeManifest,
} from "./chainStateManifest.ts";
import { handOver } from "./handOver.ts";

/** Blocks fetched, written and fsynced together; bounds the memory when a recorder has fallen behind. */
const BLOCKS_A_WRITE = 64;
/** Snapshots that are kept: the newest, and one to go back to. */
const SNAPSHOTS_KEPT = 2;
/** A dump that a block overtakes is made again; mining is paused meanwhile, so that one repetition is the rule. */
const SNAPSHOT_ATTEMPTS = 5;
const DUMP_TIMEOUT_MS = 600_000;
/** Blocks between two snapshots: replaying so many takes some 2 s. A fresh node starts with each. */
const SNAPSHOT_DISTANCE = 500;

/** Writes a running chain's blocks to the disk. Its functions must not overlap. */
export type ChainRecorder = {
  /** Archives every block up to the newest; when it returns they survive a power cut. */
  record(): Promise<void>;
  /** Archives, then writes a snapshot of the newest block unless there is one, and drops the oldest. */
  snapshot(): Promise<void>;
  /** Archives, writes a snapshot, and lets a fresh node go on from it: the old one remembers all since its start. */
  renew(): Promise<void>;
  /** Whether so many blocks follow the last snapshot that a new one pays. */
  isSnapshotDue(): boolean;
  close(): Promise<void>;
};

type RecorderState = {
  readonly directory: string;
  readonly archive: BlockArchive;
  readonly node: ChainNode;
  readonly gateway: ChainGateway;
  manifest: ChainManifest;
  /** All accounts where the running node started. */
  accounts: AccountState;
};

/** Opens the recorder of a chain whose recorded blocks are in the archive. */
export function createChainRecorder(start: Readonly<RecorderState>): ChainRecorder {
  const state = { ...start };
  const snapshotBlock = () => state.manifest.snapshots.at(-1)?.block ?? 0;
  return {
    record: () => recordBlocks(state),
    snapshot: async () => {
      await recordBlocks(state);
      if (state.archive.newest() > snapshotBlock()) await takeSnapshot(state);
    },
    renew: () => renew(state),
    isSnapshotDue: () => state.archive.newest() - snapshotBlock() >= SNAPSHOT_DISTANCE,
    close: () => state.archive.close(),
  };
}

async function recordBlocks({ node, archive, gateway }: RecorderState): Promise<void> {
  const head = await readHead(node.rpc);
  if (head < archive.newest()) throw new RewrittenChainError(archive.newest());
  while (archive.newest() < head) {
    const newest = archive.newest();
    const count = Math.min(BLOCKS_A_WRITE, head - newest);
    const blocks = await fetchBlocks(node.rpc, { first: newest + 1, count });
    let parentHash = present(archive.block(newest), `block ${newest}`).header.hash;
    for (const { header } of blocks) {
      if (header.parentHash !== parentHash) throw new RewrittenChainError(newest);
      parentHash = header.hash;
    }
    await archive.append(blocks);
    gateway.recorded(blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => hash)));
  }
}

const HASHES = z.object({ transactions: z.array(z.object({ hash: HEX })) });

async function fetchBlocks(
  rpc: AnvilRpc,
  { first, count }: { first: number; count: number },
): Promise<ArchivedBlock[]> {
  const numbers = Array.from({ length: count }, (_, index) => quantity(first + index));
  const blocks = await rpc.callAll(
    numbers.map((number) => ({ method: "eth_getBlockByNumber", params: [number, true] })),
  );
  const hashes = blocks.map((block) => HASHES.parse(block).transactions.map(({ hash }) => hash));
  const answers = await rpc.callAll(
    hashes.flat().flatMap((hash) => [
      { method: "eth_getRawTransactionByHash", params: [hash] },
      { method: "eth_getTransactionReceipt", params: [hash] },
    ]),
  );
  let at = 0;
  return blocks.map((block, i) => {
    const count = 2 * (hashes[i]?.length ?? 0);
    const own = answers.slice(at, at + count);
    at += count;
    const [raw, receipts] = [0, 1].map((parity) => own.filter((_, place) => place % 2 === parity));
    return blockOf({ block, raw: raw ?? [], receipts: receipts ?? [] });
  });
}

/**
 * Writes in an order that a power cut at any point leaves a whole chain: snapshot, manifest, then the removal. Gives back
 * all accounts.
 */
async function takeSnapshot(state: RecorderState): Promise<AccountState> {
  const accounts = withDumpedAccounts(state.accounts, await dumpSettledAccounts(state));
  await writeSnapshot(state, accounts);
  return accounts;
}

async function writeSnapshot(state: RecorderState, accounts: AccountState): Promise<void> {
  const block = state.archive.newest();
  const { hash } = newestHeader(state);
  const bytes = await encodeState(accounts);
  const file = snapshotFile(block);
  writeFileAside(join(state.directory, file), bytes);
  const entry = { file, block, hash, bytes: bytes.length, sha256: sha256(bytes) };
  const before = state.manifest;
  const kept = before.snapshots.filter((each) => each.file !== file);
  const manifest = { ...before, snapshots: [...kept, entry].slice(-SNAPSHOTS_KEPT) };
  replaceManifest(state.directory, manifest);
  state.manifest = manifest;
  removeDropped({ directory: state.directory, before, after: manifest });
}

/** Calls wait while one node is ended and the next is started; transactions that are in no block yet are handed on. */
async function renew(state: RecorderState): Promise<void> {
  const letOn = await state.gateway.pause();
  try {
    const accounts = await takeSnapshot(state);
    const block = present(state.archive.block(state.archive.newest()), "the newest block");
    await state.node.renew({ block, state: accounts }).catch((cause: unknown) => {
      throw new NodeRenewalError({ cause });
    });
    state.accounts = accounts;
    await handOn(state.node.rpc, state.gateway.waiting());
  } finally {
    letOn();
  }
}

/** What a block has taken meanwhile is refused. */
async function handOn(rpc: AnvilRpc, transactions: readonly Hex[]): Promise<void> {
  for (const raw of transactions)
    await handOver((method, params) => rpc.call({ method, params }), raw).catch(() => {});
}

/** After a replay: what the node came to is written as a snapshot, and a fresh node goes on from the archive's newest block. */
export async function adoptReplayed(start: Readonly<RecorderState>): Promise<ChainRecorder> {
  const state = { ...start };
  const accounts = withDumpedAccounts(state.accounts, (await dumpState(state.node.rpc)).accounts);
  await writeSnapshot(state, accounts);
  const block = present(state.archive.block(state.archive.newest()), "the newest block");
  await state.node.renew({ block, state: accounts });
  return createChainRecorder({ ...state, accounts });
}

function newestHeader({ archive }: RecorderState): { readonly hash: Hex } {
  return present(archive.block(archive.newest()), "the newest block").header;
}

/** When this fails nobody knows which snapshots the manifest on the disk names. */
function replaceManifest(directory: string, manifest: ChainManifest): void {
  try {
    writeManifest(directory, manifest);
  } catch (cause) {
    throw new BlockWriteError(join(directory, MANIFEST_FILE), { cause });
  }
}

/** Dumps what the node knows while no block is made, so that accounts and newest block belong together. */
async function dumpSettledAccounts(state: RecorderState): Promise<unknown> {
  const { rpc } = state.node;
  await rpc.call({ method: "evm_setAutomine", params: [false] });
  try {
    for (let attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
      await recordBlocks(state);
      const { accounts, newest } = await dumpState(rpc);
      const isSettled = (await readHead(rpc)) === state.archive.newest();
      if (isSettled && newest === state.archive.newest()) return accounts;
    }
  } finally {
    // Transactions that came meanwhile are mined by this call.
    await rpc.call({ method: "evm_setAutomine", params: [true] });
  }
  throw new SnapshotError(
    `blocks came faster than the state after block ${state.archive.newest()} could be dumped`,
  );
}

const DUMP = z.object({
  accounts: z.unknown(),
  best_block_number: z.union([z.int(), HEX]).transform(Number),
});

async function dumpState(rpc: AnvilRpc): Promise<{ accounts: unknown; newest: number }> {
  const dumped = HEX.parse(await rpc.call({ method: "anvil_dumpState", timeoutMs: DUMP_TIMEOUT_MS }));
  const json = await promisify(gunzip)(Buffer.from(dumped.slice(2), "hex"));
  const { success, data } = DUMP.safeParse(JSON.parse(json.toString("utf8")));
  if (!success) throw new SnapshotError("anvil's dump names no newest block: it is of an unknown version");
  return { accounts: data.accounts, newest: data.best_block_number };
}

type Removal = { directory: string; before: ChainManifest; after: ChainManifest };

function removeDropped({ directory, before, after }: Removal): void {
  const kept = new Set(after.snapshots.map(({ file }) => file));
  const dropped = before.snapshots.filter(({ file }) => !kept.has(file));
  for (const { file } of dropped) rmSync(join(directory, file), { force: true });
  if (dropped.length > 0) syncDirectory(directory);
}

/** A snapshot could not be made. Nothing is lost by it: the archive holds every block. */
export class SnapshotError extends DomainError {
  readonly code = "snapshotFailed";
}

/** The fresh node did not start; the chain must be stopped, and continues from the disk. */
export class NodeRenewalError extends DomainError {
  readonly code = "nodeRenewalFailed";

  constructor(options: ErrorOptions) {
    super("the embedded chain's program could not be started anew: stop, and start again", options);
  }
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
