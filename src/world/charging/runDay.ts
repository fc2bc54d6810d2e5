import { type ChargingDay, INTERVAL_HOURS, INTERVALS, INTERVALS_A_PERIOD } from "./chargingDay.ts";
import { type DayOutcome, marginOfPeriod, openLedger } from "./dayLedger.ts";
import { beginDay, deliver, isHere, type Ongoing, usefulW } from "./ongoing.ts";
import { type ExpectedW, runQuotaDay } from "./runQuotaDay.ts";

/**
 * How stations share what a transformer has left.
 *
 * - `traded`: quotas of each period, traded
 * - `allocated`: quotas of each period as they are allocated
 * - `firstCome`: who came first charges at its full power, as long as the margin has room
 * - `unlimited`: everybody does
 */
export const REGIMES = ["traded", "allocated", "firstCome", "unlimited"] as const;

export type Regime = (typeof REGIMES)[number];

/**
 * Runs a day under a regime.
 *
 * @param expectedW what each station demands for vehicles that it does not know of yet
 */
export function runDay(day: ChargingDay, regime: Regime, expectedW: ExpectedW): DayOutcome {
  if (regime === "traded" || regime === "allocated")
    return runQuotaDay(day, { isTraded: regime === "traded", expectedW });
  return runFirstCome(day, regime === "unlimited" ? Number.POSITIVE_INFINITY : null);
}

/** In the order of arrival; a vehicle that finds no room for its least current waits. */
function runFirstCome(day: ChargingDay, limitW: number | null): DayOutcome {
  const all = beginDay(day).sort(byArrival);
  const ledger = openLedger(day);
  for (let interval = 0; interval < INTERVALS; interval += 1) {
    let roomW = limitW ?? marginOfPeriod(day, Math.floor(interval / INTERVALS_A_PERIOD));
    for (const each of all) {
      const wantedW = isHere(each, interval) ? usefulW(each, INTERVAL_HOURS) : 0;
      const offeredW = Math.min(wantedW, roomW);
      const isOn = offeredW > 0 && offeredW >= each.vehicle.leastW;
      if (isOn) roomW -= offeredW;
      ledger.take(each, { interval, takenWh: deliver(each, isOn ? offeredW : 0) });
    }
  }
  return ledger.close({ tradedW: 0, penaltyMicro: 0n });
}

function byArrival({ vehicle: one }: Ongoing, { vehicle: other }: Ongoing): number {
  return one.from - other.from || (one.id < other.id ? -1 : 1);
}
