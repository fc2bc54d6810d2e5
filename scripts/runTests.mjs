// Runs every suite and closes with one line over all of them: `N passed, N failed`, `N skipped` added where there are any.
// Checks of the source share the machine's cores; contracts and TypeScript have them for themselves.
// `--deep` runs the fuzz and invariant suites at depth.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeBinary } from "./forgeBinary.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isDeep = process.argv.includes("--deep");
const scratch = mkdtempSync(join(tmpdir(), "commonwatt-tests-"));
const node = process.execPath;
const TSC = join("node_modules", "typescript", "bin", "tsc");

const CHECKS_AT_ONCE = 2;
const checks = [
  { name: "types", run: () => check([TSC, "--noEmit"]) },
  { name: "types of the dashboard", run: () => check([TSC, "--noEmit", "-p", "dashboard"]) },
  {
    name: "style and layers",
    run: () => check([join("node_modules", "@biomejs", "biome", "bin", "biome"), "check", "."]),
  },
  { name: "levels", run: () => check(["scripts/writeLayers.mjs", "--check"]) },
  {
    name: "unused code",
    run: () => check([join("node_modules", "knip", "bin", "knip.js"), "--no-progress"]),
  },
  { name: "contracts: generated interfaces", run: () => check(["scripts/compileContracts.mjs", "--check"]) },
  { name: "contracts: format", run: () => check([forgeBinary(), "fmt", "--check"]) },
];
const suites = [
  { name: "contracts", run: runForge },
  { name: "TypeScript", run: runVitest },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const waiting = [...checks];
await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, runWaiting));
for (const { name, run } of suites) {
  console.log(`\n== ${name}`);
  count(name, await run());
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${describe(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runWaiting() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    count(next.name, await next.run());
}

function count(name, result) {
  console.log(`== ${name}: ${describe(result)}`);
  for (const key of Object.keys(total)) total[key] += result[key];
}

/** A suite of one check, which passes when the program ends with 0; else what it said is shown. */
async function check(args) {
  const { status, output } = await program(args, { capture: true });
  if (status !== 0) console.log(output);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

async function runForge() {
  const { status, output } = await program([forgeBinary(), "test", "--json"], {
    capture: true,
    env: isDeep ? { FOUNDRY_PROFILE: "deep" } : {},
  });
  const suitesByName = parseLastLine(output);
  const results = Object.entries(suitesByName).flatMap(([suite, { test_results: tests }]) =>
    Object.entries(tests).map(([test, result]) => ({ suite, test, ...result })),
  );
  for (const { suite, test, reason } of results.filter(({ status: s }) => s === "Failure"))
    console.log(`FAILED ${suite} ${test}: ${reason ?? "no reason given"}`);
  const countOf = (wanted) => results.filter((result) => result.status === wanted).length;
  const failed = countOf("Failure");
  if (status !== 0 && failed === 0) console.log(output.slice(-4_000));
  return {
    passed: countOf("Success"),
    failed: failed || (status === 0 && results.length > 0 ? 0 : 1),
    skipped: countOf("Skipped"),
  };
}

function parseLastLine(output) {
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  try {
    return JSON.parse(line ?? "{}");
  } catch {
    return {};
  }
}

async function runVitest() {
  const report = join(scratch, "vitest.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = await program([join("node_modules", "vitest", "vitest.mjs"), ...args], {
    env: isDeep ? { COMMONWATT_DEEP: "1" } : {},
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    const failed = numFailedTests || (status === 0 ? 0 : Math.max(1, numFailedTestSuites));
    return { passed: numPassedTests, failed, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function program(args, { capture = false, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: root,
      env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1", ...env },
      stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("close", (status) => resolve({ status, output }));
  });
}

function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
