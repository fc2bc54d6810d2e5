import type { QuotaTimes } from "#domains/charging/rules/quotaTerms.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import type { Order, Side } from "#kernel/auction/order.ts";
import { endsAt, type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { Station } from "./depotScenario.ts";
import { type Charges, chargeInterval, FULL_WH, type Scheduling } from "./stationVehicles.ts";
import type { Visits } from "./vehicles.ts";

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
  /** Charges over an interval within its quota. */
  deliver(intervalId: IntervalId, quotaW: number): Delivery;
};

/**
 * What came of an interval.
 *
 * @property importWh what the station's meter reads, whole Wh
 * @property leaving who left, and what of its promise it lacks, Wh
 */
export type Delivery = {
  readonly importWh: number;
  readonly leaving: readonly { readonly id: string; readonly lackingWh: number }[];
};

const SECONDS_PER_HOUR = 3_600;
/** How much of its time left a vehicle has to charge: from here on it cannot wait. */
const URGENT = 0.5;
/** Orders of a station a period: the contract takes sixteen of it at one price. */
const MAX_ORDERS = 16;

type State = {
  readonly station: Station;
  readonly rules: StationRules;
  readonly visits: Visits;
  readonly scheduling: Scheduling;
  /** Of vehicles that are there. */
  charges: Charges;
};

export function openStationWorld(
  station: Station,
  rules: StationRules,
  { visits, scheduling }: { readonly visits: Visits; readonly scheduling: Scheduling },
): StationWorld {
  const state: State = { station, rules, visits, scheduling, charges: new Map() };
  return {
    demandW: (period, quotaNowW) => demandW(state, waitingIn(state, period, quotaNowW)),
    orders: (period, { quotaNowW, quotaW }) => ordersOf(state, waitingIn(state, period, quotaNowW), quotaW),
    deliver: (intervalId, quotaW) => deliver(state, intervalId, quotaW),
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
  const left = new Map<string, number>();
  let { charges } = state;
  for (const intervalId of intervalsOfPeriod(period, state.rules)) {
    charges = chargeInterval(placeOf(state), charges, { intervalId, quotaW });
    for (const [id, { leftWh }] of charges) left.set(id, leftWh);
  }
  return left;
}

/** The meter counts each vehicle's whole Wh, so that what it reads follows from the vehicles that are there. */
function deliver(state: State, intervalId: IntervalId, quotaW: number): Delivery {
  const ends = endsAt(intervalId, state.rules.intervalSeconds);
  const before = state.charges;
  const after = [...chargeInterval(placeOf(state), before, { intervalId, quotaW }).values()];
  state.charges = new Map(
    after.filter(({ visit }) => visit.leavesAt > ends).map((charge) => [charge.visit.id, charge]),
  );
  const readWh = after.map(
    ({ visit, leftWh }) =>
      Math.floor(visit.wantedWh - leftWh) -
      Math.floor(visit.wantedWh - (before.get(visit.id)?.leftWh ?? visit.wantedWh)),
  );
  return {
    importWh: readWh.reduce((sum, each) => sum + each, 0),
    leaving: after
      .filter(({ visit }) => visit.leavesAt <= ends)
      .map(({ visit, leftWh }) => ({ id: visit.id, lackingWh: leftWh < FULL_WH ? 0 : leftWh })),
  };
}

function placeOf({ station, rules, visits, scheduling }: State) {
  return { station, visits, scheduling, intervalSeconds: rules.intervalSeconds };
}
