import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import { DomainError } from "#kernel/units/domainError.ts";
import { type AccountState, decodeState } from "./accountState.ts";
import { type BlockArchive, openBlockArchive } from "./blockArchive.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";
import {
  type ChainManifest,
  MANIFEST_FILE,
  readManifest,
  type SnapshotEntry,
  sha256,
} from "./chainStateManifest.ts";
import { genesisState } from "./genesis.ts";

/** What to do about a damaged newest snapshot: refuse to start, or go back to the older one and replay more blocks. */
export type DamagedSnapshotRule = "refuse" | "useOlder";

/** A chain on the disk, checked: the accounts at `block`, and the archive, whose later blocks are to be replayed. */
export type StoredChain = {
  readonly manifest: ChainManifest;
  readonly archive: BlockArchive;
  readonly block: number;
  readonly state: AccountState;
  /** The newest snapshot is damaged, and an older one stands in. */
  readonly isRecovered: boolean;
};

type StoredChainQuery = {
  directory: string;
  chainId: number;
  /** Who has ether at the chain's beginning. */
  fundingPrivateKey: Hex;
  damagedSnapshot: DamagedSnapshotRule;
  onNotice: (sentence: string) => void;
};

/**
 * Reads and checks the embedded chain's directory; null when no chain was ever started there.
 *
 * @throws ChainStateDamagedError when a file that is needed is missing or does not match its checksum
 * @throws OtherChainStateError when the directory holds a chain with another id
 */
export async function readStoredChain(query: StoredChainQuery): Promise<StoredChain | null> {
  const manifest = readManifest(query.directory);
  if (manifest === null) return null;
  if (manifest.chainId !== query.chainId) throw new OtherChainStateError(query, manifest.chainId);
  if (query.damagedSnapshot === "refuse") refuseMissingSnapshots(query.directory, manifest);
  const { block, state, snapshots } = chooseSnapshot(query, manifest);
  const archive = await openBlockArchive(query);
  try {
    requireSameChain({ archive, manifest: { ...manifest, snapshots }, directory: query.directory });
  } catch (error) {
    await archive.close();
    throw error;
  }
  const isRecovered = snapshots.length < manifest.snapshots.length;
  return { manifest: { ...manifest, snapshots }, archive, block, state, isRecovered };
}

/** The accounts of the newest good snapshot, and the list without the damaged ones. */
function chooseSnapshot(query: StoredChainQuery, manifest: ChainManifest) {
  const snapshots = [...manifest.snapshots];
  for (let entry = snapshots.at(-1); entry !== undefined; entry = snapshots.at(-1)) {
    try {
      return { block: entry.block, state: loadSnapshot(query.directory, entry), snapshots };
    } catch (error) {
      if (query.damagedSnapshot === "refuse" || !(error instanceof ChainStateDamagedError)) throw error;
      snapshots.pop();
      query.onNotice(
        `${error.file} is damaged: the chain goes back to an older snapshot and replays its blocks`,
      );
    }
  }
  return { block: 0, state: genesisState(query.fundingPrivateKey), snapshots };
}

function loadSnapshot(directory: string, entry: SnapshotEntry): AccountState {
  const file = join(directory, entry.file);
  const bytes = readSnapshot(file);
  if (bytes.length !== entry.bytes)
    throw new ChainStateDamagedError({
      file,
      problem: `has ${bytes.length} bytes instead of ${entry.bytes}`,
    });
  if (sha256(bytes) !== entry.sha256)
    throw new ChainStateDamagedError({ file, problem: "does not match its checksum" });
  return decodeState(bytes);
}

function readSnapshot(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ChainStateDamagedError({ file, problem: "can't be read", cause });
  }
}

/** An older snapshot is not read at each start, but that it has gone or shrunk shows at once. */
function refuseMissingSnapshots(directory: string, manifest: ChainManifest): void {
  for (const entry of manifest.snapshots) {
    const file = join(directory, entry.file);
    if (!existsSync(file)) throw new ChainStateDamagedError({ file, problem: "is missing" });
    const { size } = statSync(file);
    if (size !== entry.bytes)
      throw new ChainStateDamagedError({ file, problem: `has ${size} bytes instead of ${entry.bytes}` });
  }
}

/** The archive begins with the manifest's chain, and holds the blocks of its snapshots. */
function requireSameChain({
  archive,
  manifest,
  directory,
}: {
  archive: BlockArchive;
  manifest: ChainManifest;
  directory: string;
}): void {
  const marks = [{ block: 0, hash: manifest.genesisHash }, ...manifest.snapshots];
  for (const { block, hash } of marks) {
    const found = archive.block(block)?.header.hash ?? "missing";
    if (found === hash) continue;
    throw new ChainStateDamagedError({
      file: directory,
      problem: `is no chain of its own: block ${block} of its archive is ${found}, and ${hash} in ${MANIFEST_FILE}`,
    });
  }
}

/** The directory belongs to a chain with another id than the configured one. */
export class OtherChainStateError extends DomainError {
  readonly code = "otherChainState";

  constructor({ directory, chainId }: { directory: string; chainId: number }, storedChainId: number) {
    super(
      `${join(directory, MANIFEST_FILE)} belongs to chain ${storedChainId}, not to chain ${chainId}: ` +
        "configure that chain id, or move the directory away to start a new chain",
    );
  }
}
