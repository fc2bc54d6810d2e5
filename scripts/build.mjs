// Bundles the command line into dist/commonwatt.js, and the audit's worker threads into dist/auditWorker.js. Packages stay outside,
// since PGlite and HiGHS carry WebAssembly and anvil a binary, but for those of many small files, which take a program that starts
// most of its time. `#folder/file.ts` imports are resolved by package.json's "imports". Beside it stand the dashboard, each file also
// compressed, and an empty database, so that a first start need not make one.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import { build } from "esbuild";
import { build as buildPages } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = join(root, "dist/commonwatt.js");
/** Hundreds of files each, of which the program needs a part; what they need themselves comes in their own version. */
const BUNDLED = ["viem", "@noble/"];
const COMPRESSED = new Set([".html", ".js", ".css", ".svg"]);

// Whoever builds, a test run too, builds what is delivered: React without its checks for development.
process.env.NODE_ENV = "production";

await build({
  absWorkingDir: root,
  entryPoints: { commonwatt: "src/main.ts", auditWorker: "src/domains/auditWorker.ts" },
  outdir: join(root, "dist"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  external: packagesOutside(),
  sourcemap: true,
  logLevel: "warning",
  banner: { js: "#!/usr/bin/env node" },
});
chmodSync(outfile, 0o755);

await buildPages({ configFile: join(root, "dashboard/vite.config.ts"), logLevel: "warn" });
compress(join(root, "dist/dashboard"));

const database = await PGlite.create();
const dump = await database.dumpDataDir("gzip");
await database.close();
writeFileSync(join(root, "dist/emptyDatabase.tar.gz"), Buffer.from(await dump.arrayBuffer()));

/** Each package by its name and by the names of its parts. */
function packagesOutside() {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.keys(dependencies)
    .filter((name) => !BUNDLED.some((start) => name.startsWith(start)))
    .flatMap((name) => [name, `${name}/*`]);
}

function compress(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !COMPRESSED.has(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}
