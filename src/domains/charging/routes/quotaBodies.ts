import type { z } from "zod";
import type { MeteredPower } from "#domains/charging/queries/meteredPower.ts";
import type {
  QuotaOrderView,
  QuotaPeriodView,
  QuotaStationView,
  QuotaTermsView,
} from "#domains/charging/queries/quotaPeriods.ts";
import { betaOf } from "#domains/charging/rules/allocateQuotas.ts";
import { windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import type {
  quotaPeriodWholeWire,
  quotaPeriodWire,
  quotaTermsOfAreaWire,
  stationPeriodsWire,
} from "#domains/charging/wire.ts";
import { orNull } from "#platform/api/decimalText.ts";

type Whole = z.infer<typeof quotaPeriodWholeWire>;

export function termsBody(terms: QuotaTermsView): z.infer<typeof quotaTermsOfAreaWire>["versions"][number] {
  const { floorMicroPerKw, ceilingMicroPerKw, areaId: _area, transactionHash: _hash, ...rest } = terms;
  return {
    ...rest,
    floorMicroPerKw: String(floorMicroPerKw),
    ceilingMicroPerKw: String(ceilingMicroPerKw),
  };
}

/** A period with what its stations come to, and what the area's meters say by interval. */
export function periodBody(
  period: QuotaPeriodView,
  {
    terms,
    stations,
    powers,
  }: {
    readonly terms: QuotaTermsView;
    readonly stations: readonly QuotaStationView[];
    readonly powers: ReadonlyMap<number, MeteredPower>;
  },
): z.infer<typeof quotaPeriodWire> {
  const paid = stations.filter(({ paidAt }) => paidAt !== null);
  const sumOf = (figure: "meteredWh" | "excessWh" | "feeMicro" | "penaltyMicro") =>
    paid.length === 0 ? null : String(paid.reduce((sum, station) => sum + (station[figure] ?? 0n), 0n));
  const metered = Array.from({ length: period.intervals }, (_, i) => powers.get(period.intervalId + i));
  return {
    areaId: period.areaId,
    period: period.period,
    intervalId: period.intervalId,
    intervals: period.intervals,
    startsAt: period.startsAt,
    endsAt: period.endsAt,
    stage: period.stage,
    windows: windowsBody(period, terms),
    termsVersion: period.termsVersion,
    ratingW: terms.ratingW,
    forecastW: period.forecastW,
    reserveW: period.reserveW,
    marginW: period.marginW,
    tariffMicroPerKwh: String(period.tariffMicroPerKwh),
    cnyMicroPerEther: String(period.cnyMicroPerEther),
    stations: period.stations,
    totalDemandW: period.totalDemandW,
    beta: betaIn(period),
    isRationed: period.isRationed,
    localPriceMicroPerKw: orNull(period.localPriceMicroPerKw),
    clearedW: period.clearedW,
    remainderMicro: orNull(period.remainderMicro),
    orders: period.orders,
    trades: period.trades,
    unpaid: period.unpaid,
    openDeposits: period.openDeposits,
    meteredWh: sumOf("meteredWh"),
    excessWh: sumOf("excessWh"),
    feeMicro: sumOf("feeMicro"),
    penaltyMicro: sumOf("penaltyMicro"),
    drawnW: metered.map((power) => power?.stationsW ?? null),
    conventionalW: metered.map((power) => power?.conventionalW ?? null),
  };
}

/** β as people read it; null before the margin is divided. */
export function betaIn(period: QuotaPeriodView): number | null {
  return period.allocatedAt === null ? null : betaOf(period, period.marginW);
}

export function windowsBody({ period }: QuotaPeriodView, terms: QuotaTermsView): Whole["windows"] {
  const { opensAt, demandEndsAt, allocationEndsAt, ordersEndAt, clearingEndsAt } = windowsOf(period, terms);
  return { opensAt, demandEndsAt, allocationEndsAt, ordersEndAt, clearingEndsAt };
}

export function stationBody(station: QuotaStationView): Whole["stationList"][number] {
  const { allocatedW, tradedW } = station;
  return {
    member: station.member,
    account: station.account,
    demandW: station.demandW,
    depositMicro: String(station.depositMicro),
    allocatedW,
    tradedW,
    quotaW: allocatedW === null ? null : allocatedW + tradedW,
    quotaMicro: String(station.quotaMicro),
    meteredWh: orNull(station.meteredWh),
    excessWh: orNull(station.excessWh),
    feeMicro: orNull(station.feeMicro),
    penaltyMicro: orNull(station.penaltyMicro),
    missing: station.missing,
    withdrawnMicro: orNull(station.withdrawnMicro),
    demandedAt: station.demandedAt,
    demandedIn: station.demandedIn,
    paidAt: station.paidAt,
    paidIn: station.paidIn,
    withdrawnAt: station.withdrawnAt,
  };
}

export function quotaOrderBody(
  order: QuotaOrderView,
): NonNullable<z.infer<typeof stationPeriodsWire>["periods"][number]["orders"]>[number] {
  const { orderId, side, member, account, limitPriceMicroPerKw, quotaW, filledW } = order;
  return {
    ...{ orderId, side, member, account, quotaW, filledW },
    limitPriceMicroPerKw: String(limitPriceMicroPerKw),
  };
}
