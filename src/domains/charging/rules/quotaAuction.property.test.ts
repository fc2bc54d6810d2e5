import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Order } from "#kernel/auction/order.ts";
import { PRICINGS } from "#kernel/auction/order.ts";
import { allocateQuotas } from "./allocateQuotas.ts";
import { auctionQuotas, quotasAfter } from "./quotaAuction.ts";
import { quotaOrderFault } from "./quotaOrderFault.ts";

const PRICES = { tariffMicroPerKwh: 112_000_000n, penaltyPermille: 2_000n };

/** A station: what it demands, and the part of its quota that it sells (even) or of its lack that it bids for (odd), at a price. */
const station = fc.record({
  demandW: fc.integer({ min: 1, max: 100_000 }),
  part: fc.integer({ min: 1, max: 100 }),
  sells: fc.boolean(),
  limit: fc.integer({ min: 0, max: 50_000_000 }),
});
const stations = fc.array(station, { minLength: 2, maxLength: 12 });

describe("auctionQuotas", () => {
  it("keeps the sum of quotas, harms nobody (E9.11), and sums payments to the remainder", () => {
    fc.assert(
      fc.property(
        stations,
        fc.integer({ min: 0, max: 99 }),
        fc.constantFrom(...PRICINGS),
        (all, percent, pricing) => {
          const demands = all.map(({ demandW }, i) => ({ member: i + 1, demandW }));
          const total = demands.reduce((sum, { demandW }) => sum + demandW, 0);
          const marginW = Math.floor((total * percent) / 100);
          const { quotasW } = allocateQuotas({ demands, marginW });
          const orders = all.flatMap((each, i) => orderOf(each, i + 1, quotasW.get(i + 1)!));
          const auction = auctionQuotas(orders, pricing);
          const after = quotasAfter(quotasW, auction.positions);
          expect([...after.values()].reduce((sum, quotaW) => sum + quotaW, 0)).toBe(marginW);
          const paid = auction.positions.reduce((sum, { paymentMicro }) => sum + paymentMicro, 0n);
          expect(paid).toBe(auction.remainderMicro);
          for (const { member, boughtW, soldW, paymentMicro } of auction.positions) {
            const limit = BigInt(all[member - 1]!.limit);
            const worthExact = BigInt(boughtW - soldW) * limit;
            // At worst a micro of rounding away from the limit.
            expect(paymentMicro * 1_000n).toBeLessThan(worthExact + 1_000n);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("quotaOrderFault", () => {
  const bid = (quantity: number, limit = 1_000_000): Order<number> => ({
    participant: 1,
    side: "bid",
    quantity,
    limitPriceMicroPerThousand: limit,
    sequence: 0,
  });
  const offer = (quantity: number): Order<number> => ({ ...bid(quantity), side: "offer" });
  const standing = {
    demandW: 1_000,
    quotaW: 800,
    capacityW: 1_200,
    // The fee of 500 Wh, twice that as penalty, and 200 W of bids at 1,000,000 micro per kW.
    depositMicro: 56_000_000n + 112_000_000n + 200_000n,
    prices: PRICES,
    periodSeconds: 1_800,
  };

  it("takes offers up to the quota and bids up to the deposit", () => {
    expect(quotaOrderFault([offer(500), offer(300)], standing)).toBeNull();
    expect(quotaOrderFault([offer(500), offer(301)], standing)).toBe("sellsMoreThanQuota");
    expect(quotaOrderFault([bid(200)], standing)).toBeNull();
    expect(quotaOrderFault([bid(200, 1_000_001)], standing)).toBe("bidNotCovered");
  });

  it("asks for the fee of a quota above the demand", () => {
    const more = { ...standing, depositMicro: standing.depositMicro + 100_000n };
    expect(quotaOrderFault([bid(300)], more)).toBe("bidNotCovered");
    expect(quotaOrderFault([bid(300)], { ...more, depositMicro: more.depositMicro + 5_600_000n })).toBeNull();
  });

  it("refuses who demanded nothing, and what the connection does not carry", () => {
    expect(quotaOrderFault([bid(1)], { ...standing, demandW: 0 })).toBe("noDemand");
    expect(quotaOrderFault([bid(401)], { ...standing, depositMicro: 10n ** 12n })).toBe("aboveCapacity");
  });
});

function orderOf(
  { demandW, part, sells, limit }: { demandW: number; part: number; sells: boolean; limit: number },
  member: number,
  quotaW: number,
): Order<number>[] {
  const quantity = Math.floor(((sells ? quotaW : demandW - quotaW) * part) / 100);
  if (quantity === 0) return [];
  const side = sells ? "offer" : "bid";
  return [{ participant: member, side, quantity, limitPriceMicroPerThousand: limit, sequence: 0 }];
}
