import { parseArgs } from "node:util";
import { benchAudit } from "./audit.ts";
import { benchClearing } from "./clearing.ts";
import { benchDashboard } from "./dashboard.ts";
import { benchGas } from "./gas.ts";
import { benchImport } from "./import.ts";
import { benchLearning } from "./learning.ts";
import { benchMeters } from "./meters.ts";
import { benchOcpp } from "./ocpp.ts";
import { benchQuota } from "./quota.ts";
import type { BenchRow } from "./row.ts";
import { benchScale } from "./scale.ts";
import { benchSettlement } from "./settlement.ts";
import { benchSignatures } from "./signatures.ts";
import { benchSimulation } from "./simulation.ts";
import { benchStart } from "./start.ts";
import { benchYear } from "./year.ts";

type Rows = Iterable<BenchRow> | AsyncIterable<BenchRow> | Promise<Iterable<BenchRow>>;

/** Chooses by name: `npm run -s bench -- clearing gas`; `year --days 20` runs so many days. Prints a JSON line a row, and all else on standard error. */
const BENCHES: ReadonlyMap<string, () => Rows> = new Map<string, () => Rows>([
  ["clearing", benchClearing],
  ["gas", benchGas],
  ["settlement", benchSettlement],
  ["signatures", benchSignatures],
  ["audit", benchAudit],
  ["start", benchStart],
  ["simulation", benchSimulation],
  ["dashboard", benchDashboard],
  ["scale", benchScale],
  ["quota", benchQuota],
  ["ocpp", benchOcpp],
  ["import", benchImport],
  ["learning", benchLearning],
  ["meters", benchMeters],
  ["year", () => benchYear(days)],
]);
/** Takes hours: only when it is named. */
const ONLY_WHEN_NAMED: ReadonlySet<string> = new Set(["year"]);

const WRONG_USAGE = 2;

// Chains and programs that a bench started end with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const { values, positionals: named } = parseArgs({
  options: { days: { type: "string" } },
  allowPositionals: true,
});
const days = values.days === undefined ? undefined : Number(values.days);
const unknown = named.filter((name) => !BENCHES.has(name));
if (days !== undefined && !(Number.isInteger(days) && days > 0)) {
  console.error(`bench: --days ${values.days} is not a whole number of days above 0`);
  process.exit(WRONG_USAGE);
}
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(", ")}; choose of ${[...BENCHES.keys()].join(", ")}`);
  process.exit(WRONG_USAGE);
}
for (const [name, bench] of BENCHES) {
  if (named.length > 0 ? !named.includes(name) : ONLY_WHEN_NAMED.has(name)) continue;
  for await (const row of await bench()) console.log(JSON.stringify(row));
}
