import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { MANIFEST_FILE, manifestOf } from "#platform/chain/embedded/chainStateManifest.ts";
import { type OpenedFile, openForBundle } from "#platform/system/fileBundle.ts";

/** Where an embedded chain lies in a network's folder. */
export const CHAIN = "chain";
const MANIFEST = `${CHAIN}/${MANIFEST_FILE}`;
/** What belongs to the process that runs, or follows from other files, as the database does. All other files are in a backup, whatever field keeps them. */
const LEFT_OUT = [
  /^database\//,
  /(^|\/)[^/]*\.(lock|pid|log|tmp|making)$/,
  /^running$/,
  /^chain\/(blocks-\d+\.index|state-.*|manifest\.json)$/,
];
/** A snapshot that was opened stays readable when a newer one takes its place; one that was only named may be gone. */
const MOST_TRIES = 5;

/**
 * Opens the files of a network's folder while its community runs. What is opened is a whole state of the network: snapshots first,
 * then the blocks, which go at least as far, then readings and orders, which are on the disk before the chain has their roots.
 */
export async function openBackedFiles(folder: string): Promise<OpenedFile[]> {
  const opened: OpenedFile[] = [];
  try {
    if (existsSync(join(folder, MANIFEST))) opened.push(...(await openSnapshots(folder)));
    for (const name of growingFiles(folder)) opened.push(await openForBundle(folder, name));
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

export async function closeAll(files: readonly OpenedFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}

/** The chain's manifest with the snapshots that it names. */
async function openSnapshots(folder: string): Promise<OpenedFile[]> {
  for (let tries = 1; ; tries += 1) {
    const opened: OpenedFile[] = [];
    try {
      const manifest = await openForBundle(folder, MANIFEST);
      opened.push(manifest);
      const { buffer } = await manifest.handle.read(Buffer.alloc(manifest.bytes), 0, manifest.bytes, 0);
      for (const { file } of manifestOf(buffer.toString("utf8"), join(folder, MANIFEST)).snapshots)
        opened.push(await openForBundle(folder, `${CHAIN}/${file}`));
      return opened;
    } catch (error) {
      await closeAll(opened);
      if (tries === MOST_TRIES || !isGone(error)) throw error;
    }
  }
}

/** Names of files that only grow, or are replaced as a whole; the chain's first. */
function growingFiles(folder: string): string[] {
  const names = filesIn(folder).filter((name) => !LEFT_OUT.some((pattern) => pattern.test(name)));
  const isOfChain = (name: string) => name.startsWith(`${CHAIN}/`);
  return [...names.filter(isOfChain), ...names.filter((name) => !isOfChain(name))];
}

/** Names of all files below a folder, with slashes. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
