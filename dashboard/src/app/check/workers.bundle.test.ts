import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";

/** The pages' workers that check, as `dashboard` bundles them for a browser, each with a rule that it must have. */
const WORKERS = [
  ["pool/check/check.worker.ts", "src/domains/pool/check/moneyChecks.ts"],
  ["charging/check/period.check.worker.ts", "src/domains/charging/check/paymentChecks.ts"],
] as const;

it.each(WORKERS)(
  "%s runs in a browser: no node module, no bytecode, no sender, no schema library, no client of everything",
  async (worker, rule) => {
    const { metafile, errors } = await build({
      entryPoints: [fileURLToPath(new URL(`../../${worker}`, import.meta.url))],
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
    expect(inputs.some((path) => path.endsWith(rule))).toBe(true);
    const foreign =
      /bytecode\.generated|chain\/(sender|network|anvil|deployment)|node_modules\/zod|clients\/decorators|^node:/;
    expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
  },
);
