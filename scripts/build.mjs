// Bundles the command line into dist/commonwatt.js. Packages stay outside: PGlite and HiGHS carry WebAssembly, anvil a
// binary. `#folder/file.ts` imports are resolved by package.json's "imports". Beside it an empty database is put, so that
// a first start need not make one.
import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
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

const database = await PGlite.create();
const dump = await database.dumpDataDir("gzip");
await database.close();
writeFileSync(join(root, "dist/emptyDatabase.tar.gz"), Buffer.from(await dump.arrayBuffer()));
