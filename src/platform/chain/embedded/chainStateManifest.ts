import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { HEX } from "./anvilRpc.ts";
import { segmentPath } from "./blockArchive.ts";
import { scanSegmentFile } from "./blockSegment.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";

export const MANIFEST_FILE = "manifest.json";
const STATE_FILE_PATTERN = /^(state-\d+\.rlp\.gz|blocks-\d+\.archive)$/;
const FIRST_FILE = "blocks-0.archive";

const SNAPSHOT = z.strictObject({
  file: z.string(),
  block: z.int().nonnegative(),
  hash: HEX,
  bytes: z.int().positive(),
  sha256: z.string(),
});
const MANIFEST = z.strictObject({
  format: z.literal(2),
  chainId: z.int().positive(),
  genesisTimestamp: z.int().nonnegative(),
  genesisHash: HEX,
  snapshots: z.array(SNAPSHOT).max(2),
});
const SEALED = z.strictObject({ sha256: z.string(), manifest: z.unknown() });

/** A snapshot: all accounts at `block`, with the file's size and checksum. */
export type SnapshotEntry = Readonly<z.infer<typeof SNAPSHOT>>;

/** What the chain's directory holds beside the archive of blocks: snapshots, oldest first. Times in unix seconds. */
export type ChainManifest = Readonly<z.infer<typeof MANIFEST>>;

export function snapshotFile(block: number): string {
  return `state-${block}.rlp.gz`;
}

/**
 * Reads the manifest; null when the directory holds no chain yet.
 *
 * @throws ChainStateDamagedError when it is damaged, or missing though a chain's files are there
 */
export function readManifest(directory: string): ChainManifest | null {
  const path = join(directory, MANIFEST_FILE);
  if (!existsSync(path)) {
    refuseOrphans(directory, path);
    return null;
  }
  return manifestOf(readFileSync(path, "utf8"), path);
}

/**
 * The manifest that a file at `path` had as its text.
 *
 * @throws ChainStateDamagedError when it is damaged
 */
export function manifestOf(text: string, path: string): ChainManifest {
  const sealed = SEALED.safeParse(parseJson(text, path));
  if (!sealed.success || sealed.data.sha256 !== sha256(JSON.stringify(sealed.data.manifest)))
    throw new ChainStateDamagedError({ file: path, problem: "does not match its checksum" });
  const manifest = MANIFEST.safeParse(sealed.data.manifest);
  if (!manifest.success)
    throw new ChainStateDamagedError({
      file: path,
      problem: "is of another format than this version reads",
      cause: manifest.error,
    });
  return manifest.data;
}

/** Replaces the manifest; a power cut leaves the old one or the new one. */
export function writeManifest(directory: string, manifest: ChainManifest): void {
  const sealed = { sha256: sha256(JSON.stringify(manifest)), manifest };
  writeFileAside(join(directory, MANIFEST_FILE), Buffer.from(`${JSON.stringify(sealed)}\n`));
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A first start that was cut off leaves an archive of block 0 at most and no manifest: nothing of a chain is lost. */
function refuseOrphans(directory: string, manifestPath: string): void {
  const orphans = readdirSync(directory).filter((name) => STATE_FILE_PATTERN.test(name));
  const isFirstStartCutOff =
    orphans.length === 1 && orphans[0] === FIRST_FILE && countBlocks(segmentPath(directory, 0)) <= 1;
  if (orphans.length > 0 && !isFirstStartCutOff)
    throw new ChainStateDamagedError({
      file: manifestPath,
      problem: `is missing, though ${orphans.sort().join(", ")} ${orphans.length === 1 ? "is" : "are"} there`,
    });
}

function countBlocks(path: string): number {
  let count = 0;
  scanSegmentFile(path, () => {
    count += 1;
  });
  return count;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ChainStateDamagedError({ file: path, problem: "can't be read", cause });
  }
}
