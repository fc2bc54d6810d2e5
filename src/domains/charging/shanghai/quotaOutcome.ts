import { allocateQuotas, betaOf } from "#domains/charging/rules/allocateQuotas.ts";
import { type ChargingPrices, chargePeriod } from "#domains/charging/rules/charges.ts";
import { auctionQuotas, quotasAfter } from "#domains/charging/rules/quotaAuction.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { microRoundingUp } from "#kernel/units/money.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";
import {
  type ByStation,
  byStation,
  DEMANDS_W,
  STATIONS,
  type StationName,
  shanghaiOrders,
  shanghaiTerms,
  TARIFF_MICRO_PER_KWH,
} from "./shanghaiCase.ts";

/** Quota that went from one station to another. */
export type NamedTrade = {
  readonly buyer: StationName;
  readonly seller: StationName;
  readonly quotaW: number;
  readonly priceMicroPerKw: number;
  readonly paymentMicro: bigint;
};

/** What a period of the case comes to: by the rules, or as a chain has it. Money in micro tokens. */
export type QuotaOutcome = {
  readonly quotasW: ByStation<number>;
  readonly finalQuotasW: ByStation<number>;
  readonly paymentMicro: ByStation<bigint>;
  readonly feeMicro: ByStation<bigint>;
  readonly penaltyMicro: ByStation<bigint>;
};

/** The same with what no chain says: β, which trade made which payment, and what the meters read, Wh by interval. */
export type ComputedCase = QuotaOutcome & {
  readonly beta: number;
  readonly trades: readonly NamedTrade[];
  readonly importWh: ByStation<readonly bigint[]>;
};

const WH_PER_KWH = 1_000n;
const SECONDS_PER_HOUR = 3_600;
const PRICES: ChargingPrices = { tariffMicroPerKwh: TARIFF_MICRO_PER_KWH, penaltyPermille: 2_000n };
/** Station i is member i + 1 here. */
const MEMBERS = byStation((_, i) => i + 1);

/**
 * The case by the rules: margin divided, auction, and each station drawing exactly its last quota for the whole period.
 *
 * @param intervalSeconds of the area, in which energy is read
 */
export function computeCase({
  marginW,
  pricing,
  intervalSeconds,
}: {
  readonly marginW: number;
  readonly pricing: Pricing;
  readonly intervalSeconds: number;
}): ComputedCase {
  const demands = STATIONS.map((name) => ({ member: MEMBERS[name], demandW: DEMANDS_W[name] }));
  const allocation = allocateQuotas({ demands, marginW });
  const { trades, positions } = auctionQuotas(shanghaiOrders(MEMBERS), pricing);
  const after = quotasAfter(allocation.quotasW, positions);
  const finalQuotasW = byStation((name) => after.get(MEMBERS[name]) ?? 0);
  const importWh = byStation((name) => readingsOf(finalQuotasW[name], intervalSeconds));
  const charges = byStation((name) =>
    chargePeriod({
      prices: PRICES,
      intervalSeconds,
      quotaW: finalQuotasW[name],
      intervals: importWh[name].map((energyWh) => ({ importWh: energyWh })),
      depositMicro: AMPLE_MICRO,
    }),
  );
  const payments = new Map(positions.map(({ member, paymentMicro }) => [member, paymentMicro]));
  return {
    beta: betaOf(allocation, marginW),
    quotasW: byStation((name) => allocation.quotasW.get(MEMBERS[name]) ?? 0),
    finalQuotasW,
    importWh,
    paymentMicro: byStation((name) => payments.get(MEMBERS[name]) ?? 0n),
    feeMicro: byStation((name) => charges[name].feeMicro),
    penaltyMicro: byStation((name) => charges[name].penaltyMicro),
    trades: trades.map(({ buyer, seller, ...trade }) => ({
      buyer: nameOf(buyer),
      seller: nameOf(seller),
      ...trade,
      paymentMicro: microRoundingUp(BigInt(trade.quotaW) * BigInt(trade.priceMicroPerKw)),
    })),
  };
}

/** More than any station of the case can owe: its charges are not cut. */
const AMPLE_MICRO = 10n ** 15n;

/**
 * The fee of Table 4 (E9.3): tariff × the quota before the auction, unrounded, for `hours`. The book takes one hour; a period has
 * a half (E9.4). Micro tokens, rounded up.
 */
export function feeOnFirstQuota(station: StationName, marginW: number, hours: 0.5 | 1): bigint {
  const totalW = STATIONS.reduce((sum, name) => sum + DEMANDS_W[name], 0);
  const sharedW = BigInt(Math.min(marginW, totalW));
  const exact = BigInt(DEMANDS_W[station]) * sharedW * TARIFF_MICRO_PER_KWH;
  return divideRoundingUp(hours === 1 ? exact : exact / 2n, BigInt(totalW) * WH_PER_KWH);
}

/** A steady power as a meter reads it at the end of each interval: to the nearest Wh, half up. */
function readingsOf(powerW: number, intervalSeconds: number): readonly bigint[] {
  const { periodSeconds } = shanghaiTerms("midpoint");
  const registerWh = (seconds: number) => Math.floor((powerW * seconds) / SECONDS_PER_HOUR + 0.5);
  return Array.from({ length: periodSeconds / intervalSeconds }, (_, i) =>
    BigInt(registerWh((i + 1) * intervalSeconds) - registerWh(i * intervalSeconds)),
  );
}

function nameOf(member: number): StationName {
  return STATIONS[member - 1] as StationName;
}
