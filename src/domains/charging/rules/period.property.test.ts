import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Order, PRICINGS } from "#kernel/auction/order.ts";
import { allocateQuotas } from "./allocateQuotas.ts";
import { chargePeriod, depositNeededMicro } from "./charges.ts";
import { auctionQuotas, quotasAfter } from "./quotaAuction.ts";
import { quotaOrderFault } from "./quotaOrderFault.ts";

/** As many as issue 10 asks for, where there is time. */
const CASES = process.env.COMMONWATT_DEEP ? 10_000 : 500;
const INTERVAL_SECONDS = 900;
const PERIOD_SECONDS = 1_800;
const CAPACITY_W = 150_000;

const price = fc.integer({ min: 0, max: 100_000_000 });
const station = fc.record({
  demandW: fc.integer({ min: 1, max: 100_000 }),
  spareMicro: fc.bigInt({ min: 0n, max: 10_000_000_000n }),
  side: fc.constantFrom("bid", "offer"),
  orders: fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), price), { maxLength: 3 }),
  // Up to twice what the largest connection carries; null is an interval without a reading.
  importWh: fc.tuple(...[0, 1].map(() => fc.option(fc.bigInt({ min: 0n, max: 75_000n }), { freq: 6 }))),
});
const period = fc.record({
  stations: fc.array(station, { minLength: 1, maxLength: 12 }),
  marginShare: fc.integer({ min: 0, max: 120 }),
  pricing: fc.constantFrom(...PRICINGS),
  prices: fc.record({
    tariffMicroPerKwh: fc.bigInt({ min: 0n, max: 4_000_000_000n }),
    penaltyPermille: fc.bigInt({ min: 1_000n, max: 10_000n }),
  }),
});
type Period = typeof period extends fc.Arbitrary<infer P> ? P : never;

/** Plays a period from the demands to the withdrawals by the rules alone. */
function play({ stations, marginShare, pricing, prices }: Period) {
  const demands = stations.map(({ demandW }, i) => ({ member: i + 1, demandW }));
  const marginW = Math.floor((sum(demands.map(({ demandW }) => demandW)) * marginShare) / 100);
  const allocation = allocateQuotas({ demands, marginW });
  const deposits = stations.map(
    ({ demandW, spareMicro }) =>
      depositNeededMicro({ prices, periodSeconds: PERIOD_SECONDS, demandW, auctionMicro: 0n }) + spareMicro,
  );
  const orders = allocation.isRationed
    ? stations.flatMap((each, i) => {
        const quotaW = allocation.quotasW.get(i + 1)!;
        const standing = { demandW: each.demandW, quotaW, capacityW: CAPACITY_W, depositMicro: deposits[i]! };
        return takenOrders(each, i + 1, { ...standing, prices, periodSeconds: PERIOD_SECONDS });
      })
    : [];
  const auction = auctionQuotas(orders, pricing);
  const finalQuotasW = quotasAfter(allocation.quotasW, auction.positions);
  const payments = new Map(auction.positions.map(({ member, paymentMicro }) => [member, paymentMicro]));
  const settled = stations.map(({ importWh }, i) => {
    const paidMicro = payments.get(i + 1) ?? 0n;
    const leftMicro = deposits[i]! - (paidMicro > 0n ? paidMicro : 0n);
    const charge = chargePeriod({
      prices,
      intervalSeconds: INTERVAL_SECONDS,
      quotaW: finalQuotasW.get(i + 1)!,
      intervals: importWh.map((wh) => ({ importWh: wh })),
      depositMicro: leftMicro,
    });
    return { paidMicro, leftMicro, charge, backMicro: leftMicro - charge.feeMicro - charge.penaltyMicro };
  });
  return { marginW, allocation, deposits, orders, auction, finalQuotasW, settled };
}

/** The orders of a station that a desk takes, one after the other. */
function takenOrders(
  { side, orders }: Period["stations"][number],
  member: number,
  standing: Parameters<typeof quotaOrderFault>[1],
): Order<number>[] {
  const taken: Order<number>[] = [];
  for (const [quantity, limitPriceMicroPerThousand] of orders) {
    const sequence = taken.length;
    const order: Order<number> = {
      participant: member,
      side,
      quantity,
      limitPriceMicroPerThousand,
      sequence,
    };
    if (quotaOrderFault([...taken, order], standing) === null) taken.push(order);
  }
  return taken;
}

/** What the filled parts of a member's orders are worth to it at its own limits, in thousandths of a micro. */
function worthOf(member: number, { orders, auction }: ReturnType<typeof play>): bigint {
  const { bidFills, offerFills } = auction.clearing;
  let [bids, offers, worth] = [0, 0, 0n];
  for (const { side, participant, limitPriceMicroPerThousand } of orders) {
    const fill = side === "bid" ? bidFills[bids++]! : -offerFills[offers++]!;
    if (participant === member) worth += BigInt(fill) * BigInt(limitPriceMicroPerThousand);
  }
  return worth;
}

describe("a period of quotas", () => {
  it("keeps quotas within the margin, deposits accounted for, and everybody at least as well off", () => {
    fc.assert(
      fc.property(period, (given) => {
        const played = play(given);
        const { marginW, allocation, deposits, auction, finalQuotasW, settled } = played;
        expect(sum(finalQuotasW.values())).toBe(sum(allocation.quotasW.values()));
        expect(sum(finalQuotasW.values())).toBeLessThanOrEqual(marginW);
        for (const [member, quotaW] of finalQuotasW) {
          expect(quotaW).toBeGreaterThanOrEqual(0);
          // At its own limits, to the micro that a payment is rounded by.
          const { paidMicro } = settled[member - 1]!;
          expect(paidMicro * 1_000n).toBeLessThan(worthOf(member, played) + 1_000n);
        }
        for (const { leftMicro, backMicro } of settled) {
          expect(leftMicro).toBeGreaterThanOrEqual(0n);
          expect(backMicro).toBeGreaterThanOrEqual(0n);
        }
        const earned = settled.map(({ paidMicro }) => (paidMicro < 0n ? -paidMicro : 0n));
        const toDso = settled.map(({ charge }) => charge.feeMicro + charge.penaltyMicro);
        const back = settled.map(({ backMicro }) => backMicro);
        expect(add(deposits)).toBe(add(earned) + add(toDso) + add(back) + auction.remainderMicro);
      }),
      { numRuns: CASES },
    );
  });
});

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

function add(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
