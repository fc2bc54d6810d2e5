import fc from "fast-check";
import { expect, it } from "vitest";
import { correctPosition, energyOfWord, unclaimedWord } from "./correction.ts";
import { settlePosition } from "./settlement.ts";

const wh = fc.integer({ min: 0, max: 5_000 });
const word = fc
  .tuple(wh, wh)
  .map(([importWh, exportWh]) => (BigInt(importWh) << 168n) | (BigInt(exportWh) << 136n));
const position = fc
  .record({ energyWh: fc.bigInt(1n, 5_000n), price: fc.bigInt(-50_000n, 400_000n), isSale: fc.boolean() })
  .map(({ energyWh, price, isSale }) => ({
    boughtWh: isSale ? 0n : energyWh,
    soldWh: isSale ? energyWh : 0n,
    exactPayment: (isSale ? -energyWh : energyWh) * price,
  }));
const prices = fc.record({
  shortfallMicroPerKwh: fc.bigInt(0n, 600_000n),
  surplusMicroPerKwh: fc.bigInt(-50_000n, 100_000n),
  gridFeeMicroPerKwh: fc.bigInt(0n, 80_000n),
});

it("comes to what the corrected reading alone would have", () => {
  fc.assert(
    fc.property(position, word, word, prices, (traded, before, corrected, asked) => {
      const { supplierMicro, gridFeeMicro } = correctPosition(traded, { before, corrected }, asked);
      const [first, second] = [before, corrected].map((each) =>
        settlePosition(traded, energyOfWord(each), asked),
      );
      expect(first!.netMicro + supplierMicro + gridFeeMicro).toBe(second!.netMicro);
    }),
  );
});

it("and back again moves nothing", () => {
  fc.assert(
    fc.property(position, word, word, prices, (traded, before, corrected, asked) => {
      const there = correctPosition(traded, { before, corrected }, asked);
      const back = correctPosition(traded, { before: corrected, corrected: before }, asked);
      expect(there.supplierMicro + back.supplierMicro).toBe(0n);
      expect(there.gridFeeMicro + back.gridFeeMicro).toBe(0n);
    }),
  );
});

it("counts of the export what others left", () => {
  const reading = (7n << 168n) | (600n << 136n) | 5n;
  expect(energyOfWord(unclaimedWord(reading, 100n))).toEqual({ importWh: 7n, exportWh: 500n });
  expect(energyOfWord(unclaimedWord(reading, 700n))).toEqual({ importWh: 7n, exportWh: 0n });
});
