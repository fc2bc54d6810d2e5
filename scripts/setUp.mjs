// Brings a checkout to where it runs, with nothing but Node and npm: installs when the lock file changed, builds when a
// source changed. Without dependencies, since it runs before there are any. `--quiet` says only what goes wrong.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamps = join(root, "node_modules", ".commonwatt-setup");
const OLDEST_NODE = [20, 19];

requireNode();
step("install", ["package.json", "package-lock.json"], () => {
  say("installing packages (once, about a minute)");
  run(process.platform === "win32" ? "npm.cmd" : "npm", [
    "install",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ]);
});
step("build", ["package-lock.json", "src", "dashboard", "scripts/build.mjs"], () => {
  say("building");
  run(process.execPath, ["scripts/build.mjs"]);
});

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  console.error(`Commonwatt needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node}`);
  process.exit(1);
}

/** Does `work` unless it was done for the same content of `inputs`. */
function step(name, inputs, work) {
  const stamp = join(stamps, name);
  const hash = hashOf(inputs);
  const isDone = existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (isDone && (name !== "build" || existsSync(join(root, "dist/commonwatt.js")))) return;
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, hashOf(inputs));
}

function hashOf(inputs) {
  const hash = createHash("sha256");
  for (const path of inputs.flatMap((input) => filesOf(input)).sort()) {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full).flatMap((name) => filesOf(`${path}/${name}`));
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", process.argv.includes("--quiet") ? "ignore" : 2, "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function say(sentence) {
  if (!process.argv.includes("--quiet")) console.error(`commonwatt: ${sentence}`);
}
