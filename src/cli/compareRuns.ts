import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { formatMicro } from "#kernel/units/money.ts";

/** Of the faults of one file, so many are named. */
const MOST_FAULTS = 3;

const decimal = z
  .string()
  .regex(/^-?\d+$/, "a whole number as a string")
  .transform(BigInt);

/** What a comparison reads of the JSON that `commonwatt simulate --json` writes. */
const run = z.object({
  scenario: z.string(),
  currency: z.string(),
  seed: z.number(),
  startsAt: z.string(),
  rules: z.record(z.string(), z.union([z.string(), z.number()])),
  intervals: z.object({ total: z.number(), settled: z.number(), failed: z.number() }),
  participants: z.record(z.string(), z.object({ marketBillMicro: decimal, savingMicro: decimal })),
  community: z.object({
    localShare: z.number(),
    peakImportW: z.number(),
    peakExportW: z.number(),
    clearedWh: decimal,
    welfareMicro: decimal,
    gridFeeMicro: decimal,
  }),
});
const several = z.object({ communities: z.array(run).min(1) });

/** A run with the name that it has in a comparison. */
export type NamedRun = z.output<typeof run> & { readonly name: string };

/** One figure of a run. `value` draws and orders, `text` is what people read. */
export type Figure = {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly text: string;
};

/**
 * Reads a file of `commonwatt simulate --json`; several communities are several runs.
 *
 * @throws RunFileError that names what is wrong
 */
export function parseRuns(text: string, file: string, name: string): NamedRun[] {
  const value = parseJson(text, file);
  if (typeof value !== "object" || value === null || !("communities" in value))
    return [{ ...checkedBy(run, value, file), name }];
  const { communities } = checkedBy(several, value, file);
  return communities.map((one) => ({ ...one, name: `${name}/${one.scenario}` }));
}

function checkedBy<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map(({ path, message }) => `\`${path.join(".")}\`: ${message}`);
  throw new RunFileError(file, faults.slice(0, MOST_FAULTS).join("; "));
}

/** The figures of a run, in the model's names (docs/model/bills.md). */
export function figuresOf({ community, participants, currency, intervals }: NamedRun): Figure[] {
  const homes = Object.values(participants);
  const sum = (of: (home: (typeof homes)[number]) => bigint) =>
    homes.reduce((all, home) => all + of(home), 0n);
  const least = homes.reduce<bigint | null>(
    (min, { savingMicro }) => (min === null || savingMicro < min ? savingMicro : min),
    null,
  );
  return [
    figure("intervals settled", `of ${intervals.total}`, intervals.settled, 0),
    figure("local share of imports", "%", 100 * community.localShare, 1),
    figure("traded", "kWh", Number(community.clearedWh) / 1_000, 1),
    figure("peak import", "kW", community.peakImportW / 1_000, 1),
    figure("peak export", "kW", community.peakExportW / 1_000, 1),
    money("grid fees to the DSO", currency, community.gridFeeMicro),
    money(
      "bills with market",
      currency,
      sum(({ marketBillMicro }) => marketBillMicro),
    ),
    money(
      "saved by all homes",
      currency,
      sum(({ savingMicro }) => savingMicro),
    ),
    money("least saving of a home", currency, least ?? 0n),
    money("welfare", currency, community.welfareMicro),
  ];
}

/** What runs differ in besides their rules, for people; a comparison of the rules alone has none. */
export function otherDifferences(list: readonly NamedRun[]): string[] {
  const aspects: readonly [string, (one: NamedRun) => string | number][] = [
    ["scenario", ({ scenario }) => scenario],
    ["seed", ({ seed }) => seed],
    ["start", ({ startsAt }) => startsAt],
    ["number of intervals", ({ intervals }) => intervals.total],
    ["currency", ({ currency }) => currency],
  ];
  return aspects.filter(([, of]) => new Set(list.map(of)).size > 1).map(([name]) => name);
}

/** Rules that are not the same in all runs. */
export function changedRules(list: readonly NamedRun[]): string[] {
  const names = new Set(list.flatMap(({ rules }) => Object.keys(rules)));
  return [...names].filter((name) => new Set(list.map(({ rules }) => rules[name])).size > 1);
}

function figure(label: string, unit: string, value: number, decimals: number): Figure {
  return { label, unit, value, text: value.toFixed(decimals) };
}

function money(label: string, currency: string, micro: bigint): Figure {
  return { label, unit: currency, value: Number(micro) / 1e6, text: formatMicro(micro, 2) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RunFileError(file, "it is not JSON", { cause });
  }
}

/** A file that is no run of `commonwatt simulate --json`. */
export class RunFileError extends DomainError {
  readonly code = "runFile";

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file} is not what \`commonwatt simulate --json\` writes: ${reason}`, options);
  }
}
