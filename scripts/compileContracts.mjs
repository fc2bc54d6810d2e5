// Compiles the contracts with forge and writes their interfaces to src/platform/chain/contracts.generated.ts and their bytecode, which
// only a deployment needs, to src/platform/chain/bytecode.generated.ts. Both are kept in git: a user who starts Commonwatt needs no
// compiler. `--check` fails when one of them is not up to date.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeBinary } from "./forgeBinary.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const CONTRACTS = [
  "TestToken",
  "ParticipantRegistry",
  "ClearingHouse",
  "MeterLedger",
  "PoolAreaLib",
  "PoolSettlementLib",
  "PoolMarket",
];

compile();
write("src/platform/chain/contracts.generated.ts", CONTRACTS.map(declareInterface));
write("src/platform/chain/bytecode.generated.ts", CONTRACTS.map(declareBytecode));

function compile() {
  const result = spawnSync(process.execPath, [forgeBinary(), "build", "--skip", "test", "--quiet"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function write(file, declarations) {
  const header = "// Written by scripts/compileContracts.mjs from contracts/src. Don't edit.\n\n";
  const generated = header + declarations.join("\n");
  if (!process.argv.includes("--check")) return writeFileSync(join(root, file), generated);
  if (readFileSync(join(root, file), "utf8") === generated) return;
  console.error(`${file} is not what the contracts compile to: npm run contracts`);
  process.exit(1);
}

function declareInterface(name) {
  const { abi: own, bytecode } = artifactOf(name);
  // Events that a library emits in the market's name belong to the market's interface.
  const events = linksOf(bytecode).flatMap(([library]) =>
    artifactOf(library).abi.filter((item) => item.type === "event"),
  );
  const errors = name === "PoolMarket" ? errorsOf(own) : [];
  const abi = dedupe([...own, ...events, ...errors]);
  return `export const ${camelCase(name)}Contract = {\n  abi: ${JSON.stringify(abi)},\n} as const;\n`;
}

function declareBytecode(name) {
  const { bytecode } = artifactOf(name);
  return [
    `export const ${camelCase(name)}Bytecode = {`,
    `  bytecode: ${JSON.stringify(bytecode.object)},`,
    `  links: ${JSON.stringify(Object.fromEntries(linksOf(bytecode)))},`,
    "} as const;\n",
  ].join("\n");
}

/** Libraries that the deployment links in, with the byte offsets of their addresses. */
function linksOf({ linkReferences = {} }) {
  return Object.values(linkReferences).flatMap((names) =>
    Object.entries(names).map(([library, places]) => [library, places.map((place) => place.start)]),
  );
}

function camelCase(name) {
  return name[0].toLowerCase() + name.slice(1);
}

/** A call may revert with an error of a contract behind it, so the market's interface knows them all. */
function errorsOf(own) {
  const others = CONTRACTS.flatMap((name) => artifactOf(name).abi).filter((item) => item.type === "error");
  return others.filter((item) => !own.some((mine) => mine.type === "error" && mine.name === item.name));
}

function artifactOf(name) {
  return JSON.parse(readFileSync(join(root, `contracts/out/${name}.sol/${name}.json`), "utf8"));
}

function dedupe(abi) {
  const seen = new Set();
  return abi.filter((item) => {
    const key = `${item.type} ${item.name} ${JSON.stringify(item.inputs ?? [])}`;
    return !seen.has(key) && seen.add(key);
  });
}
