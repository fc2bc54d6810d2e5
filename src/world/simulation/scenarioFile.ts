import { parse } from "yaml";
import { z } from "zod";
import { PRICINGS } from "#kernel/auction/order.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { BIDDERS } from "#world/households/home.ts";

/** Homes of one community: the numbers and the arrays of the run stay small below this. */
const MAX_HOMES = 100_000;
const MAX_INTERVAL_MINUTES = 1_440;
const MAX_DAYS = 36_600;
/** Communities of one process: each has all roles. */
const MAX_COMMUNITIES = 16;
const MAX_ID_LENGTH = 64;
/** A house connection of three phases, fused at 25 A, 230 V each: the usual one where a file names none, W. */
export const STANDARD_CONNECTION_W = 17_250;

const wholeWh = z.int().min(0).max(1_000_000_000).describe("Wh");
const powerW = z.int().min(1).max(100_000_000).describe("W");
const price = z.int().min(-2_147_483_648).max(2_147_483_647).describe("micro per kWh");
const share = z.number().min(0).max(1).describe("a share, 0 … 1");
const minutes = z.int().min(0).max(MAX_INTERVAL_MINUTES).describe("minutes");

const battery = z.strictObject({
  capacityWh: wholeWh.min(1),
  powerW,
  roundTripEfficiency: z.number().min(0.01).max(1).default(0.9).describe("a share, 0.01 … 1"),
  wearMicroPerKwh: price.min(0).default(20_000),
  initialShare: share.default(0.2),
});

const attitude = z
  .strictObject({ reach: share, adaptation: share, reserveShare: share, bidder: z.enum(BIDDERS) })
  .partial()
  .default({});

const syntheticHome = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/, "letters, digits, dots, dashes and underscores only")
    .max(MAX_ID_LENGTH),
  name: z.string().min(1).optional(),
  connectionW: powerW.default(STANDARD_CONNECTION_W),
  kwhPerYear: z.number().min(0).max(1_000_000).describe("kWh per year"),
  shiftHours: z.number().min(-12).max(12).default(0).describe("hours"),
  pv: z
    .strictObject({
      peakW: powerW,
      tiltDeg: z.number().min(0).max(90).default(35).describe("degrees"),
      azimuthDeg: z.number().min(0).max(360).default(180).describe("degrees, 180 = south"),
    })
    .nullable()
    .default(null),
  battery: battery.nullable().default(null),
  vehicle: z
    .strictObject({ whPerDay: wholeWh, chargerW: powerW.default(3_700) })
    .nullable()
    .default(null),
  attitude,
});

const drawnHomes = z.strictObject({
  count: z.int().min(1).max(MAX_HOMES),
  pvShare: share.default(0.4),
  batteryShare: share.default(0.25),
  vehicleShare: share.default(0.1),
});

const synthetic = z.strictObject({
  place: z.strictObject({
    latitudeDeg: z.number().min(-90).max(90).describe("degrees north"),
    longitudeDeg: z.number().min(-180).max(180).describe("degrees east"),
  }),
  cloudCover: share.default(0.5),
  homes: z.union([z.array(syntheticHome).min(1).max(MAX_HOMES), drawnHomes]),
});

const recorded = z.strictObject({
  connectionW: powerW.default(STANDARD_CONNECTION_W),
  pv: z
    .strictObject({ everyNthHome: z.int().min(1).default(2), leastW: powerW, mostW: powerW })
    .nullable()
    .default(null),
  battery: z
    .strictObject({ everyNthHome: z.int().min(1).default(4), ...battery.shape })
    .nullable()
    .default(null),
  vehicleChargerW: powerW.default(11_000),
  longestInterpolationMinutes: minutes.default(120),
});

const market = z.strictObject({
  pricing: z.enum(PRICINGS).default("midpoint"),
  gateClosureMinutes: minutes.default(5),
  penaltyPermille: z.int().min(1_000).max(1_000_000).default(1_000).describe("thousandths"),
  gridFeeMicroPerKwh: price.min(0).default(0),
  floorMicroPerKwh: price.optional(),
  ceilingMicroPerKwh: price.optional(),
  upstreamPriceMicroPerKwh: price.optional(),
  surplusPriceMicroPerKwh: price.optional(),
});

const retailParts = z.strictObject({ gridFeeMicroPerKwh: price.min(0), leviesMicroPerKwh: price.min(0) });

/** What a file says of any community, whatever market it has. */
export const settingFields = {
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  seed: z.int().min(0).max(4_294_967_295).default(1),
  timeZone: z.string().default("UTC"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "three capital letters (ISO 4217)")
    .default("EUR"),
  startsAt: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, "a local time such as 2025-05-12T09:00")
    .optional(),
  intervalMinutes: z.int().min(1).max(MAX_INTERVAL_MINUTES).optional().describe("minutes"),
} as const;

const scenarioSchema = z
  .strictObject({
    ...settingFields,
    days: z.number().positive().max(MAX_DAYS).optional().describe("days"),
    forecast: z.enum(["learned", "perfect"]).default("learned"),
    market: market.prefault({}),
    tariff: z.strictObject({
      feedInMicroPerKwh: price,
      retailMicroPerKwh: price,
      retailParts: retailParts.optional(),
    }),
    synthetic: synthetic.optional(),
    recorded: recorded.optional(),
  })
  .refine((file) => (file.synthetic === undefined) !== (file.recorded === undefined), {
    message: "give either `synthetic` or `recorded`",
  })
  .refine(({ tariff }) => tariff.feedInMicroPerKwh <= tariff.retailMicroPerKwh, {
    message: "feedInMicroPerKwh is above retailMicroPerKwh (micro per kWh)",
    path: ["tariff"],
  })
  .refine(({ tariff: { retailParts: parts, retailMicroPerKwh } }) => sumOf(parts) <= retailMicroPerKwh, {
    message: "grid fee and levies are above retailMicroPerKwh (micro per kWh)",
    path: ["tariff", "retailParts"],
  });

function sumOf(parts: z.output<typeof retailParts> | undefined): number {
  return parts === undefined ? Number.NEGATIVE_INFINITY : parts.gridFeeMicroPerKwh + parts.leviesMicroPerKwh;
}

/** A `scenario.yaml` that has been checked; `scenarios/README.md` explains its keys. */
export type ScenarioFile = z.output<typeof scenarioSchema>;

export type SyntheticSection = z.output<typeof synthetic>;
export type RecordedSection = z.output<typeof recorded>;
export type BatterySection = z.output<typeof battery>;
export type SyntheticHomeSection = z.output<typeof syntheticHome>;
export type DrawnHomesSection = z.output<typeof drawnHomes>;

/** Rules that a command sets instead of the file's, by the file's keys; checked like these. */
export type ScenarioRules = {
  readonly intervalMinutes?: number;
  readonly forecast?: string;
  readonly market?: Readonly<Record<string, unknown>>;
  readonly tariff?: Readonly<Record<string, unknown>>;
};

/**
 * Reads the text of a `scenario.yaml`.
 *
 * @param source name of the file, for messages
 * @param rules take the place of what the file says
 * @throws ScenarioFileError that names each wrong key
 */
export function parseScenarioFile(text: string, source: string, rules: ScenarioRules = {}): ScenarioFile {
  const checked = scenarioSchema.safeParse(withRules(parseYaml(text, source), rules));
  if (checked.success) return checked.data;
  throw new ScenarioFileError(source, checked.error.issues.map(describeIssue));
}

function withRules(file: unknown, { market = {}, tariff = {}, ...others }: ScenarioRules): unknown {
  if (!isRecord(file)) return file;
  return { ...file, ...others, ...withKeys(file, "market", market), ...withKeys(file, "tariff", tariff) };
}

/** A section with some keys changed; a section that is no record is left for the check to refuse. */
function withKeys(file: Readonly<Record<string, unknown>>, section: string, changes: object): object {
  const { [section]: said = {} } = file;
  if (Object.keys(changes).length === 0 || !isRecord(said)) return {};
  return { [section]: { ...said, ...changes } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const communitiesSchema = z.strictObject({
  communities: z
    .array(
      z
        .string()
        .regex(
          /^(\.\.\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*$/,
          "the name of a folder in this one, or beside it: ../name",
        ),
    )
    .min(1)
    .max(MAX_COMMUNITIES)
    .refine((names) => new Set(names).size === names.length, "each community once"),
});

/**
 * The folders of a `scenario.yaml` that names several communities, within its own or beside it; null of one that describes a community itself.
 *
 * @throws ScenarioFileError that names each wrong key
 */
export function parseCommunities(text: string, source: string): readonly string[] | null {
  const value = parseYaml(text, source);
  if (typeof value !== "object" || value === null || !("communities" in value)) return null;
  const checked = communitiesSchema.safeParse(value);
  if (checked.success) return checked.data.communities;
  throw new ScenarioFileError(source, checked.error.issues.map(describeIssue));
}

/** @throws ScenarioFileError when it is no YAML */
export function parseYaml(text: string, source: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] as string) : "not YAML";
    throw new ScenarioFileError(source, [reason], { cause });
  }
}

/** What is wrong with a key of a file, with its unit. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const key = issue.path.join(".");
  const unit = unitOf(issue.path);
  return `${key === "" ? "the file" : `\`${key}\``}${unit === null ? "" : ` (${unit})`}: ${issue.message}`;
}

/** The unit stands in a key's name; this spells it out for the message. */
function unitOf(path: readonly PropertyKey[]): string | null {
  const key = String(path.at(-1) ?? "");
  const unit = UNITS.find(([ending]) => key.endsWith(ending));
  return unit === undefined ? null : unit[1];
}

const UNITS = [
  ["MicroPerKwh", "micro per kWh, whole"],
  ["Minutes", "minutes, whole"],
  ["Wh", "Wh, whole"],
  ["whPerDay", "Wh a day, whole"],
  ["kwhPerYear", "kWh a year"],
  ["W", "W, whole"],
  ["Deg", "degrees"],
  ["Hours", "hours"],
  ["Permille", "thousandths, whole"],
  ["Share", "0 … 1"],
  ["days", "days"],
] as const;

export class ScenarioFileError extends DomainError {
  readonly code = "scenarioFile";

  constructor(source: string, faults: readonly string[], options?: ErrorOptions) {
    super(`${source}: ${faults.join("; ")}`, options);
  }
}
