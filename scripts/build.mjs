// Bundles the command line into dist/commonwatt.js. Packages stay outside: PGlite and HiGHS carry WebAssembly, anvil a
// binary. `#folder/file.ts` imports are resolved by package.json's "imports".
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = join(root, "dist/commonwatt.js");

await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
  banner: { js: "#!/usr/bin/env node" },
});
chmodSync(outfile, 0o755);
