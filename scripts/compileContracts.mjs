// Compiles the contracts with forge and writes their interfaces and bytecode to src/chain/contracts.generated.ts, which
// is kept in git: a user who starts Commonwatt needs no compiler. `--check` fails when the file is not up to date.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeBinary } from "./forgeBinary.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "src/chain/contracts.generated.ts");
const CONTRACTS = [
  ["TestToken", "TestToken.sol"],
  ["ParticipantRegistry", "ParticipantRegistry.sol"],
  ["ClearingHouse", "ClearingHouse.sol"],
  ["MeterLedger", "MeterLedger.sol"],
  ["PoolAreaLib", "PoolAreaLib.sol"],
  ["PoolSettlementLib", "PoolSettlementLib.sol"],
  ["PoolMarket", "PoolMarket.sol"],
];

compile();
const generated = `${header()}${CONTRACTS.map(declare).join("\n")}`;
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== generated) {
    console.error("src/chain/contracts.generated.ts is not what the contracts compile to: npm run contracts");
    process.exit(1);
  }
} else writeFileSync(target, generated);

function compile() {
  const result = spawnSync(process.execPath, [forgeBinary(), "build", "--skip", "test", "--quiet"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function header() {
  return "// Written by scripts/compileContracts.mjs from contracts/src. Don't edit.\n\n";
}

function declare([name, file]) {
  const artifact = JSON.parse(readFileSync(join(root, "contracts/out", file, `${name}.json`), "utf8"));
  const links = Object.values(artifact.bytecode.linkReferences ?? {}).flatMap((names) =>
    Object.entries(names).map(([library, places]) => [library, places.map((place) => place.start)]),
  );
  // Events that a library emits in the market's name belong to the market's interface.
  const events = links.flatMap(([library]) => interfaceOf(library).filter((item) => item.type === "event"));
  const errors = name === "PoolMarket" ? errorsOf(artifact.abi) : [];
  const abi = dedupe([...artifact.abi, ...events, ...errors]);
  return [
    `export const ${name[0].toLowerCase()}${name.slice(1)}Contract = {`,
    `  abi: ${JSON.stringify(abi)},`,
    `  bytecode: ${JSON.stringify(artifact.bytecode.object)},`,
    `  links: ${JSON.stringify(Object.fromEntries(links))},`,
    "} as const;\n",
  ].join("\n");
}

/** A call may revert with an error of a contract behind it, so the market's interface knows them all. */
function errorsOf(own) {
  const others = CONTRACTS.flatMap(([name]) => interfaceOf(name)).filter((item) => item.type === "error");
  return others.filter((item) => !own.some((mine) => mine.type === "error" && mine.name === item.name));
}

function interfaceOf(name) {
  return JSON.parse(readFileSync(join(root, `contracts/out/${name}.sol/${name}.json`), "utf8")).abi;
}

function dedupe(abi) {
  const seen = new Set();
  return abi.filter((item) => {
    const key = `${item.type} ${item.name} ${JSON.stringify(item.inputs ?? [])}`;
    return !seen.has(key) && seen.add(key);
  });
}
