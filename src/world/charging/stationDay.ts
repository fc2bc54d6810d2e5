import { type DischargeDecision, decideDischarge } from "#domains/charging/rules/vehicleDischarge.ts";
import { deliverTrades } from "#domains/charging/rules/vehiclePower.ts";
import {
  sellerReserveMicroPerKwh,
  tradeBetweenVehicles,
  type VehicleRefusal,
} from "#domains/charging/rules/vehicleTrade.ts";
import { type FlexiblePlan, planFlexibleLoads } from "#domains/charging/schedule/householdFlexibility.ts";
import { largerOf } from "#kernel/units/extremes.ts";
import { costRoundingDown } from "#kernel/units/money.ts";
import {
  DISCHARGE_COSTS,
  INTERVAL_SECONDS,
  INTERVALS,
  STATION_DAY,
  type StationSite,
} from "./drawStationDay.ts";

/** What a station's operator asks of the day. */
export type StationDayRules = {
  /** Above it building and vehicles are not to draw, W. */
  readonly peakW: number;
  /** What the grid operator pays for energy at its call, micro per kWh. */
  readonly callMicroPerKwh: bigint;
};

/** What came of it. Powers in W, energy in Wh, money in micro. */
export type StationDayOutcome = {
  readonly vehicles: { readonly taking: number; readonly giving: number };
  /** Were all to charge as they come and no load be lowered; as planned; as it was drawn from the grid. */
  readonly peaksW: { readonly unmanaged: number; readonly planned: number; readonly drawn: number };
  readonly promisesKept: number;
  readonly lackingWh: number;
  readonly loweredWh: number;
  /** Intervals and loads below their comfort: none. */
  readonly belowComfort: number;
  readonly trades: TradeFigures;
  readonly call: CallFigures;
  /** Spare energy that no vehicle and no call took. */
  readonly spareWh: number;
};

type TradeFigures = {
  readonly reserveMicroPerKwh: bigint;
  readonly marketMicroPerKwh: bigint;
  readonly count: number;
  readonly deliveredWh: number;
  readonly paidMicro: bigint;
  readonly lowestMicroPerKwh: number | null;
  readonly highestMicroPerKwh: number | null;
  readonly refused: Readonly<Partial<Record<VehicleRefusal["reason"], number>>>;
};

type CallFigures = {
  readonly costMicroPerKwh: bigint;
  readonly answeredWh: number;
  readonly paidMicro: bigint;
  readonly refused: Readonly<Partial<Record<NonNullable<DischargeDecision["refused"]>, number>>>;
};

const SECONDS_PER_HOUR = 3_600;
const INTERVAL_HOURS = INTERVAL_SECONDS / SECONDS_PER_HOUR;
/** A meter counts whole Wh. */
const WH_SHORT = 1;

type Day = {
  readonly site: StationSite;
  readonly plan: FlexiblePlan;
  /** By vehicle: what it lacks still, and what it can still give. */
  readonly lackingWh: Map<number, number>;
  readonly spareWh: Map<number, number>;
  readonly gridW: number[];
  readonly trades: { count: number; deliveredWh: number; paidMicro: bigint; readonly prices: number[] };
  readonly call: { answeredWh: number; paidMicro: bigint };
  readonly refusals: { readonly trade: string[]; readonly call: string[] };
};

/**
 * A station's workday: vehicles and loads are planned below a peak as far as comfort allows (R5.49); during business hours vehicles trade
 * with one another above the reserve and below the market's price (R5.48), delivered within what the station draws (R9.24); at the grid
 * operator's call vehicles give energy where the payment covers wear and losses (R2.65, R4.4).
 */
export function runStationDay(site: StationSite, rules: StationDayRules): StationDayOutcome {
  const { phaseLimitW, mostStartsAnHour } = STATION_DAY;
  const plan = planFlexibleLoads({
    ...{ phaseLimitW, mostStartsAnHour, intervalSeconds: INTERVAL_SECONDS, peakW: rules.peakW },
    ...{ fixedW: site.fixedW, curtailable: site.curtailable, vehicles: site.taking },
  });
  const day: Day = {
    ...{ site, plan },
    lackingWh: new Map(site.taking.map(({ number, wantedWh }) => [number, wantedWh])),
    spareWh: new Map(site.giving.map(({ number, spareWh }) => [number, spareWh])),
    gridW: [],
    trades: { count: 0, deliveredWh: 0, paidMicro: 0n, prices: [] },
    call: { answeredWh: 0, paidMicro: 0n },
    refusals: { trade: [], call: [] },
  };
  for (let interval = 0; interval < INTERVALS; interval += 1) runInterval(day, rules, interval);
  return outcomeOf(day);
}

function runInterval(day: Day, { callMicroPerKwh }: StationDayRules, interval: number): void {
  const { gridW: chargedW, powersW } = charge(day, interval);
  const calledW = answerCall(day, callMicroPerKwh, { interval, powersW });
  const loadsW =
    (day.site.fixedW[interval] ?? 0) +
    [...day.plan.curtailedW.values()].reduce((sum, powerW) => sum + (powerW[interval] ?? 0), 0);
  day.gridW.push(loadsW + chargedW - calledW);
}

type Powers = ReadonlyMap<number, number>;

/** Charges as planned, and besides what vehicles trade; gives what of it comes from the grid, W, and the power of each that traded. */
function charge(day: Day, interval: number): { readonly gridW: number; readonly powersW: Powers } {
  const taking = day.site.taking.flatMap((vehicle, i) => {
    const lackingWh = day.lackingWh.get(vehicle.number) ?? 0;
    const plannedW = day.plan.vehicles[i]?.offeredW[interval] ?? 0;
    const offeredW = Math.min(plannedW, Math.floor(lackingWh / INTERVAL_HOURS));
    return vehicle.from <= interval && interval < vehicle.until ? [{ vehicle, lackingWh, offeredW }] : [];
  });
  const powersW = tradeWithin(day, { taking, interval });
  let gridW = 0;
  for (const { vehicle, lackingWh, offeredW } of taking) {
    const takenWh = (powersW.get(vehicle.number) ?? offeredW) * INTERVAL_HOURS;
    day.lackingWh.set(vehicle.number, Math.max(0, lackingWh - takenWh));
    gridW += powersW.get(vehicle.number) ?? offeredW;
  }
  for (const { number } of day.site.giving) {
    const givenW = -(powersW.get(number) ?? 0);
    day.spareWh.set(number, (day.spareWh.get(number) ?? 0) - givenW * INTERVAL_HOURS);
    gridW -= givenW;
  }
  return { gridW, powersW };
}

type Taking = {
  readonly vehicle: StationSite["taking"][number];
  readonly lackingWh: number;
  readonly offeredW: number;
};

/** The double auction among those who are there; gives the power of each vehicle, negative out of it. */
function tradeWithin(
  day: Day,
  { taking, interval }: { readonly taking: readonly Taking[]; readonly interval: number },
): Powers {
  const { offPeakMicroPerKwh, marketMicroPerKwh, businessHours, phaseLimitW } = STATION_DAY;
  const giving = day.site.giving.filter(({ from, until }) => from <= interval && interval < until);
  // Who charges already takes more at once; who pauses would have to take its least current.
  const buying = taking.filter(({ offeredW, vehicle }) => offeredW > 0 && offeredW < vehicle.mostW);
  const { trades, refused } = tradeBetweenVehicles(
    {
      sellers: giving.map(({ number, mostW, askMicroPerKwh }) => ({
        ...{ ...DISCHARGE_COSTS, vehicle: number, askMicroPerKwh },
        spareWh: Math.floor(Math.min(day.spareWh.get(number) ?? 0, mostW * INTERVAL_HOURS)),
      })),
      buyers: buying.map(({ vehicle, lackingWh, offeredW }) => ({
        vehicle: vehicle.number,
        wantedWh: Math.floor(Math.min(lackingWh, vehicle.mostW * INTERVAL_HOURS) - offeredW * INTERVAL_HOURS),
        limitMicroPerKwh: vehicle.limitMicroPerKwh,
      })),
    },
    { offPeakMicroPerKwh, marketMicroPerKwh, businessHours, pricing: "midpoint" },
    interval * INTERVAL_SECONDS,
  );
  day.refusals.trade.push(...refused.map(({ vehicle, reason }) => `${vehicle} ${reason}`));
  const placed = [
    ...taking.map(({ vehicle, offeredW }) => {
      const { number, mostW, phases } = vehicle;
      return { vehicle: number, offeredW, mostW, mostDischargeW: 0, phases };
    }),
    ...giving.map(({ number, mostW, phases }) => ({
      ...{ vehicle: number, offeredW: 0, mostW: 0, mostDischargeW: mostW, phases },
    })),
  ];
  const { powerW, deliveredWh } = deliverTrades(placed, trades, {
    ...{ phaseLimitW, intervalSeconds: INTERVAL_SECONDS },
  });
  for (const [i, { priceMicroPerKwh }] of trades.entries()) {
    const energyWh = deliveredWh[i] ?? 0;
    if (energyWh === 0) continue;
    day.trades.count += 1;
    day.trades.deliveredWh += energyWh;
    day.trades.paidMicro += moneyOf(energyWh, BigInt(priceMicroPerKwh));
    day.trades.prices.push(priceMicroPerKwh);
  }
  return powerW;
}

/**
 * Vehicles with energy to spare give it at the grid operator's call, if it pays, with the power that their trades leave; gives what they
 * give together, W.
 */
function answerCall(
  day: Day,
  paymentMicroPerKwh: bigint,
  { interval, powersW }: { readonly interval: number; readonly powersW: Powers },
): number {
  const { call, offPeakMicroPerKwh } = STATION_DAY;
  const second = interval * INTERVAL_SECONDS;
  if (second < call.from || second >= call.until) return 0;
  const rechargeMicroPerKwh = offPeakMicroPerKwh.reduce<bigint>(largerOf, 0n);
  let wantedWh = call.wantedW * INTERVAL_HOURS;
  for (const { number, from, until, mostW } of day.site.giving) {
    if (interval < from || interval >= until || wantedWh < WH_SHORT) continue;
    const spareWh = day.spareWh.get(number) ?? 0;
    const leftW = mostW + (powersW.get(number) ?? 0);
    const decision = decideDischarge(
      {
        paymentMicroPerKwh,
        wantedWh: BigInt(Math.floor(Math.min(wantedWh, leftW * INTERVAL_HOURS))),
        spareWh: BigInt(Math.floor(spareWh)),
        rechargeMicroPerKwh,
      },
      DISCHARGE_COSTS,
    );
    if (decision.refused !== null) day.refusals.call.push(`${number} ${decision.refused}`);
    const givenWh = Number(decision.energyWh);
    wantedWh -= givenWh;
    day.spareWh.set(number, spareWh - givenWh);
    day.call.answeredWh += givenWh;
    day.call.paidMicro += moneyOf(givenWh, paymentMicroPerKwh);
  }
  return (call.wantedW * INTERVAL_HOURS - wantedWh) / INTERVAL_HOURS;
}

/** Of whole Wh, rounded down: who pays and who gets it count the same. */
function moneyOf(energyWh: number, priceMicroPerKwh: bigint): bigint {
  return costRoundingDown({ energyWh: BigInt(Math.floor(energyWh)), priceMicroPerKwh });
}

function outcomeOf({
  site,
  plan,
  lackingWh,
  spareWh,
  gridW,
  trades,
  call,
  refusals,
}: Day): StationDayOutcome {
  const { offPeakMicroPerKwh, marketMicroPerKwh } = STATION_DAY;
  const lacking = [...lackingWh.values()].filter((energyWh) => energyWh >= WH_SHORT);
  const reserveMicroPerKwh = sellerReserveMicroPerKwh(DISCHARGE_COSTS, offPeakMicroPerKwh);
  const { prices, ...sums } = trades;
  return {
    vehicles: { taking: site.taking.length, giving: site.giving.length },
    peaksW: { unmanaged: Math.max(...unmanagedW(site)), planned: plan.peakW, drawn: Math.max(...gridW) },
    promisesKept: site.taking.length - lacking.length,
    lackingWh: lacking.reduce((sum, energyWh) => sum + energyWh, 0),
    ...curtailment(site, plan),
    trades: {
      ...{ reserveMicroPerKwh, marketMicroPerKwh, ...sums },
      lowestMicroPerKwh: prices.length === 0 ? null : Math.min(...prices),
      highestMicroPerKwh: prices.length === 0 ? null : Math.max(...prices),
      refused: countOnce(refusals.trade),
    },
    call: { costMicroPerKwh: reserveMicroPerKwh, ...call, refused: countOnce(refusals.call) },
    spareWh: [...spareWh.values()].reduce((sum, energyWh) => sum + energyWh, 0),
  };
}

/** All charge at their own limit as they come, and every load is as it is wanted. */
function unmanagedW({ taking, fixedW, curtailable }: StationSite): number[] {
  const left = new Map(taking.map(({ number, wantedWh }) => [number, wantedWh]));
  return fixedW.map((buildingW, interval) => {
    const loadsW = curtailable.reduce((sum, { wantedW }) => sum + (wantedW[interval] ?? 0), buildingW);
    return taking.reduce((sum, { number, from, until, mostW }) => {
      const leftWh = left.get(number) ?? 0;
      const takenWh = from <= interval && interval < until ? Math.min(leftWh, mostW * INTERVAL_HOURS) : 0;
      left.set(number, leftWh - takenWh);
      return sum + takenWh / INTERVAL_HOURS;
    }, loadsW);
  });
}

function curtailment({ curtailable }: StationSite, { curtailedW }: FlexiblePlan) {
  let [loweredWh, belowComfort] = [0, 0];
  for (const { id, wantedW, comfortW } of curtailable)
    for (const [k, powerW] of (curtailedW.get(id) ?? []).entries()) {
      loweredWh += Math.max(0, (wantedW[k] ?? 0) - powerW) * INTERVAL_HOURS;
      if (powerW < (comfortW[k] ?? 0)) belowComfort += 1;
    }
  return { loweredWh, belowComfort };
}

/** Vehicles by the reason for which they did not, each once a reason. */
function countOnce(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of new Set(reasons)) {
    const [, reason = ""] = each.split(" ");
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}
