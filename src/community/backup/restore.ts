import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { CHAIN_LOCK } from "#platform/chain/embedded/anvil.ts";
import { openBlockArchive } from "#platform/chain/embedded/blockArchive.ts";
import { MANIFEST_FILE } from "#platform/chain/embedded/chainStateManifest.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { DATABASE } from "#platform/store/openStore.ts";
import { BundleDamagedError } from "#platform/system/fileBundle.ts";
import { acquireProcessLock, type ProcessLock } from "#platform/system/processLock.ts";
import { syncDirectory } from "#platform/system/writeFileAside.ts";
import { type NetworkRecord, networkFolder, readRecordIn, rememberLatest } from "../workspace.ts";
import { CHAIN, filesIn } from "./backedFiles.ts";
import { type CheckedBackup, type Head, unpackBackup } from "./backUp.ts";
import { fateOf } from "./fateOf.ts";

/** What became of a restore. */
export type Restored = CheckedBackup & {
  /** The chain that the community goes on with: the backup's own, or one that was there, with its newest block. */
  readonly chain: { readonly from: "backup" | "there"; readonly newest: number };
  /** Files that were there and go another way than the backup's: moved aside under these names. */
  readonly movedAside: readonly string[];
};

/** What stays of files that a restore replaces. */
const ASIDE = ".before-restore";
/**
 * Restores a network into a workspace. Where there is nothing of it, all comes from the backup. A chain that is there stays, whether
 * embedded or at a node, when it has the backup's newest block: the next start catches up with it. Files that are there and go further
 * than the backup's stay, and none is lost. A restore that is cut off can be made again.
 *
 * @throws AheadOfChainError when the chain that is there does not have the backup's newest block
 * @throws ProcessLockedError when a process uses the network's folder
 */
export async function restore(
  workspace: string,
  { from, rpcUrl }: { readonly from: string; readonly rpcUrl: string | null },
): Promise<Restored> {
  const networks = join(workspace, "networks");
  mkdirSync(networks, { recursive: true });
  const unpacked = mkdtempSync(join(networks, ".restore-"));
  try {
    const backup = await unpackBackup(from, unpacked);
    const record = readRecordIn(unpacked);
    if (record === null) throw new BundleDamagedError(from, "it does not hold the network's record");
    const folder = networkFolder(workspace, backup.about.network);
    const placed = await place(backup, { unpacked, folder, record, rpcUrl });
    rememberLatest(workspace, backup.about.network);
    return { ...backup, ...placed };
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

type Places = {
  readonly unpacked: string;
  readonly folder: string;
  readonly record: NetworkRecord;
  readonly rpcUrl: string | null;
};

async function place(
  backup: CheckedBackup,
  { unpacked, folder, record, rpcUrl }: Places,
): Promise<Pick<Restored, "chain" | "movedAside">> {
  const { chainId } = backup.about;
  const own = { from: "backup", newest: backup.head.block } as const;
  const atNode = rpcUrl ?? record.rpcUrl;
  const chain = atNode === null ? own : await chainAtNode(atNode, { chainId, head: backup.head });
  if (!existsSync(folder)) {
    renameSync(unpacked, folder);
    syncDirectory(dirname(folder));
    return { chain, movedAside: [] };
  }
  return holding([join(folder, CHAIN, CHAIN_LOCK), join(folder, DATABASE.lock)], async () => {
    const here = atNode === null ? await chainInFolder(folder, { chainId, head: backup.head }) : null;
    const movedAside = fillIn(unpacked, { folder, withChain: atNode === null && here === null });
    rmSync(join(folder, DATABASE.folder), { recursive: true, force: true });
    return { chain: here ?? chain, movedAside };
  });
}

/** Does what nobody else may do meanwhile. */
async function holding<Result>(paths: readonly string[], work: () => Promise<Result>): Promise<Result> {
  const locks: ProcessLock[] = [];
  try {
    for (const path of paths) locks.push(acquireProcessLock(path));
    return await work();
  } finally {
    for (const lock of locks) lock.release();
  }
}

type Wanted = { readonly chainId: number; readonly head: Head };

async function chainAtNode(rpcUrl: string, { chainId, head }: Wanted): Promise<Restored["chain"]> {
  const { client } = await connectNetwork({ rpcUrl, expectedChainId: chainId });
  const newest = Number(await client.getBlockNumber());
  const there = newest < head.block ? null : await client.getBlock({ blockNumber: BigInt(head.block) });
  requireHead(there?.hash ?? null, { head, newest, place: rpcUrl });
  return { from: "there", newest };
}

/** The chain in a network's folder, which has the backup's newest block; null when no chain is there. */
async function chainInFolder(folder: string, { chainId, head }: Wanted): Promise<Restored["chain"] | null> {
  const directory = join(folder, CHAIN);
  if (!existsSync(join(directory, MANIFEST_FILE))) return null;
  const archive = await openBlockArchive({ directory, chainId });
  try {
    const newest = archive.newest();
    requireHead(archive.block(head.block)?.header.hash ?? null, { head, newest, place: directory });
    return { from: "there", newest };
  } finally {
    await archive.close();
  }
}

function requireHead(
  hash: Hex | null,
  { head, newest, place }: { readonly head: Head; readonly newest: number; readonly place: string },
): void {
  if (hash === head.hash) return;
  throw new AheadOfChainError({ head, newest, place, isOther: hash !== null });
}

/** Moves what was unpacked to where it is missing; gives the names of what had to go aside. */
function fillIn(
  unpacked: string,
  { folder, withChain }: { readonly folder: string; readonly withChain: boolean },
): string[] {
  const movedAside: string[] = [];
  for (const name of filesIn(unpacked)) {
    if (!withChain && name.startsWith(`${CHAIN}/`)) continue;
    const [source, target] = [join(unpacked, name), join(folder, name)];
    const fate = existsSync(target) ? fateOf(name, readFileSync(target), readFileSync(source)) : "missing";
    if (fate === "stays") continue;
    if (fate === "other") {
      renameSync(target, `${target}${ASIDE}`);
      movedAside.push(`${name}${ASIDE}`);
    }
    mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
    syncDirectory(dirname(target));
  }
  return movedAside;
}

/** The chain ends before the backup, or is another one. */
export class AheadOfChainError extends DomainError {
  readonly code = "backupAheadOfChain";

  constructor({
    head,
    newest,
    place,
    isOther,
  }: { head: Head; newest: number; place: string; isOther: boolean }) {
    const what = isOther
      ? `${place} has another block ${head.block} than the backup: it is another chain, or was reorganised since`
      : `the chain at ${place} ends with block ${newest}, before the backup's newest block ${head.block}`;
    super(`${what}. Nothing was changed; move the chain's folder away, or wait until the node has caught up`);
  }
}
