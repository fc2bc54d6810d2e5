import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { HEX } from "#platform/chain/embedded/anvilRpc.ts";
import { openBlockArchive } from "#platform/chain/embedded/blockArchive.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { BundleDamagedError, packBundle, unpackBundle } from "#platform/system/fileBundle.ts";
import { type NetworkRecord, networkFolder } from "../workspace.ts";
import { CHAIN, closeAll, openBackedFiles } from "./backedFiles.ts";

/** A block of the chain: a backup goes as far as this one. */
export type Head = { readonly block: number; readonly hash: Hex };

const ABOUT = z.strictObject({
  network: z.string(),
  chainId: z.int().positive(),
  /** The chain's newest block when the backup began; null where the chain is in the backup itself, and its blocks say so. */
  head: z.strictObject({ block: z.int().nonnegative(), hash: HEX }).nullable(),
  madeAt: z.iso.datetime(),
});

/** What a backup says of itself. */
export type AboutBackup = Readonly<z.infer<typeof ABOUT>>;

/** A backup that was unpacked and checked, with the newest block that it knows. */
export type CheckedBackup = { readonly about: AboutBackup; readonly head: Head; readonly bytes: number };

/**
 * Writes a backup of a network, whose community may run meanwhile, to a new file; unpacks it again and checks it.
 *
 * @throws BackupExistsError when the file is there
 */
export async function backUp(
  workspace: string,
  record: NetworkRecord,
  { to, now }: { readonly to: string; readonly now: Date },
): Promise<CheckedBackup> {
  if (existsSync(to)) throw new BackupExistsError(to);
  const about = await aboutNetwork(record, now);
  const files = await openBackedFiles(networkFolder(workspace, record.name));
  try {
    await packBundle(files, { to, about });
  } finally {
    await closeAll(files);
  }
  return checkBackup(to);
}

/** Unpacks a backup beside itself, checks it and removes what was unpacked. */
async function checkBackup(file: string): Promise<CheckedBackup> {
  const into = mkdtempSync(`${file}.check-`);
  try {
    return await unpackBackup(file, into);
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

/**
 * Unpacks a backup into an empty directory: each file as it was, and the chain, where it is in it, whole from its first block.
 *
 * @throws BundleDamagedError, ChainStateDamagedError
 */
export async function unpackBackup(file: string, into: string): Promise<CheckedBackup> {
  const bundle = await unpackBundle(file, into);
  const parsed = ABOUT.safeParse(bundle.about);
  if (!parsed.success) throw new BundleDamagedError(file, "it does not say of which network it is");
  const about = parsed.data;
  const head = about.head ?? (await headOfArchive(join(into, CHAIN), about.chainId));
  if (head === null) throw new BundleDamagedError(file, "its chain has no block");
  return { about, head, bytes: bundle.files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The newest whole block of an embedded chain that nobody runs; null when it has none. Its links are checked. */
export async function headOfArchive(directory: string, chainId: number): Promise<Head | null> {
  const archive = await openBlockArchive({ directory, chainId });
  try {
    const newest = archive.block(archive.newest());
    return newest && { block: newest.number, hash: newest.header.hash };
  } finally {
    await archive.close();
  }
}

async function aboutNetwork({ name, rpcUrl, deployment }: NetworkRecord, now: Date): Promise<AboutBackup> {
  const { chainId } = deployment;
  return {
    network: name,
    chainId,
    head: rpcUrl === null ? null : await headAt(rpcUrl, chainId),
    madeAt: now.toISOString(),
  };
}

async function headAt(rpcUrl: string, expectedChainId: number): Promise<Head> {
  const { client } = await connectNetwork({ rpcUrl, expectedChainId });
  const { number, hash } = await client.getBlock();
  return { block: Number(number), hash };
}

export class BackupExistsError extends DomainError {
  readonly code = "backupExists";

  constructor(file: string) {
    super(`${file} is there already; a backup is written to a new file`);
  }
}
