import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Order, Pricing, Side } from "#kernel/auction/order.ts";
import { allocateQuotas } from "./allocateQuotas.ts";
import { type ChargingPrices, chargePeriod, depositNeededMicro } from "./charges.ts";
import { marginW as marginOf } from "./margin.ts";
import { auctionQuotas, quotasAfter } from "./quotaAuction.ts";
import { bidMicro, quotaOrderFault } from "./quotaOrderFault.ts";

const CASES = join(import.meta.dirname, "../../../../cases/charging");

type SideInput = Record<"participant" | "limitPriceMicroPerKw" | "quotaW" | "sequence", number[]>;

type Input = Record<
  | "periodSeconds"
  | "intervalSeconds"
  | "tariffMicroPerKwh"
  | "penaltyPermille"
  | "ratingW"
  | "forecastW"
  | "reserveW",
  number
> & {
  pricing: Pricing;
  bids: SideInput;
  offers: SideInput;
} & Record<"demandsW" | "depositsMicro" | "importWh", number[]>;

describe("golden cases", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input: Input = readCase(name, "input.json");
    expect(integersOf(runPeriod(input))).toEqual(readCase(name, "expected.json"));
  });
});

/** A period from the margin to the withdrawal of what is left. Station i of the arrays is member i + 1. */
function runPeriod(input: Input) {
  const marginW = marginOf(input);
  const demands = input.demandsW.map((demandW, i) => ({ member: i + 1, demandW }));
  const allocation = allocateQuotas({ demands, marginW });
  const quotasW = [...allocation.quotasW.values()];
  const orders = [...ordersOf(input.bids, "bid"), ...ordersOf(input.offers, "offer")];
  for (const [i, quotaW] of quotasW.entries()) expect(faultOf(input, i, quotaW, orders)).toBeNull();
  const auction = auctionQuotas(orders, input.pricing);
  const finalQuotasW = [...quotasAfter(allocation.quotasW, auction.positions).values()];
  const payments = new Map(auction.positions.map(({ member, paymentMicro }) => [member, paymentMicro]));
  const paymentMicro = demands.map(({ member }) => payments.get(member) ?? 0n);
  const charges = finalQuotasW.map((quotaW, i) => chargeOf(input, i, quotaW, paymentMicro[i]!));
  return {
    marginW,
    isRationed: allocation.isRationed,
    totalDemandW: allocation.totalDemandW,
    cutRemainder: allocation.cutRemainder,
    cutMember: allocation.cutMember,
    quotasW,
    depositNeededMicro: quotasW.map((quotaW, i) => neededOf(input, i, quotaW, orders)),
    clearedW: auction.clearing.clearedQuantity,
    finalQuotasW,
    paymentMicro,
    remainderMicro: auction.remainderMicro,
    meteredWh: charges.map(({ meteredWh }) => meteredWh),
    excessWh: charges.map(({ excessWh }) => excessWh),
    feeMicro: charges.map(({ feeMicro }) => feeMicro),
    penaltyMicro: charges.map(({ penaltyMicro }) => penaltyMicro),
    restMicro: charges.map(({ feeMicro, penaltyMicro }, i) => {
      return leftAfterAuction(input, i, paymentMicro[i]!) - feeMicro - penaltyMicro;
    }),
  };
}

function chargeOf(input: Input, station: number, quotaW: number, paymentMicro: bigint) {
  const count = input.periodSeconds / input.intervalSeconds;
  const importWh = input.importWh.slice(station * count, (station + 1) * count);
  return chargePeriod({
    prices: pricesOf(input),
    intervalSeconds: input.intervalSeconds,
    quotaW,
    intervals: importWh.map((energyWh) => ({ importWh: BigInt(energyWh) })),
    depositMicro: leftAfterAuction(input, station, paymentMicro),
  });
}

/** What the auction left of a deposit: sellers are paid into their margin. */
function leftAfterAuction(input: Input, station: number, paymentMicro: bigint): bigint {
  return BigInt(input.depositsMicro[station]!) - (paymentMicro > 0n ? paymentMicro : 0n);
}

function neededOf(input: Input, station: number, quotaW: number, orders: readonly Order<number>[]): bigint {
  const bids = ofStation(station, orders).filter(({ side }) => side === "bid");
  return depositNeededMicro({
    prices: pricesOf(input),
    periodSeconds: input.periodSeconds,
    demandW: input.demandsW[station]!,
    quotaW: quotaW + bids.reduce((sum, { quantity }) => sum + quantity, 0),
    auctionMicro: bids.reduce((sum, bid) => sum + bidMicro(bid), 0n),
  });
}

function faultOf(input: Input, station: number, quotaW: number, orders: readonly Order<number>[]) {
  return quotaOrderFault(ofStation(station, orders), {
    demandW: input.demandsW[station]!,
    quotaW,
    capacityW: 1_000_000,
    depositMicro: BigInt(input.depositsMicro[station]!),
    prices: pricesOf(input),
    periodSeconds: input.periodSeconds,
  });
}

function ofStation(station: number, orders: readonly Order<number>[]): readonly Order<number>[] {
  return orders.filter(({ participant }) => participant === station + 1);
}

function pricesOf({ tariffMicroPerKwh, penaltyPermille }: Input): ChargingPrices {
  return { tariffMicroPerKwh: BigInt(tariffMicroPerKwh), penaltyPermille: BigInt(penaltyPermille) };
}

function ordersOf(side: SideInput, kind: Side): Order<number>[] {
  return side.participant.map((participant, i) => ({
    participant,
    side: kind,
    quantity: side.quotaW[i]!,
    limitPriceMicroPerThousand: side.limitPriceMicroPerKw[i]!,
    sequence: side.sequence[i]!,
  }));
}

function readCase(name: string, file: string) {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8"));
}

function integersOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}
