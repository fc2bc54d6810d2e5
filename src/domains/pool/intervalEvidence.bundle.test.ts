import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";

/** The page's worker that checks an interval, as `dashboard` bundles it for a browser. */
const WORKER = fileURLToPath(new URL("../../../dashboard/src/pool/check/check.worker.ts", import.meta.url));

it("the check of an interval runs in a browser: no node module, no bytecode, no sender, no schema library, no client of everything", async () => {
  const { metafile, errors } = await build({
    entryPoints: [WORKER],
    platform: "browser",
    format: "esm",
    bundle: true,
    loader: { ".wasm": "empty" },
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  expect(errors).toEqual([]);
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output!.inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  expect(inputs.some((path) => path.endsWith("src/domains/pool/check/moneyChecks.ts"))).toBe(true);
  const foreign =
    /bytecode\.generated|chain\/(sender|network|anvil|deployment)|node_modules\/zod|clients\/decorators|^node:/;
  expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
});
