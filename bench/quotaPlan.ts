import { allocateQuotas, type Demand } from "#domains/charging/rules/allocateQuotas.ts";
import { type ChargingPrices, chargePeriod, depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { auctionQuotas, quotasAfter } from "#domains/charging/rules/quotaAuction.ts";
import { BOOK_TIMES, type QuotaTerms } from "#domains/charging/rules/quotaTerms.ts";
import type { Order } from "#kernel/auction/order.ts";
import { present } from "#kernel/units/assert.ts";
import { seededRandom } from "#kernel/units/random.ts";

/** What a station does in a period, and what it must come to: quota in W, and what its money changes by, in micro. */
export type StationPlan = {
  readonly member: number;
  readonly demandW: number;
  readonly depositMicro: bigint;
  readonly order: Order<number>;
  readonly importWh: readonly [number, number];
  readonly finalQuotaW: number;
  readonly gainMicro: bigint;
};

/** A period of stations, whose margin is rationed. */
export type PeriodPlan = { readonly marginW: number; readonly stations: readonly StationPlan[] };

/** The windows are wide, since each of 256 stations sends a transaction of its own, and a block is a second. */
export const QUOTA_TERMS: QuotaTerms = {
  ...BOOK_TIMES,
  demandSeconds: 900,
  allocationSeconds: 960,
  orderSeconds: 1_000,
  clearingSeconds: 1_700,
  ratingW: 10_000_000,
  floorMicroPerKw: 0,
  ceilingMicroPerKw: 10_000_000,
  penaltyPermille: 2_000,
  pricing: "midpoint",
};
/** 0.36 a kWh. */
export const TARIFF_MICRO_PER_KWH = 360_000n;
const PRICES: ChargingPrices = {
  tariffMicroPerKwh: TARIFF_MICRO_PER_KWH,
  penaltyPermille: BigInt(QUOTA_TERMS.penaltyPermille),
};
const INTERVAL_SECONDS = 900;
const SEED = 900;
/** Of what all demand, the transformer has so much, as in the case of Shanghai. */
const MARGIN_SHARE = 0.83;
/** A multiple of this gives whole amounts in the naive contract; each station has a price of its own. */
const PRICE_STEP = 2_000;
/** One station in so many draws more than its quota. */
const EXCEEDS_EVERY = 8;

/**
 * Draws a period: stations demand 3 to 11 kW; every second one bids for what it lacks, at 2 to 6 a kW, every other offers up to
 * a quarter of its quota, at 1 to 5; no two at one price. The same `index` gives the same period.
 */
export function planPeriod(members: readonly number[], index: number): PeriodPlan {
  const between = uniformOf(SEED + index);
  const demands = members.map((member) => ({ member, demandW: between(3_000, 11_000) }));
  const marginW = Math.floor(demands.reduce((sum, { demandW }) => sum + demandW, 0) * MARGIN_SHARE);
  const { quotasW } = allocateQuotas({ demands, marginW });
  const orders = drawOrders(demands, quotasW, between);
  const { positions } = auctionQuotas(orders, QUOTA_TERMS.pricing);
  const finalQuotasW = quotasAfter(quotasW, positions);
  const payments = new Map(positions.map(({ member, paymentMicro }) => [member, paymentMicro]));
  const stations = demands.map(({ member, demandW }, i): StationPlan => {
    const order = present(orders[i], "an order");
    const finalQuotaW = finalQuotasW.get(member) ?? 0;
    const depositMicro = depositOf(demandW, order);
    const importWh = drawImport(finalQuotaW, i % EXCEEDS_EVERY === 0 ? between(1, 500) : 0);
    const payment = payments.get(member) ?? 0n;
    const gainMicro = -payment - owedMicro({ finalQuotaW, importWh, depositMicro, payment });
    return { member, demandW, depositMicro, order, importWh, finalQuotaW, gainMicro };
  });
  return { marginW, stations };
}

/** Whole numbers drawn uniformly from a range, both ends included. */
type Between = (least: number, greatest: number) => number;

function uniformOf(seed: number): Between {
  const random = seededRandom(seed);
  return (least, greatest) => least + Math.floor(random() * (greatest - least + 1));
}

function drawOrders(
  demands: readonly Demand[],
  quotasW: ReadonlyMap<number, number>,
  between: Between,
): readonly Order<number>[] {
  const n = demands.length;
  return demands.map(({ member, demandW }, i): Order<number> => {
    const quotaW = quotasW.get(member) ?? 0;
    const isBid = i % 2 === 0;
    const steps = n * between(Math.floor(500 / n), Math.floor(2_500 / n)) + i + (isBid ? 500 : 0);
    return {
      participant: member,
      side: isBid ? "bid" : "offer",
      limitPriceMicroPerThousand: PRICE_STEP * steps,
      quantity: isBid ? demandW - quotaW : between(100, Math.floor(quotaW / 4)),
      sequence: 0,
    };
  });
}

function owedMicro({
  finalQuotaW: quotaW,
  importWh,
  depositMicro,
  payment,
}: Pick<StationPlan, "finalQuotaW" | "importWh" | "depositMicro"> & { readonly payment: bigint }): bigint {
  const charge = chargePeriod({
    prices: PRICES,
    intervalSeconds: INTERVAL_SECONDS,
    quotaW,
    intervals: importWh.map((wh) => ({ importWh: BigInt(wh) })),
    depositMicro: payment > 0n ? depositMicro - payment : depositMicro,
  });
  return charge.feeMicro + charge.penaltyMicro;
}

function depositOf(demandW: number, { side, quantity, limitPriceMicroPerThousand }: Order<number>): bigint {
  const most = side === "bid" ? BigInt(quantity) * BigInt(limitPriceMicroPerThousand) : 0n;
  return depositNeededMicro({
    prices: PRICES,
    periodSeconds: QUOTA_TERMS.periodSeconds,
    demandW,
    auctionMicro: most / 1_000n,
  });
}

/** Two intervals of nearly all of the quota, the first with something on top. */
function drawImport(quotaW: number, excessWh: number): readonly [number, number] {
  const allowedWh = Math.floor((quotaW * INTERVAL_SECONDS) / 3_600);
  return [allowedWh + excessWh, Math.max(0, allowedWh - 50)];
}
