import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRICINGS, type Pricing } from "#kernel/auction/order.ts";
import { decideDischarge } from "./vehicleDischarge.ts";
import { sellerReserveMicroPerKwh, tradeBetweenVehicles } from "./vehicleTrade.ts";
import { wearMicroPerKwh } from "./wear.ts";

const CASES = join(import.meta.dirname, "../../../../cases/vehicles");

type Battery = Record<"batteryMicro" | "capacityWh" | "cycles" | "depthPermille", number>;

type Input = {
  secondOfDay: number;
  businessHours: { from: number; until: number };
  pricing: Pricing;
  marketMicroPerKwh: number;
  offPeakMicroPerKwh: number[];
  sellers: (Battery & {
    vehicle: number;
    spareWh: number;
    askMicroPerKwh: number;
    roundTripPermille: number;
  })[];
  buyers: { vehicle: number; wantedWh: number; limitMicroPerKwh: number }[];
  grid: Record<"paymentMicroPerKwh" | "wantedWh" | "rechargeMicroPerKwh", number>;
};

describe("golden cases", () => {
  it.each(readdirSync(CASES))("%s: nothing at a net loss (R4.2, R4.4)", (name) => {
    expect(integersOf(run(readCase(name, "input.json")))).toEqual(readCase(name, "expected.json"));
  });
});

/** Each seller's wear and reserve, what vehicles trade, and what each seller would give the grid. */
function run({ sellers: batteries, buyers, grid, secondOfDay, ...market }: Input) {
  const sellers = batteries.map((each) => ({
    vehicle: each.vehicle,
    spareWh: each.spareWh,
    askMicroPerKwh: BigInt(each.askMicroPerKwh),
    roundTripPermille: BigInt(each.roundTripPermille),
    wearMicroPerKwh: wearMicroPerKwh({
      batteryMicro: BigInt(each.batteryMicro),
      capacityWh: BigInt(each.capacityWh),
      cycles: BigInt(each.cycles),
      depthPermille: BigInt(each.depthPermille),
    }),
  }));
  const offPeakMicroPerKwh = market.offPeakMicroPerKwh.map(BigInt);
  const { paymentMicro, ...traded } = tradeBetweenVehicles(
    { sellers, buyers: buyers.map((each) => ({ ...each, limitMicroPerKwh: BigInt(each.limitMicroPerKwh) })) },
    { ...market, offPeakMicroPerKwh, marketMicroPerKwh: BigInt(market.marketMicroPerKwh) },
    secondOfDay,
  );
  return {
    wearMicroPerKwh: sellers.map((each) => each.wearMicroPerKwh),
    reserveMicroPerKwh: sellers.map((each) => sellerReserveMicroPerKwh(each, offPeakMicroPerKwh)),
    ...traded,
    paymentMicro: Object.fromEntries(paymentMicro),
    toGrid: sellers.map((each) =>
      decideDischarge(
        {
          paymentMicroPerKwh: BigInt(grid.paymentMicroPerKwh),
          wantedWh: BigInt(grid.wantedWh),
          spareWh: BigInt(each.spareWh),
          rechargeMicroPerKwh: BigInt(grid.rechargeMicroPerKwh),
        },
        each,
      ),
    ),
  };
}

const price = fc.integer({ min: 0, max: 400_000 }).map(BigInt);

it("each trade is at or above the seller's reserve, below the market's price, and no money is lost (R5.48, AMB-13)", () => {
  const seller = fc.record({
    spareWh: fc.nat(20_000),
    askMicroPerKwh: price,
    roundTripPermille: fc.integer({ min: 600, max: 1_000 }).map(BigInt),
    wearMicroPerKwh: fc.integer({ min: 0, max: 100_000 }).map(BigInt),
  });
  const buyer = fc.record({ wantedWh: fc.nat(20_000), limitMicroPerKwh: price });
  fc.assert(
    fc.property(
      fc.array(seller, { maxLength: 8 }),
      fc.array(buyer, { maxLength: 8 }),
      fc.array(price, { minLength: 1, maxLength: 3 }),
      price,
      fc.constantFrom(...PRICINGS),
      (selling, buying, offPeakMicroPerKwh, marketMicroPerKwh, pricing) => {
        const sellers = selling.map((each, i) => ({ ...each, vehicle: i + 1 }));
        const buyers = buying.map((each, i) => ({ ...each, vehicle: i + 101 }));
        const market = {
          offPeakMicroPerKwh,
          marketMicroPerKwh,
          pricing,
          businessHours: { from: 0, until: 1 },
        };
        const { trades, paymentMicro, remainderMicro } = tradeBetweenVehicles({ sellers, buyers }, market, 0);
        const given = new Map<number, number>();
        for (const { seller, buyer, energyWh, priceMicroPerKwh } of trades) {
          const reserve = sellerReserveMicroPerKwh(sellers[seller - 1]!, offPeakMicroPerKwh);
          expect(BigInt(priceMicroPerKwh)).toBeGreaterThanOrEqual(reserve);
          expect(BigInt(priceMicroPerKwh)).toBeLessThan(marketMicroPerKwh);
          for (const vehicle of [seller, buyer]) given.set(vehicle, (given.get(vehicle) ?? 0) + energyWh);
        }
        for (const { vehicle, spareWh } of sellers)
          expect(given.get(vehicle) ?? 0).toBeLessThanOrEqual(spareWh);
        for (const { vehicle, wantedWh } of buyers)
          expect(given.get(vehicle) ?? 0).toBeLessThanOrEqual(wantedWh);
        const sum = [...paymentMicro.values()].reduce((total, micro) => total + micro, 0n);
        expect(sum).toBe(remainderMicro);
        expect(tradeBetweenVehicles({ sellers, buyers }, market, 1).trades).toEqual([]);
      },
    ),
  );
});

function integersOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}

function readCase(name: string, file: string) {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8"));
}
