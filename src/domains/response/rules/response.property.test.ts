import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type LinearSolver, loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { settleDelivery } from "./delivery.ts";
import { alphaPermilleOf, drPriceOf } from "./drPrice.ts";
import { paymentMicro, settleFinally } from "./finalSettlement.ts";
import { settleFirst } from "./firstSettlement.ts";
import { solveLiteral, solveServed } from "./programmes.ts";
import { keepDemand, placeShifted, reschedule } from "./reschedule.ts";
import { shareInOrder } from "./shareInOrder.ts";
import { optimalDemandWh, type Utility, UtilityError, valueMicro, withShiftedWh } from "./utility.ts";

const wh = fc.integer({ min: 0, max: 5_000 });
const price = fc.integer({ min: -300_000, max: 600_000 });
const prosumers = fc.array(fc.record({ demandWh: wh, capacityWh: wh, newDemandWh: wh }), {
  minLength: 1,
  maxLength: 8,
});
const utility = fc
  .record({
    betaMicroPerKwh: fc.integer({ min: 0, max: 600_000 }),
    curvatureMicroPerKwh2: fc.integer({ min: 1_000, max: 400_000 }),
    leastWh: wh,
    moreWh: wh,
  })
  .map(({ leastWh, moreWh, ...rest }): Utility => ({ ...rest, leastWh, mostWh: leastWh + moreWh }));

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadLinearSolver();
});

describe("eq. (1)", () => {
  it("is the best of all whole Wh (R7.8, E7.1)", () => {
    fc.assert(
      fc.property(utility, price, fc.double({ min: 0, max: 1, noNaN: true }), (own, at, part) => {
        const surplus = (demandWh: number) => valueMicro(own, demandWh) - (at * demandWh) / 1_000;
        const other = own.leastWh + Math.round(part * (own.mostWh - own.leastWh));
        // Of two whole Wh beside the optimum the nearer one is chosen: at most half a Wh off.
        const slack = (own.curvatureMicroPerKwh2 * 0.0005 ** 2) / 2 + 1e-6;
        expect(surplus(optimalDemandWh(own, at))).toBeGreaterThanOrEqual(surplus(other) - slack);
      }),
    );
  });

  it("is all or the least with γ = 0, closed at its bounds, and refuses γ < 0 (E7.3)", () => {
    const flat = { betaMicroPerKwh: 100, curvatureMicroPerKwh2: 0, leastWh: 1, mostWh: 9 };
    expect([99, 100, 101].map((at) => optimalDemandWh(flat, at))).toEqual([9, 1, 1]);
    const curved = { ...flat, betaMicroPerKwh: 20_000, curvatureMicroPerKwh2: 2_000_000 };
    expect([2_000, 18_000].map((at) => optimalDemandWh(curved, at))).toEqual([9, 1]);
    expect(() => optimalDemandWh({ ...flat, curvatureMicroPerKwh2: -1 }, 0)).toThrow(UtilityError);
    expect(() => optimalDemandWh({ ...flat, leastWh: 10 }, 0)).toThrow("10 … 9 Wh");
  });

  it("moves with energy that is shifted to the slot", () => {
    fc.assert(
      fc.property(utility, price, wh, (own, at, shifted) => {
        expect(optimalDemandWh(withShiftedWh(own, shifted), at)).toBeCloseTo(
          optimalDemandWh(own, at) + shifted,
          -0.5,
        );
      }),
    );
  });
});

describe("first settlement", () => {
  const terms = { upstreamMicroPerKwh: 35_000, feedInMicroPerKwh: 5_000, alphaPermille: 1_400 };

  it("is the hand example: the last pair meets at 22,000 (R7.11, AMB-15)", () => {
    const bids = [
      { member: 1, demandWh: 4_000, capacityWh: 2_000, priceMicroPerKwh: 26_000 },
      { member: 2, demandWh: 0, capacityWh: 3_000, priceMicroPerKwh: 18_000 },
    ];
    const settled = settleFirst(bids, terms);
    expect(settled).toMatchObject({ crossedWh: 4_000, priceMicroPerKwh: 26_000, drMicroPerKwh: 0 });
    const scarce = settleFirst([{ ...bids[0]!, capacityWh: 0 }, bids[1]!], terms);
    expect(scarce).toMatchObject({ crossedWh: 3_000, priceMicroPerKwh: 22_000, drMicroPerKwh: 30_800 });
  });

  it("takes the bound of the scarce side where the curves do not meet", () => {
    const bids = (demandWh: number) => [
      { member: 1, demandWh, capacityWh: 0, priceMicroPerKwh: 10_000 },
      { member: 2, demandWh: 0, capacityWh: 1_000, priceMicroPerKwh: 20_000 },
    ];
    expect(settleFirst(bids(1_500), terms)).toMatchObject({ crossedWh: 0, priceMicroPerKwh: 35_000 });
    expect(settleFirst(bids(1_000), terms)).toMatchObject({ priceMicroPerKwh: 5_000, drMicroPerKwh: 0 });
  });

  it("caps bids at upstream's price, which may be negative, and counts them (E7.4)", () => {
    const bids = [{ member: 1, demandWh: 10, capacityWh: 5, priceMicroPerKwh: 90_000 }];
    expect(settleFirst(bids, terms)).toMatchObject({ priceMicroPerKwh: 35_000, cappedBids: 1 });
    const negative = settleFirst(bids, { ...terms, upstreamMicroPerKwh: -7_000 });
    expect(negative).toMatchObject({ priceMicroPerKwh: -7_000, drMicroPerKwh: 0, isInfeasible: false });
  });

  it("has a DR price within eqs. (2) and (3) (R7.12, R7.13)", () => {
    fc.assert(
      fc.property(
        price,
        price,
        fc.integer({ min: 1_000, max: 10_000 }),
        wh,
        wh,
        (at, upstream, alpha, d, g) => {
          const { drMicroPerKwh, isInfeasible } = drPriceOf({
            demandWh: d,
            capacityWh: g,
            priceMicroPerKwh: at,
            upstreamMicroPerKwh: upstream,
            alphaPermille: alpha,
          });
          expect(drMicroPerKwh).toBeGreaterThanOrEqual(0);
          expect(drMicroPerKwh).toBeLessThanOrEqual(Math.max(0, upstream));
          if (d <= g) expect(drMicroPerKwh).toBe(0);
          expect(isInfeasible).toBe(d > g && at > upstream);
        },
      ),
    );
  });

  it("has α by upstream's price over the expected one, never below 1 (R7.2)", () => {
    const of = (upstream: number, expected: number) =>
      alphaPermilleOf({ upstreamMicroPerKwh: upstream, expectedMicroPerKwh: expected, mostPermille: 2_000 });
    expect([of(30, 20), of(10, 20), of(90, 20), of(10, 0)]).toEqual([1_500, 1_000, 2_000, 2_000]);
  });
});

describe("second stage", () => {
  it("reduces no less, the higher the DR price, and never asks for more in a scarce slot (R7.15, E7.5, E7.7)", () => {
    fc.assert(
      fc.property(utility, wh, price, fc.integer({ min: 0, max: 300_000 }), (own, demandWh, at, dr) => {
        const without = reschedule(own, demandWh, { priceMicroPerKwh: at, drMicroPerKwh: 0 });
        const paid = reschedule(own, demandWh, { priceMicroPerKwh: at, drMicroPerKwh: dr });
        expect(paid.drWh).toBeGreaterThanOrEqual(without.drWh);
        expect(paid.newDemandWh + paid.drWh).toBe(demandWh);
        expect(Math.min(paid.drWh, paid.clippedWh)).toBe(0);
      }),
    );
    expect(keepDemand(7)).toEqual({ newDemandWh: 7, drWh: 0, clippedWh: 0 });
  });

  it("lets shifted energy reappear, the cheapest slot first, and loses none (R7.16)", () => {
    const slots = [30, 10, 10, 20].map((expectedMicroPerKwh) => ({ expectedMicroPerKwh, roomWh: 400 }));
    expect(placeShifted(1_000, slots)).toEqual({ placedWh: [0, 400, 400, 200], unplacedWh: 0 });
    expect(placeShifted(2_000, slots)).toEqual({ placedWh: [400, 400, 400, 400], unplacedWh: 400 });
  });
});

describe("final settlement", () => {
  it("parts whole units that add up, each less than one from its exact share", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10_000n),
        fc.array(fc.bigInt(0n, 5_000n), { maxLength: 12 }),
        (whole, claims) => {
          const total = claims.reduce((sum, each) => sum + each, 0n);
          const parts = shareInOrder(whole, claims);
          expect(parts.reduce((sum, each) => sum + each, 0n)).toBe(total === 0n ? 0n : whole);
          for (const [i, part] of parts.entries()) {
            const apart = part * total - claims[i]! * whole;
            expect(apart > -total && apart < total).toBe(total > 0n);
          }
        },
      ),
    );
  });

  it("is within (6)–(8), serves what DR does not take away, and conserves energy and money (R7.5, R7.17, R7.18, E7.8)", () => {
    fc.assert(
      fc.property(prosumers, price, price, price, (each, at, dr, upstream) => {
        const commitments = commitmentsOf(each);
        const settled = settleFinally(commitments, pricesOf(at, Math.max(0, dr), upstream));
        const demand = each.reduce((sum, { demandWh }) => sum + demandWh, 0);
        const capacity = each.reduce((sum, { capacityWh }) => sum + capacityWh, 0);
        let paid = 0n;
        for (const [i, own] of settled.prosumers.entries()) {
          const { demandWh, capacityWh, newDemandWh } = commitments[i]!;
          expect(own.drWh >= 0n && own.drWh <= (demandWh > newDemandWh ? demandWh - newDemandWh : 0n)).toBe(
            true,
          );
          expect(own.soldWh >= 0n && own.soldWh <= capacityWh).toBe(true);
          expect(own.servedWh).toBe(demandWh - own.drWh);
          paid += paymentMicro(own);
        }
        expect(settled.servedWh).toBe(settled.localWh + settled.importWh);
        expect(settled.drWh <= BigInt(Math.max(0, demand - capacity))).toBe(true);
        expect(paid).toBe(settled.upstreamMicro - settled.fundMicro + settled.remainderMicro);
        expect(settled.remainderMicro >= 0n).toBe(true);
        expect(settled.remainderMicro <= BigInt(2 * each.length + 1)).toBe(true);
      }),
    );
  });

  it("comes to the optimum of its programme (E7.6)", () => {
    fc.assert(
      fc.property(prosumers, fc.nat(40), fc.nat(40), fc.nat(40), (each, at, more, dr) => {
        const upstream = at + more;
        const drPrice = Math.min(dr, upstream);
        const settled = settleFinally(commitmentsOf(each), pricesOf(at, drPrice, upstream));
        const { localWh, servedWh, drWh, importWh } = settled;
        const closed =
          at * (Number(localWh) - Number(servedWh)) +
          drPrice * Number(drWh) -
          (upstream - at) * Number(importWh);
        const best = solveServed(each, { price: at, drPrice, upstreamPrice: upstream }, solver);
        expect(best).not.toBeNull();
        expect(closed).toBeCloseTo(best!, 1);
      }),
      { numRuns: 60 },
    );
  });

  it("pays nothing for giving up demand beyond the baseline that nobody had (R2.20)", () => {
    const honest = { member: 1, demandWh: 3_000n, capacityWh: 0n, newDemandWh: 2_000n, baselineWh: 3_000n };
    const others = {
      member: 2,
      demandWh: 4_000n,
      capacityWh: 2_000n,
      newDemandWh: 3_500n,
      baselineWh: 4_000n,
    };
    fc.assert(
      fc.property(fc.bigInt(0n, 20_000n), fc.nat(300_000), fc.nat(300_000), (said, at, more) => {
        const prices = pricesOf(at, at, at + more);
        const paid = (demandWh: bigint) =>
          paymentMicro(settleFinally([{ ...honest, demandWh }, others], prices).prosumers[0]!);
        // What it says beyond its needs it is served, and pays.
        expect(paid(3_000n + said) >= paid(3_000n)).toBe(true);
      }),
    );
    const withoutBaseline = (demandWh: bigint) => {
      const { baselineWh: _, ...bare } = { ...honest, demandWh };
      return paymentMicro(settleFinally([bare, others], pricesOf(100, 100, 100)).prosumers[0]!);
    };
    expect(withoutBaseline(13_000n)).toBeLessThan(withoutBaseline(3_000n));
  });

  it("pays by the meter: who keeps to the settlement loses nothing, and being short never pays (R7.19, R2.20)", () => {
    const prosumer = { demandWh: 3_000n, capacityWh: 5_000n, newDemandWh: 2_500n, member: 1 };
    const neighbour = { demandWh: 4_000n, capacityWh: 0n, newDemandWh: 4_000n, member: 2 };
    fc.assert(
      fc.property(price, price, wh, wh, (at, upstream, importWh, exportWh) => {
        const prices = pricesOf(at, Math.max(0, Math.min(at, upstream)), upstream);
        const [settled] = settleFinally([prosumer, neighbour], prices).prosumers;
        const by = (metered: { importWh: bigint; exportWh: bigint } | null) => {
          const each = settleDelivery(settled!, metered, { prices, penaltyPermille: 1_000n });
          return { each, earns: each.earnedMicro + each.rewardMicro - each.penaltyMicro };
        };
        const net = settled!.servedWh - settled!.soldWh;
        const kept = by({ importWh: 0n, exportWh: -net });
        expect(kept.each).toMatchObject({ undeliveredDrWh: 0n, shortfallWh: 0n, penaltyMicro: 0n });
        expect(kept.earns).toBe(settled!.earnedMicro + settled!.rewardMicro);
        const other = by({ importWh: BigInt(importWh), exportWh: BigInt(exportWh) });
        // With a negative local price a seller pays to get rid of energy: not delivering spares it that, and no more.
        if (at >= 0) expect(other.earns <= kept.earns).toBe(true);
        expect(by(null).each.rewardMicro).toBe(0n);
      }),
    );
  });
});

describe("the printed programme (5)–(8)", () => {
  const golden = [
    { demandWh: 3, capacityWh: 1, newDemandWh: 2 },
    { demandWh: 2, capacityWh: 1, newDemandWh: 1.5 },
    { demandWh: 1, capacityWh: 2, newDemandWh: 1 },
  ];

  it("serves nobody, with 125 for the golden example (E7.6)", () => {
    expect(solveLiteral(golden, { price: 20, drPrice: 30 }, solver)).toEqual({
      isFeasible: true,
      objective: 125,
      demandWh: [expect.closeTo(0, 5), expect.closeTo(0, 3)],
      capacityWh: [expect.closeTo(4, 3), expect.closeTo(4, 5)],
      isDegenerate: false,
    });
    expect(solveServed(golden, { price: 20, drPrice: 30, upstreamPrice: 35 }, solver)).toBeCloseTo(27.5, 9);
  });

  it("is degenerate at a price of 0, and serves all at a negative one", () => {
    const at = (each: number) => solveLiteral(golden, { price: each, drPrice: 30 }, solver);
    expect(at(0)).toMatchObject({ isDegenerate: true, demandWh: [0, 4.5], capacityWh: [0, 4] });
    expect(at(-5).demandWh[0]).toBeCloseTo(4.5, 3);
    expect(at(-5).capacityWh[1]).toBeCloseTo(0, 3);
  });

  it("has no solution where eq. (4) is negative (E7.7)", () => {
    const more = [{ demandWh: 1, capacityWh: 1, newDemandWh: 1.3 }];
    expect(solveLiteral(more, { price: 20, drPrice: 0 }, solver)).toMatchObject({
      isFeasible: false,
      objective: null,
    });
  });
});

function commitmentsOf(each: readonly { demandWh: number; capacityWh: number; newDemandWh: number }[]) {
  return each.map(({ demandWh, capacityWh, newDemandWh }, i) => ({
    member: i + 1,
    demandWh: BigInt(demandWh),
    capacityWh: BigInt(capacityWh),
    newDemandWh: BigInt(newDemandWh),
  }));
}

function pricesOf(priceMicroPerKwh: number, drMicroPerKwh: number, upstreamMicroPerKwh: number) {
  return {
    priceMicroPerKwh: BigInt(priceMicroPerKwh),
    drMicroPerKwh: BigInt(drMicroPerKwh),
    upstreamMicroPerKwh: BigInt(upstreamMicroPerKwh),
  };
}
