import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { chargePeriod, depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { auctionQuotas, quotasAfter } from "#domains/charging/rules/quotaAuction.ts";
import { shanghaiTariffAt } from "#domains/charging/rules/tariff.ts";
import { offerNext } from "#domains/charging/schedule/scheduleVehicles.ts";
import {
  type ChargingDay,
  INTERVAL_HOURS,
  INTERVAL_SECONDS,
  INTERVALS_A_PERIOD,
  PERIOD_SECONDS,
  PERIODS,
  STATIONS,
} from "./chargingDay.ts";
import { type DayLedger, type DayOutcome, marginOfPeriod, openLedger } from "./dayLedger.ts";
import { beginDay, deliver, isHere, type Ongoing, waitingFrom } from "./ongoing.ts";
import { powerWishes, quotaOrders } from "./quotaWishes.ts";

/** A station's phases bear all that it is granted, and its vehicles may pause as often as the quota asks. */
const STATION = { phaseLimitW: 1_000_000, mostStartsAnHour: 4, intervalSeconds: INTERVAL_SECONDS } as const;
/** AMB-23. */
const PENALTY_PERMILLE = 2_000n;
const MEMBERS = Array.from({ length: STATIONS }, (_, i) => i + 1);

/** Power that a station expects of vehicles which it does not know of, by station and period, W. */
export type ExpectedW = readonly (readonly number[])[];

type Rules = { readonly isTraded: boolean; readonly expectedW: ExpectedW };

type Quotas = {
  readonly demandsW: ReadonlyMap<number, number>;
  readonly quotasW: ReadonlyMap<number, number>;
  readonly tradedW: number;
};

/**
 * A day in which quotas of each period are set during the one before it, by the chain's own rules: demands, allocation, auction, and
 * payment by the meter with a penalty above the quota. Each station schedules its vehicles within its quota, knowing those who are there.
 */
export function runQuotaDay(day: ChargingDay, rules: Rules): DayOutcome {
  const all = beginDay(day);
  const ledger = openLedger(day);
  let [tradedW, penaltyMicro] = [0, 0n];
  let quotas = quotasOfPeriod(day, { period: 0, all, current: null, rules });
  for (let period = 0; period < PERIODS; period += 1) {
    // The next period's quotas are set at this one's beginning, so that who comes in between is not known.
    const next = quotasOfPeriod(day, { period: period + 1, all, current: quotas, rules });
    penaltyMicro += deliverPeriod({ period, all, quotas, ledger });
    tradedW += quotas.tradedW;
    quotas = next;
  }
  return ledger.close({ tradedW, penaltyMicro });
}

/** What each station asks for a period, gets, and has after the auction. */
function quotasOfPeriod(
  day: ChargingDay,
  {
    period,
    all,
    current,
    rules,
  }: { period: number; all: readonly Ongoing[]; current: Quotas | null; rules: Rules },
): Quotas {
  const interval = period * INTERVALS_A_PERIOD;
  const stations = MEMBERS.map((station) => {
    const foreseen = foresee(all, { station, interval, quotaW: current?.quotasW.get(station) ?? 0 });
    const keptW = Math.ceil(rules.expectedW[station - 1]?.[period] ?? 0);
    return { station, keptW, wishes: powerWishes(foreseen, interval) };
  });
  const demands = stations.map(({ station, keptW, wishes }) => ({
    member: station,
    demandW: keptW + wishes.reduce((sum, { powerW }) => sum + powerW, 0),
  }));
  const demandsW = new Map(demands.map(({ member, demandW }) => [member, demandW]));
  const { isRationed, quotasW } = allocateQuotas({ demands, marginW: marginOfPeriod(day, period) });
  if (!isRationed || !rules.isTraded) return { demandsW, quotasW, tradedW: 0 };
  const orders = stations.flatMap(({ station, keptW, wishes }) =>
    quotaOrders({ station, quotaW: quotasW.get(station) ?? 0, keptW, wishes }),
  );
  const { positions, clearing } = auctionQuotas(orders, "midpoint");
  return { demandsW, quotasW: quotasAfter(quotasW, positions), tradedW: clearing.clearedQuantity };
}

/**
 * Who of those that are there a period before will still be, and what each will lack then; and who is announced until the period is
 * over, and will lack all that it wants.
 */
function foresee(
  all: readonly Ongoing[],
  { station, interval, quotaW }: { station: number; interval: number; quotaW: number },
): Pick<Ongoing, "vehicle" | "leftWh">[] {
  const now = interval - INTERVALS_A_PERIOD;
  const here = all.filter((each) => each.vehicle.station === station && isHere(each, now));
  const offers = offersAt(here, now, quotaW);
  const announced = all.filter(
    ({ vehicle: { station: at, from, isAnnounced } }) =>
      isAnnounced && at === station && from > now && from < interval + INTERVALS_A_PERIOD,
  );
  const staying = here.flatMap(({ vehicle, leftWh }, i) => {
    const takenWh = (offers[i] ?? 0) * INTERVAL_HOURS * INTERVALS_A_PERIOD;
    const left = { vehicle, leftWh: Math.max(0, leftWh - takenWh) };
    return vehicle.until > interval && left.leftWh > 0 ? [left] : [];
  });
  return [...staying, ...announced.filter(({ vehicle }) => vehicle.until > interval)];
}

/** Schedules those who are there with this quota as long as they stay. */
function offersAt(here: readonly Ongoing[], interval: number, quotaW: number): number[] {
  const longest = Math.max(0, ...here.map(({ vehicle }) => vehicle.until - interval));
  const limitW = Array.from({ length: longest }, () => quotaW);
  return offerNext(
    here.map((each) => waitingFrom(each, interval)),
    { site: { ...STATION, limitW }, rule: "leastLaxity" },
  );
}

/** Charges for a period within quotas, and gives the penalties of all stations by their meters, micro. */
function deliverPeriod({
  period,
  all,
  quotas,
  ledger,
}: {
  period: number;
  all: readonly Ongoing[];
  quotas: Quotas;
  ledger: DayLedger;
}): bigint {
  let penalties = 0n;
  for (const station of MEMBERS) {
    const quotaW = quotas.quotasW.get(station) ?? 0;
    const own = all.filter(({ vehicle }) => vehicle.station === station);
    const intervals = Array.from({ length: INTERVALS_A_PERIOD }, (_, i) => {
      const interval = period * INTERVALS_A_PERIOD + i;
      return { importWh: deliverInterval(own, { interval, quotaW, ledger }) };
    });
    const prices = {
      tariffMicroPerKwh: shanghaiTariffAt(period * PERIOD_SECONDS),
      penaltyPermille: PENALTY_PERMILLE,
    };
    const demandW = quotas.demandsW.get(station) ?? 0;
    const deposit = { prices, periodSeconds: PERIOD_SECONDS, demandW, quotaW, auctionMicro: 0n };
    const depositMicro = depositNeededMicro(deposit);
    penalties += chargePeriod({
      prices,
      intervalSeconds: INTERVAL_SECONDS,
      quotaW,
      intervals,
      depositMicro,
    }).penaltyMicro;
  }
  return penalties;
}

function deliverInterval(
  own: readonly Ongoing[],
  { interval, quotaW, ledger }: { interval: number; quotaW: number; ledger: DayLedger },
): bigint {
  const here = own.filter((each) => isHere(each, interval));
  const offers = new Map(offersAt(here, interval, quotaW).map((offeredW, i) => [here[i], offeredW]));
  let stationWh = 0;
  for (const each of own) {
    const takenWh = deliver(each, offers.get(each) ?? 0);
    stationWh += takenWh;
    ledger.take(each, { interval, takenWh });
  }
  return BigInt(Math.round(stationWh));
}
