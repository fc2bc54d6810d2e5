import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAside } from "#platform/system/writeFileAside.ts";

/** Holds the JSON-RPC address of a network's chain while a process runs it. */
export const RUNNING_FILE = "running";

/** Says where the chain of a network answers; gives back the function that takes it away again. */
export function announceRunning(folder: string, rpcUrl: string): () => void {
  const path = join(folder, RUNNING_FILE);
  writeFileAside(path, Buffer.from(`${rpcUrl}\n`));
  return () => rmSync(path, { force: true });
}
