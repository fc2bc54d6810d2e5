import type { LinearSolver } from "#kernel/optimization/linearSolver.ts";
import { beginCharging, type Charging, charge, scheduleOf } from "./charging.ts";
import { compareShortfalls } from "./compareShortfalls.ts";
import { offerInterval } from "./offerInterval.ts";
import { programmeSchedule } from "./programmeSchedule.ts";
import { planStays, promisedTo, type SharingRule } from "./stayPlan.ts";
import type { SchedulingSite, VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

/**
 * Who comes first, and who gives way when not every promise can be kept.
 *
 * - `leastLaxity`: who can wait the shortest; what is short falls on those who came with the most time to spare
 * - `proportional`: all by what they need until they leave; all lack the same part of what they want
 * - `linearProgram`: least shortfall, then least cost, then fewest starts
 *
 * @property solver what `loadLinearSolver` gives
 */
export type ScheduleBy =
  | { readonly rule: SharingRule }
  | { readonly rule: "linearProgram"; readonly solver: LinearSolver };

export const SCHEDULE_RULES = ["leastLaxity", "proportional", "linearProgram"] as const;

const SECONDS_PER_HOUR = 3_600;
/** Intervals of stays up to which a programme finds whole numbers: of a plan that is made once, and of one that is made every interval. */
const WHOLE_ONCE = 120;
const WHOLE_EACH_TIME = 40;
/** Intervals beyond any stay. */
const LONG = 1_000_000;

/**
 * Parts a station's power among vehicles that are all known, without discharge (R4.3). Hard limits always hold: of the vehicle, of
 * each phase, of the station, the least current, and the number of starts. Energy by departure is a promise, and a
 * shortfall is shared by priority, then by the rule. Every promise is kept when there is a plan that keeps all
 * (docs/charging-stations.md says where that is exact).
 */
export function scheduleVehicles(
  vehicles: readonly WaitingVehicle[],
  { site, ...by }: { readonly site: SchedulingSite } & ScheduleBy,
): VehicleSchedule[] {
  if (by.rule !== "linearProgram") return scheduleByRule(vehicles, site, by.rule);
  const programme = () => programmeSchedule(vehicles, { site, solver: by.solver, wholeUpTo: WHOLE_ONCE });
  const rules = RULES.flatMap((rule) => plansOf(rule, vehicles, site));
  return bestOf(vehicles, [programme, ...rules]);
}

/** A promise goes before the rule: the other rule's orders are taken where they keep all that this one's do not. */
function scheduleByRule(
  vehicles: readonly WaitingVehicle[],
  site: SchedulingSite,
  rule: SharingRule,
): VehicleSchedule[] {
  const own = bestOf(vehicles, plansOf(rule, vehicles, site));
  if (keepsAll(own) || !mayKeepAll(vehicles, site)) return own;
  const others = RULES.filter((each) => each !== rule).flatMap((each) => plansOf(each, vehicles, site));
  const other = bestOf(vehicles, others);
  return keepsAll(other) ? other : own;
}

const RULES = ["leastLaxity", "proportional"] as const satisfies readonly SharingRule[];

type Plan = () => VehicleSchedule[];

function plansOf(rule: SharingRule, vehicles: readonly WaitingVehicle[], site: SchedulingSite): Plan[] {
  return patiences(site).map((goesOn) => () => followRule(vehicles, { site, rule, goesOn }));
}

/** The schedule of the least shortfall, of equal ones the first; no further plan is made once one keeps every promise. */
function bestOf(vehicles: readonly WaitingVehicle[], plans: readonly Plan[]): VehicleSchedule[] {
  let best: VehicleSchedule[] | null = null;
  for (const plan of plans) {
    const next = plan();
    if (best === null || compareShortfalls(next, best, vehicles) < 0) best = next;
    if (keepsAll(best)) break;
  }
  return best ?? [];
}

function keepsAll(schedules: readonly VehicleSchedule[]): boolean {
  return schedules.every(({ shortfallWh }) => shortfallWh === 0);
}

/** Whether the flow of all stays promises everything: without that no schedule can. */
function mayKeepAll(vehicles: readonly WaitingVehicle[], site: SchedulingSite): boolean {
  const waiting = vehicles.map((vehicle) => beginCharging(vehicle, site)).filter(({ until }) => until > 0);
  if (waiting.length < vehicles.length) return false;
  const plan = planStays(waiting, { interval: 0, site, rule: "leastLaxity" });
  return waiting.every((each) => promisedTo(plan, each) === each.left);
}

/**
 * The same where nobody knows who comes next: before each interval it is planned anew for those who are there, and the plan's
 * first interval is what they are offered.
 */
export function scheduleAsTheyCome(
  vehicles: readonly WaitingVehicle[],
  { site, ...by }: { readonly site: SchedulingSite } & ScheduleBy,
): VehicleSchedule[] {
  const all = vehicles.map((vehicle) => beginCharging(vehicle, site));
  for (const interval of site.limitW.keys()) {
    const here = all.filter((each) => isHere(each, interval));
    const rest = { ...site, limitW: site.limitW.slice(interval), ...laterPrices(site, interval) };
    const plans = scheduleVehicles(
      here.map((each) => seenFrom(each, interval, site)),
      { site: rest, ...by },
    );
    const offers = new Map(here.map((each, i) => [each, plans[i]?.offeredW[0] ?? 0]));
    for (const each of all) charge(each, offers.get(each) ?? 0);
  }
  return all.map((each) => scheduleOf(each, site));
}

/**
 * What each is offered in interval 0 alone, W, in their order, with the rest of all stays in view: for many stations at once, by the first
 * order only. Who comes later may be among them. `linearProgram` finds whole numbers up to 40 intervals of stays, and takes a
 * rule's first order where that lacks less.
 */
export function offerNext(
  vehicles: readonly WaitingVehicle[],
  { site, ...by }: { readonly site: SchedulingSite } & ScheduleBy,
): number[] {
  const [goesOn = 0] = patiences(site);
  if (by.rule === "linearProgram") {
    const { solver } = by;
    const programme = () => programmeSchedule(vehicles, { site, solver, wholeUpTo: WHOLE_EACH_TIME });
    const rules = RULES.map((rule) => () => followRule(vehicles, { site, rule, goesOn }));
    return bestOf(vehicles, [programme, ...rules]).map(({ offeredW }) => offeredW[0] ?? 0);
  }
  const all = vehicles.map((vehicle) => beginCharging(vehicle, site));
  const waiting = all.filter(({ left, until }) => left > 0 && until > 0);
  const offers = offerInterval(waiting, { interval: 0, site, rule: by.rule, goesOn });
  return all.map((each) => offers.get(each) ?? 0);
}

/**
 * How many intervals' patience is spared a vehicle that charges: first as long as there must be between two starts, then none, then
 * any. Whichever keeps more is taken.
 */
function patiences({ mostStartsAnHour, intervalSeconds }: SchedulingSite): readonly number[] {
  return [SECONDS_PER_HOUR / intervalSeconds / mostStartsAnHour, 0, LONG];
}

function followRule(
  vehicles: readonly WaitingVehicle[],
  { site, ...by }: { readonly site: SchedulingSite; readonly rule: SharingRule; readonly goesOn: number },
): VehicleSchedule[] {
  const all = vehicles.map((vehicle) => beginCharging(vehicle, site));
  for (const interval of site.limitW.keys()) {
    const waiting = all.filter(({ left, until }) => left > 0 && interval < until);
    const offers = offerInterval(waiting, { ...by, interval, site });
    for (const each of all) charge(each, offers.get(each) ?? 0);
  }
  return all.map((each) => scheduleOf(each, site));
}

function isHere({ vehicle, until, left }: Charging, interval: number): boolean {
  return vehicle.from <= interval && interval < until && left > 0;
}

/** A vehicle as it is at the start of an interval, which counts as 0. */
function seenFrom(each: Charging, interval: number, { intervalSeconds }: SchedulingSite): WaitingVehicle {
  const { vehicle, until, left, offeredW } = each;
  const charged = [...(vehicle.chargedBefore ?? []), ...offeredW.map((powerW) => powerW > 0)];
  const perHour = Math.ceil(SECONDS_PER_HOUR / intervalSeconds);
  return {
    ...vehicle,
    from: 0,
    until: until - interval,
    wantedWh: (left * intervalSeconds) / SECONDS_PER_HOUR,
    // One more than an hour, so that charging on at its beginning is not taken for a start.
    chargedBefore: charged.slice(-perHour - 1),
  };
}

function laterPrices({ priceMicroPerKwh }: SchedulingSite, interval: number) {
  return priceMicroPerKwh && { priceMicroPerKwh: priceMicroPerKwh.slice(interval) };
}
