import { z } from "zod";
import { BOOK_TIMES } from "#domains/charging/rules/quotaTerms.ts";
import { SCHEDULE_RULES } from "#domains/charging/schedule/scheduleVehicles.ts";
import { PRICINGS } from "#kernel/auction/order.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { FIRST_ACCOUNT, FIRST_HOME } from "#world/simulation/accounts.ts";
import {
  describeIssue,
  parseYaml,
  ScenarioFileError,
  settingFields,
} from "#world/simulation/scenarioFile.ts";
import { readStart, type ScenarioOverrides } from "#world/simulation/syntheticScenario.ts";
import type { DepotScenario } from "./depotScenario.ts";

const SECONDS_PER_MINUTE = 60;
const DEFAULT_INTERVAL_MINUTES = 15;
/** What a transaction of the quota market takes. */
const MAX_STATIONS = 256;
const MAX_POINTS = 64;
const HOURS_OF_DAY = 24;
const MINUTES_PER_HOUR = 60;
/** Three phases of 32 A: the usual connection of a charging point, W. */
const POINT_W = 22_080;

const powerW = z.int().min(1).max(100_000_000).describe("W");
const price = z.int().min(0).max(2_147_483_647).describe("micro per kWh");

const station = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]+$/, "letters, digits, dots, dashes and underscores only"),
  name: z.string().min(1),
  use: z.enum(["workplace", "overnight", "stop"]),
  points: z.int().min(1).max(MAX_POINTS).default(2),
  connectionW: powerW.optional(),
});

const depot = z.strictObject({
  ratingW: powerW,
  conventionalKwhPerYear: z.number().min(0).max(1_000_000_000).describe("kWh per year"),
  reserveShare: z.number().min(0).max(1).default(0.1).describe("a share, 0 … 1"),
  pricing: z.enum(PRICINGS).default("uniform"),
  schedule: z.enum(SCHEDULE_RULES).default("leastLaxity"),
  mostStartsAnHour: z.int().min(1).max(MINUTES_PER_HOUR).default(2),
  floorMicroPerKw: price.default(0),
  ceilingMicroPerKw: price,
  penaltyPermille: z.int().min(1_000).max(60_000).default(2_000).describe("thousandths"),
  cnyMicroPerEther: z.int().min(1).default(20_000_000_000),
  tariff: z
    .array(
      z.strictObject({
        fromHour: z
          .int()
          .min(0)
          .max(HOURS_OF_DAY - 1),
        microPerKwh: price,
      }),
    )
    .min(1)
    .refine((steps) => steps.every(({ fromHour }, i) => fromHour > (steps[i - 1]?.fromHour ?? -1)), {
      message: "hours rise",
    }),
  stations: z
    .array(station)
    .min(1)
    .max(MAX_STATIONS)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, "each station once"),
});

const depotSchema = z.strictObject({ ...settingFields, depot });

/**
 * Reads the text of a `scenario.yaml` that has a section `depot`; null where it has none.
 *
 * @param name of the folder
 * @param source name of the file, for messages
 * @throws ScenarioFileError that names each wrong key
 */
export function parseDepot(
  text: string,
  { name, source, overrides = {} }: { name: string; source: string; overrides?: ScenarioOverrides },
): DepotScenario | null {
  const value = parseYaml(text, source);
  if (typeof value !== "object" || value === null || !("depot" in value)) return null;
  const checked = depotSchema.safeParse(value);
  if (!checked.success) throw new ScenarioFileError(source, checked.error.issues.map(describeIssue));
  return buildDepot(checked.data, { name, source, overrides });
}

function buildDepot(
  file: z.output<typeof depotSchema>,
  { name, source, overrides }: { name: string; source: string; overrides: ScenarioOverrides },
): DepotScenario {
  const { title, description = null, currency, depot: said } = file;
  const timeZone = overrides.timeZone ?? file.timeZone;
  const intervalSeconds = (file.intervalMinutes ?? DEFAULT_INTERVAL_MINUTES) * SECONDS_PER_MINUTE;
  const { periodSeconds } = BOOK_TIMES;
  if (periodSeconds % intervalSeconds !== 0)
    throw new ScenarioFileError(source, [`intervals of ${intervalSeconds} s do not part ${periodSeconds} s`]);
  const begins = readStart(file, overrides, createLocalClock(timeZone), source);
  const startsAt = intervalAt(begins, periodSeconds) * periodSeconds;
  const { ratingW, floorMicroPerKw, ceilingMicroPerKw, penaltyPermille, pricing } = said;
  if (floorMicroPerKw > ceilingMicroPerKw)
    throw new ScenarioFileError(source, ["floorMicroPerKw is above ceilingMicroPerKw"]);
  return {
    ...{ kind: "depot", name, title, description, timeZone, currency, startsAt, intervalSeconds },
    seed: overrides.seed ?? file.seed,
    firstAccount: overrides.firstAccount ?? FIRST_ACCOUNT,
    firstIntervalId: intervalAt(startsAt, intervalSeconds),
    terms: { ...BOOK_TIMES, ratingW, floorMicroPerKw, ceilingMicroPerKw, penaltyPermille, pricing },
    stations: said.stations.map(({ connectionW, ...each }, i) => ({
      ...each,
      member: FIRST_HOME + i,
      connectionW: connectionW ?? each.points * POINT_W,
    })),
    conventionalKwhPerYear: said.conventionalKwhPerYear,
    tariff: said.tariff.map(({ fromHour, microPerKwh }) => ({ fromHour, tariffMicroPerKwh: microPerKwh })),
    reserveShare: said.reserveShare,
    schedule: said.schedule,
    mostStartsAnHour: said.mostStartsAnHour,
    cnyMicroPerEther: BigInt(said.cnyMicroPerEther),
  };
}
