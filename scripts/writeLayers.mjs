// Writes the linter's rules on imports and on the length of functions into biome.json, from the table of levels in layers.json.
// `--check` writes nothing and fails when biome.json is not what the table says, or when an import goes up or sideways.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findImportsUp } from "./importLevels.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const layers = JSON.parse(readFileSync(join(root, "scripts/layers.json"), "utf8"));
const path = join(root, "biome.json");
const text = readFileSync(path, "utf8");
const biome = JSON.parse(text);
biome.linter.rules = {
  ...biome.linter.rules,
  suspicious: { ...biome.linter.rules.suspicious, noImportCycles: cycleRule() },
  complexity: { noExcessiveLinesPerFunction: lengthRule() },
};
biome.overrides = [
  ...layers.levels.slice(0, -1).map(levelRule),
  ...layers.pure.folders.map((folder) => restrict(folder, layers.pure)),
  ...layers.browser.folders.map((folder) => restrict(folder, layers.browser)),
  answersRule(),
  {
    includes: ["**/*.test.ts", "**/*.fixture.ts", "test/**", "bench/**", "scripts/**"],
    linter: { rules: testRules() },
  },
  ...exceptionRules(),
  ...biome.overrides.filter(({ includes }) => includes[0] === "**/*.test.ts" && includes.length === 2),
];

if (process.argv.includes("--check")) check();
else write();

/** In the linter's own format, which it asks of its file as of any other. */
function write() {
  writeFileSync(path, JSON.stringify(biome));
  const { status } = spawnSync("npx", ["biome", "format", "--write", path], { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
}

function check() {
  const faults = findImportsUp(root, layers);
  if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(biome))
    faults.push("biome.json is not what scripts/layers.json says: node scripts/writeLayers.mjs");
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
}

function cycleRule() {
  return { level: "error", options: { ignoreTypes: false } };
}

function lengthRule() {
  return { level: "error", options: { maxLines: layers.maxFunctionLines } };
}

/** Tests describe at length, and look at what is below and above them. */
function testRules() {
  return {
    complexity: { noExcessiveLinesPerFunction: "off" },
    style: { noNonNullAssertion: "off", noRestrictedImports: "off" },
  };
}

/** Files with an import that the table excuses; the check of the table itself says which one. */
function exceptionRules() {
  const files = [...new Set(layers.exceptions.map((edge) => edge.split(" -> ")[0]))];
  if (files.length === 0) return [];
  return [{ includes: files, linter: { rules: { style: { noRestrictedImports: "off" } } } }];
}

/** What a level must not import: every level above it, and those beside it. */
function levelRule(folders, level) {
  const above = layers.levels.slice(level + 1).flat();
  return {
    includes: folders.map(filesOf),
    linter: {
      rules: {
        style: {
          noRestrictedImports: forbid([
            { group: above.map(importOf), message: `imports go only to lower levels (scripts/layers.json)` },
            ...purityOf(folders[0]),
          ]),
        },
      },
    },
  };
}

function purityOf(folder) {
  const isPure = layers.pure.folders.some((pure) => folder === pure || folder.startsWith(`${pure}/`));
  return isPure ? [{ group: layers.pure.never, message: layers.pure.message }] : [];
}

function restrict(folder, { never, message }) {
  const groups = [{ group: never, message }, ...above(folder)];
  return {
    includes: [filesOf(folder), `!${folder}/**/*.test.ts`],
    linter: { rules: { style: { noRestrictedImports: forbid(groups) } } },
  };
}

/** Pages get answers, of which the type knows whether they were told; they never look into the library's queries. */
function answersRule() {
  const { folder, in: inside, library, never, message } = layers.answers;
  const patterns = [{ group: layers.browser.never, message: layers.browser.message }];
  const paths = { [library]: { importNames: never, message } };
  return {
    includes: [filesOf(folder), `!${inside}/**`, `!${folder}/**/*.test.ts`],
    linter: {
      rules: { style: { noRestrictedImports: { level: "error", options: { paths, patterns } } } },
    },
  };
}

/** A rule of a folder replaces that of its level, so it says again what is above. */
function above(folder) {
  const level = layers.levels.findIndex((folders) => folders.some((each) => folder.startsWith(`${each}/`)));
  if (level < 0) return [];
  const group = layers.levels
    .slice(level + 1)
    .flat()
    .map(importOf);
  return [{ group, message: "imports go only to lower levels (scripts/layers.json)" }];
}

function forbid(patterns) {
  return { level: "error", options: { patterns } };
}

function filesOf(folder) {
  return folder.endsWith(".ts") ? folder : `${folder}/**`;
}

function importOf(folder) {
  const name = folder.replace(/^src\//, "#");
  return name.endsWith(".ts") ? name : `${name}/**`;
}
