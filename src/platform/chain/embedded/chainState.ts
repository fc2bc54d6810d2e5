import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type JournalBlock, type JournalContent, readJournalFile } from "./chainJournal.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";
import {
  type ChainManifest,
  MANIFEST_FILE,
  readManifest,
  type SnapshotEntry,
  sha256,
} from "./chainStateManifest.ts";

/** What to do about a damaged newest snapshot: refuse to start, or go back to the older one and replay more blocks. */
export type DamagedSnapshotRule = "refuse" | "useOlder";

/** A chain on the disk, checked: load `snapshot` (null: start from genesis), replay `blocks`, append to `journal`. */
export type StoredChain = {
  readonly manifest: ChainManifest;
  readonly snapshot: LoadedSnapshot | null;
  readonly blocks: readonly JournalBlock[];
  readonly journal: { readonly path: string; readonly content: JournalContent };
  /** The newest snapshot is damaged, and an older one stands in. */
  readonly isRecovered: boolean;
};

export type LoadedSnapshot = SnapshotEntry & {
  /** The node's dump as JSON. */
  readonly state: Buffer;
};

type StoredChainQuery = {
  directory: string;
  chainId: number;
  damagedSnapshot: DamagedSnapshotRule;
  onNotice: (sentence: string) => void;
};

/**
 * Reads and checks the embedded chain's directory; null when no chain was ever started there.
 *
 * @throws ChainStateDamagedError when a file that is needed is missing or does not match its checksum
 * @throws OtherChainStateError when the directory holds a chain with another id
 */
export function readStoredChain(query: StoredChainQuery): StoredChain | null {
  const manifest = readManifest(query.directory);
  if (manifest === null) return null;
  if (manifest.chainId !== query.chainId) throw new OtherChainStateError(query, manifest.chainId);
  if (query.damagedSnapshot === "refuse") refuseMissingSnapshots(query.directory, manifest);
  const { snapshot, snapshots } = chooseSnapshot(query, manifest);
  const journals = readJournals({ ...query, manifest, afterBlock: snapshot?.block ?? 0 });
  const isRecovered = snapshots.length < manifest.snapshots.length;
  return { manifest: { ...manifest, snapshots }, snapshot, isRecovered, ...journals };
}

/** The newest good snapshot, and the list without the damaged ones. */
function chooseSnapshot(query: StoredChainQuery, manifest: ChainManifest) {
  const snapshots = [...manifest.snapshots];
  for (let entry = snapshots.at(-1); entry !== undefined; entry = snapshots.at(-1)) {
    try {
      return { snapshot: loadSnapshot(query.directory, entry), snapshots };
    } catch (error) {
      if (query.damagedSnapshot === "refuse" || !(error instanceof ChainStateDamagedError)) throw error;
      snapshots.pop();
      if (snapshots.length === 0 && manifest.journals[0]?.firstBlock !== 1) throw error;
      query.onNotice(
        `${error.file} is damaged: the chain goes back to an older snapshot and replays its journal`,
      );
    }
  }
  return { snapshot: null, snapshots };
}

function loadSnapshot(directory: string, entry: SnapshotEntry): LoadedSnapshot {
  const file = join(directory, entry.file);
  const bytes = readSnapshot(file);
  if (bytes.length !== entry.bytes)
    throw new ChainStateDamagedError({
      file,
      problem: `has ${bytes.length} bytes instead of ${entry.bytes}`,
    });
  if (sha256(bytes) !== entry.sha256)
    throw new ChainStateDamagedError({ file, problem: "does not match its checksum" });
  return { ...entry, state: gunzipSync(bytes) };
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

/** Every block after `afterBlock`, over all journal files that may hold one, without a gap. */
function readJournals(query: StoredChainQuery & { manifest: ChainManifest; afterBlock: number }) {
  const { directory, manifest, afterBlock } = query;
  const entries = manifest.journals.filter((_, index) => {
    const next = manifest.journals[index + 1];
    return next === undefined || next.firstBlock > afterBlock + 1;
  });
  const contents = entries.map(({ file }) => {
    const path = join(directory, file);
    return { path, content: readJournalFile(path) };
  });
  let nextBlock = afterBlock + 1;
  for (const [index, { path, content }] of contents.entries()) {
    const { header, blocks, tornBytes } = content;
    if (header.firstBlock !== nextBlock || header.chainId !== manifest.chainId)
      throw new ChainStateDamagedError({
        file: path,
        problem: `begins at block ${header.firstBlock} of chain ${header.chainId} where block ${nextBlock} of chain ${manifest.chainId} follows`,
      });
    if (tornBytes > 0 && index < contents.length - 1)
      throw new ChainStateDamagedError({ file: path, problem: "ends within a line" });
    if (tornBytes > 0) query.onNotice(tornNotice(path, tornBytes));
    nextBlock += blocks.length;
  }
  const journal = present(contents.at(-1), `the open journal of ${MANIFEST_FILE}`);
  return { blocks: contents.flatMap(({ content }) => content.blocks), journal };
}

function tornNotice(path: string, tornBytes: number): string {
  return `${path} ends in ${tornBytes} bytes of a line that was never finished: they are dropped`;
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
