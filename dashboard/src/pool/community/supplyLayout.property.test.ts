import fc from "fast-check";
import { expect, it } from "vitest";
import { layOutSupply } from "./supplyLayout.ts";

const account = fc.nat(12);
const pairs = fc.uniqueArray(
  fc.record({ seller: account, buyer: account, energyWh: fc.integer({ min: 1, max: 5_000 }) }),
  {
    minLength: 1,
    maxLength: 60,
    selector: ({ seller, buyer }) => `${seller}/${buyer}`,
  },
);

it("has a ribbon a pair, and every bar is as high as its ribbons", () => {
  fc.assert(
    fc.property(pairs, (given) => {
      const { sellers, buyers, ribbons, height } = layOutSupply(given);
      expect(ribbons.length).toBe(given.length);
      for (const bar of sellers) {
        const own = ribbons.filter(({ pair }) => pair.seller === bar.account);
        expect(own.reduce((sum, ribbon) => sum + ribbon.fromHeight, 0)).toBeCloseTo(bar.height, 6);
        expect(bar.y + bar.height).toBeLessThanOrEqual(height + 1e-6);
      }
      for (const bar of buyers) {
        const own = ribbons.filter(({ pair }) => pair.buyer === bar.account);
        expect(own.reduce((sum, ribbon) => sum + ribbon.toHeight, 0)).toBeCloseTo(bar.height, 6);
      }
    }),
  );
});
