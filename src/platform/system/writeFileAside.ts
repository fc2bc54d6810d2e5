import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const ANYBODY = 0o666;

/**
 * Replaces the file at `path` by `bytes` so that a power cut leaves the old content or the new, never a mixture: written
 * beside as `<path>.tmp`, fsynced, renamed, and the directory fsynced. One writer a path; throws what the file system says.
 *
 * @param mode who may read and write it, less what the process's mask takes away
 */
export function writeFileAside(path: string, bytes: Uint8Array, mode = ANYBODY): void {
  const aside = `${path}.tmp`;
  try {
    writeAndSync(aside, bytes, mode);
    renameSync(aside, path);
  } catch (cause) {
    rmSync(aside, { force: true });
    throw cause;
  }
  syncDirectory(dirname(path));
}

/** Makes the names in a directory durable: files created, renamed or removed. Windows has no such call and needs none. */
export function syncDirectory(directory: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeAndSync(path: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, "w", mode);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
