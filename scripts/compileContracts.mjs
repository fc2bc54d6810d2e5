// Compiles the contracts with forge and writes, for each folder of contracts/src that is a domain's, the interfaces of its contracts
// to src/domains/<domain>/contracts.generated.ts and their bytecode, which only a deployment needs, to bytecode.generated.ts beside
// it. Both are kept in git: a user who starts Commonwatt needs no compiler. `--check` fails when one is not up to date.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeBinary } from "./forgeBinary.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "contracts/src");

compile();
const contracts = deployableContracts();
const errors = contracts.flatMap(({ artifact }) => artifact.abi.filter((item) => item.type === "error"));
for (const domain of new Set(contracts.map((contract) => contract.domain))) {
  const own = contracts.filter((contract) => contract.domain === domain);
  write(`src/domains/${domain}/contracts.generated.ts`, own.map(declareInterface));
  write(`src/domains/${domain}/bytecode.generated.ts`, own.map(declareBytecode));
}

function compile() {
  const result = spawnSync(process.execPath, [forgeBinary(), "build", "--skip", "test", "--quiet"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** All contracts that stand at an address of their own, and the libraries that are linked into them. */
function deployableContracts() {
  const compiled = readdirSync(sources, { recursive: true })
    .filter((path) => path.endsWith(".sol"))
    .sort()
    .map((path) => ({ name: basename(path, ".sol"), domain: domainOf(path), artifact: artifactOf(path) }))
    .filter(({ domain, artifact }) => domain !== null && artifact?.bytecode.object.length > 2);
  const linked = new Set(
    compiled.flatMap(({ artifact }) => linksOf(artifact.bytecode)).map(([name]) => name),
  );
  return compiled.filter(({ name, artifact }) => linked.has(name) || hasFunction(artifact));
}

/** A library of internal functions alone has none; one that works on its caller's storage shows none. */
function hasFunction(artifact) {
  return artifact.abi.some((item) => item.type === "function");
}

/** The domain whose contracts stand in a folder of the same name; null for a folder that is no domain's. */
function domainOf(path) {
  const [folder] = relative(".", path).split(sep);
  return existsSync(join(root, "src/domains", folder)) ? folder : null;
}

function write(file, declarations) {
  const header = "// Written by scripts/compileContracts.mjs from contracts/src. Don't edit.\n\n";
  const generated = header + declarations.join("\n");
  if (!process.argv.includes("--check")) return writeFileSync(join(root, file), generated);
  if (existsSync(join(root, file)) && readFileSync(join(root, file), "utf8") === generated) return;
  console.error(`${file} is not what the contracts compile to: npm run contracts`);
  process.exit(1);
}

function declareInterface({ name, artifact: { abi: own, bytecode } }) {
  // Events that a library emits in a contract's name belong to the contract's interface.
  const events = linksOf(bytecode).flatMap(([library]) =>
    contracts
      .find((contract) => contract.name === library)
      .artifact.abi.filter((item) => item.type === "event"),
  );
  // A call may revert with an error of a contract behind it, so each interface knows them all.
  const abi = dedupe([...own, ...events, ...errors]);
  return `export const ${camelCase(name)}Contract = {\n  abi: ${JSON.stringify(abi)},\n} as const;\n`;
}

function declareBytecode({ name, artifact: { bytecode } }) {
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

/** What the compiler made of a source; null when the file declares no contract of its own name. */
function artifactOf(path) {
  const name = basename(path, ".sol");
  const file = join(root, `contracts/out/${basename(path)}/${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

function dedupe(abi) {
  const seen = new Set();
  return abi.filter((item) => {
    const key = `${item.type} ${item.name} ${JSON.stringify(item.inputs ?? [])}`;
    return !seen.has(key) && seen.add(key);
  });
}
