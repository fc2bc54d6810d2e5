import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lends `work` an empty directory, which is gone afterwards, also when the bench is interrupted. */
export async function withTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-bench-"));
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.once("exit", remove);
  try {
    return await work(directory);
  } finally {
    process.removeListener("exit", remove);
    remove();
  }
}
