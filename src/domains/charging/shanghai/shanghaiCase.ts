import { BOOK_TIMES, type QuotaTerms } from "#domains/charging/rules/quotaTerms.ts";
import { shanghaiTariffAt } from "#domains/charging/rules/tariff.ts";
import type { Order, Pricing, Side } from "#kernel/auction/order.ts";

/** The stations of the case of Shanghai, in the order of their numbers (R9.20). */
export const STATIONS = ["A", "B", "C", "D", "E", "F", "G", "H"] as const;

export type StationName = (typeof STATIONS)[number];

/** A value for each station. */
export type ByStation<T> = Readonly<Record<StationName, T>>;

/** Margins that the case is run with, kW: the one that the book computed with, and the one that it prints (E9.1). */
export const MARGINS_KW = [323, 343] as const;

/** What stations ask for, W (R9.20). */
export const DEMANDS_W: ByStation<number> = {
  A: 36_000,
  B: 48_000,
  C: 42_000,
  D: 66_000,
  E: 30_000,
  F: 66_000,
  G: 54_000,
  H: 48_000,
};

/** Bids and offers of Table 3 (R9.21): W, and tokens per kW in micro (E9.10). */
const ORDERS: readonly (readonly [StationName, Side, number, number])[] = [
  ["A", "offer", 3_200, 25_000_000],
  ["B", "bid", 6_500, 24_000_000],
  ["C", "offer", 9_800, 22_000_000],
  ["D", "bid", 10_900, 26_000_000],
  ["E", "bid", 3_200, 28_000_000],
  ["F", "offer", 7_200, 19_000_000],
  ["G", "bid", 5_400, 20_000_000],
  ["H", "offer", 6_800, 16_000_000],
];

/** What the book prints: quotas of Table 2 in kW, payments and fees of Table 4 in tokens. */
export const PRINTED = {
  beta: 0.83,
  quotasKw: { A: 29.82, B: 39.75, C: 34.78, D: 54.66, E: 24.85, F: 54.66, G: 44.72, H: 39.75 },
  paymentTokens: { A: 0, B: 73.6, C: -225.4, D: 250.7, E: 73.6, F: -165.6, G: 0, H: -156.4 },
  feeTokens: {
    A: 3_339.32,
    B: 4_452.43,
    C: 3_895.88,
    D: 6_122.09,
    E: 2_782.77,
    F: 6_122.09,
    G: 5_008.98,
    H: 4_452.43,
  },
} as const satisfies Record<string, number | ByStation<number>>;

/** Half past six in the evening in Shanghai, unix s: a delivery of R9.3, with the tariff of the evening. */
export const DELIVERY_AT = Date.UTC(2026, 4, 4, 10, 30) / 1_000;
const SHANGHAI_OFFSET_SECONDS = 8 * 3_600;
const DAY_SECONDS = 86_400;

/** 1.12 CNY/kWh. */
export const TARIFF_MICRO_PER_KWH = shanghaiTariffAt((DELIVERY_AT + SHANGHAI_OFFSET_SECONDS) % DAY_SECONDS);

/** A 10-kV transformer of 1 MW; the conventional load is what the margin leaves. */
export function shanghaiTerms(pricing: Pricing): QuotaTerms {
  return {
    ...BOOK_TIMES,
    ratingW: 1_000_000,
    floorMicroPerKw: 0,
    ceilingMicroPerKw: 100_000_000,
    penaltyPermille: 2_000,
    pricing,
  };
}

/** The orders of Table 3, of stations by the numbers that they have in an area. */
export function shanghaiOrders(memberOf: ByStation<number>): readonly Order<number>[] {
  return ORDERS.map(([station, side, quantity, limitPriceMicroPerThousand]) => ({
    participant: memberOf[station],
    side,
    quantity,
    limitPriceMicroPerThousand,
    sequence: 0,
  }));
}

/** A value for each station, by what gives it. */
export function byStation<T>(give: (station: StationName, index: number) => T): ByStation<T> {
  return Object.fromEntries(STATIONS.map((name, i) => [name, give(name, i)])) as Record<StationName, T>;
}
