import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/**
 * Builds the program once before all tests, since the end-to-end tests run it as a user does. When it can't be
 * built they must not run an older one; tests of other parts go on.
 */
export default function buildProgram(): void {
  const { status } = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
  if (status === 0) return;
  for (const file of ["dist/commonwatt.js", "dist/auditWorker.js"]) rmSync(file, { force: true });
}
