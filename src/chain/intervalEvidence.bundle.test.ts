import { build } from "esbuild";
import { expect, it } from "vitest";

/** What the page's worker imports to check an interval, as `dashboard` bundles it for a browser. */
const ENTRY = `
  export { intervalEvidenceFromChain } from "#chain/intervalEvidence.ts";
  export { changeOneByte } from "#evidence/changeOneByte.ts";
  export { checkInterval } from "#evidence/intervalCheck.ts";
  export { compareEvidence, mergeEvidence } from "#evidence/mergeEvidence.ts";
  export { readIntervalEvidence } from "#evidence/readIntervalEvidence.ts";
`;

it("the check of an interval runs in a browser: no node module, no bytecode, no sender, no schema library", async () => {
  const { metafile, errors } = await build({
    stdin: { contents: ENTRY, resolveDir: import.meta.dirname, loader: "ts" },
    platform: "browser",
    format: "esm",
    bundle: true,
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
  expect(inputs.some((path) => path.endsWith("src/evidence/moneyChecks.ts"))).toBe(true);
  const foreign = /bytecode\.generated|chain\/(sender|network|anvil|deployment)|node_modules\/zod|^node:/;
  expect(inputs.filter((path) => foreign.test(path))).toEqual([]);
});
