import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of the markets that tests of this run have recorded for one another. */
    readonly recordedMarkets: string;
  }
}

/** A folder for what tests record for one another; it ends with them. */
export default function recordedMarkets({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "commonwatt-recorded-"));
  provide("recordedMarkets", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
