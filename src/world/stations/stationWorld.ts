import type { QuotaTimes } from "#domains/charging/rules/quotaTerms.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import type { StationNow } from "#domains/charging/schedule/stationNow.ts";
import type { Order } from "#kernel/auction/order.ts";
import { endsAt, type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { Station } from "./depotScenario.ts";
import { byNeed, FULL_WH, type PricedWish, tradeWishes, wishesOf } from "./powerWishes.ts";
import { type Charges, chargeInterval, planInterval, type Scheduling } from "./stationVehicles.ts";
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
  /** Who is there in the interval that is delivered next, and what each gets of a quota; changes nothing. */
  now(intervalId: IntervalId, quotaW: number): Pick<StationNow, "site" | "by" | "vehicles" | "offeredW">;
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
    demandW: (period, quotaNowW) => demandOf(state, wishesIn(state, period, quotaNowW)),
    orders: (period, { quotaNowW, quotaW }) => ordersOf(state, wishesIn(state, period, quotaNowW), quotaW),
    deliver: (intervalId, quotaW) => deliver(state, intervalId, quotaW),
    now(intervalId, quotaW) {
      const { site, vehicles, offeredW } = planInterval(placeOf(state), state.charges, {
        intervalId,
        quotaW,
      });
      return { site, by: scheduling.by, vehicles, offeredW };
    },
  };
}

/** What its vehicles wish for in a period, as far as the station knows them before the period before is over. */
function wishesIn(state: State, period: number, quotaNowW: number): PricedWish[] {
  const { rules, visits } = state;
  const { periodSeconds, floorMicroPerKw, ceilingMicroPerKw } = rules;
  const opensAt = startsAt(period - 1, periodSeconds);
  const [begins, ends] = [startsAt(period, periodSeconds), endsAt(period, periodSeconds)];
  const left = leftAfter(state, period - 1, quotaNowW);
  return visits(begins, ends)
    .filter(({ arrivesAt, isAnnounced }) => isAnnounced || arrivesAt <= opensAt)
    .flatMap((visit) => {
      const { mostW, leastW, arrivesAt, leavesAt } = visit;
      const presentSeconds = Math.min(ends, leavesAt) - Math.max(begins, arrivesAt);
      const laterSeconds = Math.max(0, leavesAt - ends);
      const leftWh = left.get(visit.id) ?? visit.wantedWh;
      return wishesOf({ leftWh, mostW, leastW, presentSeconds, laterSeconds }, periodSeconds);
    })
    .map(({ powerW, isNeeded, worth }) => {
      const aboveFloor = worth * (ceilingMicroPerKw - floorMicroPerKw);
      return { powerW, isNeeded, priceMicroPerKw: Math.round(floorMicroPerKw + aboveFloor) };
    })
    .sort(byNeed);
}

function demandOf({ station }: State, wishes: readonly PricedWish[]): number {
  const wantedW = wishes.reduce((sum, { powerW }) => sum + powerW, 0);
  return Math.min(station.connectionW, wantedW);
}

/** A limit price lies between floor and ceiling as the worth between 0 and 1. */
function ordersOf({ station, rules }: State, wishes: readonly PricedWish[], quotaW: number): WantedOrder[] {
  const roomW = Math.max(0, station.connectionW - quotaW);
  const { floorMicroPerKw } = rules;
  return tradeWishes(wishes, { availableW: quotaW, roomW, floorMicroPerKw })
    .slice(0, MAX_ORDERS)
    .map(({ side, powerW, priceMicroPerKw }, sequence) => ({
      ...{ side, sequence, quantity: powerW },
      limitPriceMicroPerThousand: priceMicroPerKw,
    }));
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
