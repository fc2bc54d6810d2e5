import type { QuotaTimes } from "#domains/charging/rules/quotaTerms.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import { scheduleVehicles } from "#domains/charging/schedule/scheduleVehicles.ts";
import type { StationNow } from "#domains/charging/schedule/stationNow.ts";
import type { SchedulingSite, WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import type { Order, Side } from "#kernel/auction/order.ts";
import { endsAt, type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { Station } from "./depotScenario.ts";
import type { Visit, Visits } from "./vehicles.ts";

/** What a station is to know besides its vehicles. Prices in micro per kW and period. */
export type StationRules = Pick<QuotaTimes, "periodSeconds"> & {
  readonly intervalSeconds: number;
  readonly floorMicroPerKw: number;
  readonly ceilingMicroPerKw: number;
};

/** A bid or an offer of quota that a station wants to hand in; `quantity` in W. */
export type WantedOrder = Omit<Order<number>, "participant">;

/** A charging station that knows its vehicles; nobody else does. */
export type StationWorld = {
  /**
   * What it asks for in a period, W, seen from the beginning of the period before, in which it may draw `quotaNowW`: of every
   * vehicle that is there or announced, what it can use.
   */
  demandW(period: number, quotaNowW: number): number;
  /**
   * What it bids and offers once it was allocated `quotaW`: power for vehicles that can wait is offered, power for those
   * that cannot is bid for; never both.
   */
  orders(
    period: number,
    place: { readonly quotaNowW: number; readonly quotaW: number },
  ): readonly WantedOrder[];
  /** Charges over an interval within its quota, and gives what its meter reads, whole Wh. */
  deliver(intervalId: IntervalId, quotaW: number): number;
  /** Who is there in the interval that is delivered next, and what each gets of a quota; changes nothing. */
  now(intervalId: IntervalId, quotaW: number): Pick<StationNow, "site" | "vehicles" | "offeredW">;
};

/** Vehicles may begin to charge as often as intervals begin: the quota changes with each period. */
const STARTS_AN_HOUR = 60;
/** A vehicle that lacks less is full: meters count whole Wh. */
const FULL_WH = 1;
const PHASES = 3;
const SECONDS_PER_HOUR = 3_600;
/** How much of its time left a vehicle has to charge: from here on it cannot wait. */
const URGENT = 0.5;
/** Orders of a station a period: the contract takes sixteen of it at one price. */
const MAX_ORDERS = 16;

/** A vehicle's charge: what it still wants, Wh. */
type Charge = { readonly visit: Visit; leftWh: number };

type State = {
  readonly station: Station;
  readonly rules: StationRules;
  readonly visits: Visits;
  /** Of vehicles that are there. */
  readonly charges: Map<string, Charge>;
};

export function openStationWorld(station: Station, rules: StationRules, visits: Visits): StationWorld {
  const state: State = { station, rules, visits, charges: new Map() };
  return {
    demandW: (period, quotaNowW) => demandW(state, waitingIn(state, period, quotaNowW)),
    orders: (period, { quotaNowW, quotaW }) => ordersOf(state, waitingIn(state, period, quotaNowW), quotaW),
    deliver: (intervalId, quotaW) => deliver(state, intervalId, quotaW),
    now: (intervalId, quotaW) => stationNow(state, intervalId, quotaW),
  };
}

/**
 * A vehicle in a period that is to come.
 *
 * @property usefulW mean power that it has use for in the period
 * @property urgency part of its time from the period's start on in which it has to charge at its own limit; above 1 it will lack
 */
type Waiting = { readonly usefulW: number; readonly urgency: number };

/** The vehicles of a period, the most urgent first, as far as the station knows them before the period before is over. */
function waitingIn(state: State, period: number, quotaNowW: number): readonly Waiting[] {
  const { rules, visits } = state;
  const { periodSeconds } = rules;
  const [opensAt, begins, ends] = [-1, 0, 1].map((step) => startsAt(period + step, periodSeconds)) as [
    number,
    number,
    number,
  ];
  const left = leftAfter(state, period - 1, quotaNowW);
  return visits(begins, ends)
    .filter(({ arrivesAt, isAnnounced }) => isAnnounced || arrivesAt <= opensAt)
    .flatMap((visit) => {
      const leftWh = left.get(visit.id) ?? visit.wantedWh;
      const from = Math.max(begins, visit.arrivesAt);
      const hours = (Math.min(ends, visit.leavesAt) - from) / SECONDS_PER_HOUR;
      if (leftWh < FULL_WH || hours <= 0) return [];
      const meanW = Math.min((visit.mostW * hours * SECONDS_PER_HOUR) / periodSeconds, leftWh / hours);
      const hoursLeft = (visit.leavesAt - from) / SECONDS_PER_HOUR;
      return [
        { usefulW: Math.max(visit.leastW, Math.ceil(meanW)), urgency: leftWh / visit.mostW / hoursLeft },
      ];
    })
    .sort((a, b) => b.urgency - a.urgency || b.usefulW - a.usefulW);
}

function demandW({ station }: State, waiting: readonly Waiting[]): number {
  const wantedW = waiting.reduce((sum, { usefulW }) => sum + usefulW, 0);
  return Math.min(station.connectionW, wantedW);
}

/**
 * The quota covers the most urgent vehicles first. What it covers of those that can wait is offered; what it does not cover of those that
 * cannot is bid for. Who is covered is at least as urgent as who is not, so that no station does both. A limit price lies between
 * floor and ceiling as the urgency between 0 and 1.
 */
function ordersOf({ station, rules }: State, waiting: readonly Waiting[], quotaW: number): WantedOrder[] {
  const orders: WantedOrder[] = [];
  let coveredW = quotaW;
  let roomW = Math.max(0, station.connectionW - quotaW);
  for (const { usefulW, urgency } of waiting) {
    const coveredHereW = Math.min(coveredW, usefulW);
    coveredW -= coveredHereW;
    const isUrgent = urgency >= URGENT;
    const quantity = isUrgent ? Math.min(usefulW - coveredHereW, roomW) : coveredHereW;
    if (isUrgent) roomW -= quantity;
    if (quantity > 0)
      orders.push(orderOf(isUrgent ? "bid" : "offer", quantity, urgency, orders.length, rules));
  }
  // What nobody here has use for is offered at the floor.
  if (coveredW > 0 && !orders.some(({ side }) => side === "bid"))
    orders.push(orderOf("offer", coveredW, 0, orders.length, rules));
  return orders.slice(0, MAX_ORDERS);
}

function orderOf(
  side: Side,
  quantity: number,
  urgency: number,
  sequence: number,
  { floorMicroPerKw, ceilingMicroPerKw }: StationRules,
): WantedOrder {
  const share = Math.min(1, urgency);
  const limitPriceMicroPerThousand = Math.round(
    floorMicroPerKw + share * (ceilingMicroPerKw - floorMicroPerKw),
  );
  return { side, quantity, limitPriceMicroPerThousand, sequence };
}

/** What the vehicles of a period still want after it, were it to go on with this quota. */
function leftAfter(state: State, period: number, quotaW: number): ReadonlyMap<string, number> {
  const { rules } = state;
  const intervals = intervalsOfPeriod(period, rules);
  const [first] = intervals as [number, ...number[]];
  const charges = chargesIn(
    state,
    startsAt(first, rules.intervalSeconds),
    startsAt(period + 1, rules.periodSeconds),
  );
  const schedules = scheduleVehicles(
    charges.flatMap((charge) => waitingVehicle(charge, first, rules) ?? []),
    {
      site: siteOf(
        state,
        intervals.map(() => quotaW),
      ),
      rule: "leastLaxity",
    },
  );
  return new Map([
    ...charges.map(({ visit, leftWh }) => [visit.id, leftWh] as const),
    ...schedules.map(({ id, shortfallWh }) => [id, shortfallWh] as const),
  ]);
}

/** The meter counts each vehicle's whole Wh, so that what it reads follows from the vehicles that are there. */
function deliver(state: State, intervalId: IntervalId, quotaW: number): number {
  const { rules, charges } = state;
  const ends = endsAt(intervalId, rules.intervalSeconds);
  const there = chargesIn(state, startsAt(intervalId, rules.intervalSeconds), ends);
  for (const charge of there) charges.set(charge.visit.id, charge);
  const schedules = scheduleVehicles(
    there.flatMap((charge) => waitingVehicle(charge, intervalId, rules) ?? []),
    { site: siteOf(state, [quotaW]), rule: "leastLaxity" },
  );
  let readWh = 0;
  for (const { id, energyWh } of schedules) readWh += give(charges.get(id), energyWh);
  for (const [id, { visit }] of charges) if (visit.leavesAt <= ends) charges.delete(id);
  return readWh;
}

/** By the schedule that `deliver` goes by. */
function stationNow(state: State, intervalId: IntervalId, quotaW: number) {
  const { rules } = state;
  const charges = chargesIn(
    state,
    startsAt(intervalId, rules.intervalSeconds),
    endsAt(intervalId, rules.intervalSeconds),
  );
  const vehicles = charges.flatMap((charge) => waitingVehicle(charge, intervalId, rules) ?? []);
  const site = siteOf(state, [quotaW]);
  const schedules = scheduleVehicles(vehicles, { site, rule: "leastLaxity" });
  return { site, vehicles, offeredW: schedules.map(({ offeredW }) => offeredW[0] ?? 0) };
}

/** Gives energy to a vehicle; says by how many whole Wh what it got grew. */
function give(charge: Charge | undefined, energyWh: number): number {
  if (!charge) return 0;
  const before = Math.floor(charge.visit.wantedWh - charge.leftWh);
  charge.leftWh -= energyWh;
  return Math.floor(charge.visit.wantedWh - charge.leftWh) - before;
}

function chargesIn({ visits, charges }: State, from: number, until: number): Charge[] {
  return visits(from, until).map((visit) => charges.get(visit.id) ?? { visit, leftWh: visit.wantedWh });
}

/** A vehicle with intervals counted from `first`: those through which it is there from beginning to end; null of one without. */
function waitingVehicle(
  { visit, leftWh }: Charge,
  first: IntervalId,
  { intervalSeconds }: StationRules,
): WaitingVehicle | null {
  const from = Math.max(0, Math.ceil(visit.arrivesAt / intervalSeconds) - first);
  const until = Math.floor(visit.leavesAt / intervalSeconds) - first;
  if (until <= from || leftWh < FULL_WH) return null;
  const { id, mostW, leastW, phases } = visit;
  return { id, from, until, wantedWh: leftWh, mostW, leastW, phases };
}

function siteOf({ station, rules }: State, limitW: readonly number[]): SchedulingSite {
  return {
    limitW: limitW.map((each) => Math.min(each, station.connectionW)),
    phaseLimitW: station.connectionW / PHASES,
    intervalSeconds: rules.intervalSeconds,
    mostStartsAnHour: STARTS_AN_HOUR,
  };
}
