import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The script of the npm package that starts forge. */
export function forgeBinary() {
  const manifest = createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json");
  return join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.forge);
}
