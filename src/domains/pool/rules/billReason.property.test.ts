import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tariffMicro } from "#domains/billing/rules/tariff.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import { energyPosition } from "#domains/pool/rules/energyPosition.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { clearBook, midpoint } from "#kernel/auction/clearing.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { participantTotals } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { TERMS } from "#platform/store/marketHistory.fixture.ts";
import { type BilledMarket, type BilledOrder, type GridCause, reasonOfLine } from "./billReason.ts";

const tariff = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 320_000 };
const HOME = 4;

type Scene = {
  readonly orders: readonly Order<number>[];
  readonly metered: { readonly importWh: number; readonly exportWh: number };
  readonly pricing?: Pricing;
  readonly refused?: readonly BilledOrder[];
};

/** The line of member 4 after a real clearing and settlement, and its reason. */
function explain({ orders, metered, pricing = "uniform", refused = [] }: Scene) {
  const book = buildEnergyBook(orders);
  const clearing = clearBook(book, pricing);
  const fills = { bid: [...clearing.bidFills], offer: [...clearing.offerFills] };
  const filled = orders.map((order) => ({ ...order, fillWh: fills[order.side].shift()! }));
  const position = energyPosition(
    participantTotals(book, clearing).get(HOME) ?? {
      bought: 0n,
      sold: 0n,
      exactPayment: 0n,
      paymentMicro: 0n,
    },
  );
  const { marginalBidMicroPerThousand: bid, marginalOfferMicroPerThousand: offer } = clearing;
  const localPriceMicroPerKwh = bid === null || offer === null ? 0n : BigInt(midpoint(bid, offer));
  const reading = { importWh: BigInt(metered.importWh), exportWh: BigInt(metered.exportWh) };
  const chargePrices = settlementPrices(TERMS, { localPriceMicroPerKwh, isSupplied: true });
  const settlement = settlePosition(position, reading, chargePrices);
  const net = position.boughtWh - position.soldWh;
  const line = {
    ...reading,
    ...position,
    ...settlement,
    isReadingMissing: false,
    gridImportWh: reading.importWh - (net > 0n ? net - settlement.unconsumedWh : 0n),
    gridExportWh: reading.exportWh - (net < 0n ? -net - settlement.shortfallWh : 0n),
  };
  const left = filled.filter(({ fillWh, energyWh }) => fillWh < energyWh);
  const limits = (side: "bid" | "offer") =>
    left.filter((order) => order.side === side).map(({ limitPriceMicroPerKwh }) => limitPriceMicroPerKwh);
  const market: BilledMarket = {
    state: "cleared",
    pricing,
    hasBids: filled.some(({ side }) => side === "bid"),
    hasOffers: filled.some(({ side }) => side === "offer"),
    bestBidLeftMicroPerKwh: limits("bid").length > 0 ? Math.max(...limits("bid")) : null,
    bestOfferLeftMicroPerKwh: limits("offer").length > 0 ? Math.min(...limits("offer")) : null,
  };
  const payments = paymentsOf(orders, pricing);
  const own = filled
    .map((order, i) => ({ ...order, exactPayment: payments[i]!, refusal: null }))
    .filter(({ participant }) => participant === HOME);
  const reason = reasonOfLine({
    line,
    market,
    orders: [...own, ...refused],
    chargePrices,
    isSupplied: true,
    tariff,
  });
  return { reason, line, market };
}

function paymentsOf(orders: readonly Order<number>[], pricing: Pricing): bigint[] {
  const book = buildEnergyBook(orders);
  const {
    bid,
    offer,
    quantity: energyWh,
    priceMicroPerThousand: priceMicroPerKwh,
  } = pairTrades(book, clearBook(book, pricing));
  const counts = { bid: 0, offer: 0 };
  return orders.map(({ side }) => {
    const number = counts[side]++;
    const own = side === "bid" ? bid : offer;
    return Array.from(energyWh).reduce(
      (sum, wh, i) =>
        own[i] === number
          ? sum + BigInt(wh) * BigInt(priceMicroPerKwh[i]!) * (side === "bid" ? 1n : -1n)
          : sum,
      0n,
    );
  });
}

const order = (side: "bid" | "offer", participant: number, energyWh: number, price: number) => ({
  side,
  participant,
  energyWh,
  limitPriceMicroPerKwh: price * 1_000,
  sequence: 0,
});

const causesOf = (scene: Scene, way: "imported" | "exported" = "imported") =>
  explain(scene).reason[way].grid.map(({ energyWh, cause }) => [Number(energyWh), cause]);

const took = (importWh: number) => ({ importWh, exportWh: 0 });
const gave = (exportWh: number) => ({ importWh: 0, exportWh });
const kind = (name: Exclude<GridCause["kind"], "priceApart" | "refused" | "beyondOrders">) => ({
  kind: name,
});

describe("energy from the grid", () => {
  it("is due to sold out offers before it is due to use beyond the orders", () => {
    const orders = [order("bid", HOME, 900, 200), order("offer", 5, 420, 146)];
    const { reason } = explain({ orders, metered: took(1_100) });
    expect(reason.imported).toEqual({
      energyWh: 1_100n,
      localWh: 420n,
      grid: [
        { energyWh: 480n, cause: { kind: "soldOut" } },
        { energyWh: 200n, cause: { kind: "beyondOrders", orderedWh: 900n } },
      ],
      tariff: { priceMicroPerKwh: 320_000n, amountMicro: 217_600n },
    });
    expect(reason.bought).toEqual({ energyWh: 420n, priceMicroPerKwh: 173_000n });
    expect(reason.totalMicro).toBe(72_660n + 8_400n + 217_600n);
  });

  it.each([
    ["nobody offered", [order("bid", HOME, 500, 200)], kind("nobodyThere")],
    [
      "the own bid was too low",
      [order("bid", HOME, 500, 150), order("offer", 5, 500, 180)],
      { kind: "priceApart", limitMicroPerKwh: 150_000, bestLeftMicroPerKwh: 180_000 },
    ],
    ["no order was placed", [order("bid", 6, 500, 200), order("offer", 5, 500, 180)], kind("noOrder")],
    ["it had offers only", [order("offer", HOME, 500, 200)], kind("otherSideOnly")],
  ])("has a cause when %s", (_name, orders, cause) => {
    expect(causesOf({ orders, metered: took(500) })).toEqual([[500, cause]]);
  });

  it("is due to the chain's refusal where that is the cause", () => {
    const refused: BilledOrder = {
      side: "bid",
      limitPriceMicroPerKwh: 1,
      energyWh: 300,
      fillWh: null,
      exactPayment: null,
      refusal: "MarginsFallShort",
    };
    const orders = [order("bid", HOME, 100, 200), order("offer", 5, 100, 146)];
    expect(causesOf({ orders, refused: [refused], metered: took(450) })).toEqual([
      [300, { kind: "refused", refusal: "MarginsFallShort" }],
      [50, { kind: "beyondOrders", orderedWh: 400n }],
    ]);
  });

  it.each(["noMarket", "abandoned", "returned"] as const)(
    "is all there is when the market is %s",
    (state) => {
      const { line } = explain({ orders: [], metered: took(700) });
      const reason = reasonOfLine({
        line,
        market: { state },
        orders: [],
        chargePrices: settlementPrices(TERMS, { localPriceMicroPerKwh: 0n, isSupplied: true }),
        isSupplied: true,
        tariff,
      });
      expect(reason.imported.grid).toEqual([{ energyWh: 700n, cause: { kind: state } }]);
    },
  );
});

describe("energy to the grid", () => {
  it.each([
    ["all bids were met", [order("offer", HOME, 500, 100), order("bid", 5, 200, 180)], 300, kind("soldOut")],
    ["nobody bid", [order("offer", HOME, 500, 100)], 500, kind("nobodyThere")],
    [
      "the own offer was too dear",
      [order("offer", HOME, 500, 200), order("bid", 5, 200, 180)],
      500,
      { kind: "priceApart", limitMicroPerKwh: 200_000, bestLeftMicroPerKwh: 180_000 },
    ],
  ])("has a cause when %s", (_name, orders, energyWh, cause) => {
    expect(causesOf({ orders, metered: gave(500) }, "exported")).toEqual([[energyWh, cause]]);
  });
});

const price = fc.integer({ min: 80, max: 300 });
/** Each member on one side, whichever. */
const orders = fc.nat(15).chain((sellers) =>
  fc.uniqueArray(
    fc
      .tuple(fc.integer({ min: HOME, max: 7 }), fc.integer({ min: 1, max: 900 }), price)
      .map(([participant, energyWh, limit]) => {
        const isSeller = ((sellers >> (participant - HOME)) & 1) === 1;
        return order(isSeller ? "offer" : "bid", participant, energyWh, limit);
      }),
    {
      maxLength: 12,
      selector: ({ participant, limitPriceMicroPerKwh }) => `${participant} ${limitPriceMicroPerKwh}`,
    },
  ),
);
const scenes = fc.record({
  orders,
  metered: fc.record({ importWh: fc.nat(2_000), exportWh: fc.nat(2_000) }),
  pricing: fc.constantFrom("uniform" as const, "midpoint" as const, "marginal" as const),
});

describe("the reason of a line", () => {
  it("accounts for each Wh and each micro", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { reason, line } = explain(scene);
        for (const { energyWh, localWh, grid } of [reason.imported, reason.exported]) {
          expect(grid.reduce((sum, part) => sum + part.energyWh, localWh)).toBe(energyWh);
          expect(grid.every((part) => part.energyWh > 0n)).toBe(true);
        }
        expect(reason.imported.energyWh).toBe(line.importWh);
        expect(reason.exported.energyWh).toBe(line.exportWh);
        const { shortfall, unconsumed, gridFee, imported, exported } = reason;
        const amounts = [shortfall, unconsumed, gridFee, imported.tariff!, exported.tariff!];
        const total = amounts.reduce((sum, { amountMicro }) => sum + amountMicro, reason.paymentMicro);
        const beyond = tariffMicro(Number(line.gridImportWh), Number(line.gridExportWh), tariff);
        expect(total).toBe(line.netMicro + BigInt(beyond));
        expect(reason.totalMicro).toBe(total);
      }),
      { numRuns: 500 },
    );
  });

  it("names a price between the limits of the account's own orders and those left over", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { reason } = explain(scene);
        for (const { energyWh, priceMicroPerKwh } of [reason.bought, reason.sold])
          expect(priceMicroPerKwh === null).toBe(energyWh === 0n);
        for (const { cause } of reason.imported.grid)
          if (cause.kind === "priceApart")
            expect(cause.bestLeftMicroPerKwh).toBeGreaterThan(cause.limitMicroPerKwh);
        for (const { cause } of reason.exported.grid)
          if (cause.kind === "priceApart")
            expect(cause.bestLeftMicroPerKwh).toBeLessThan(cause.limitMicroPerKwh);
      }),
      { numRuns: 500 },
    );
  });
});
