import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costRoundingDown, costRoundingUp } from "#kernel/units/money.ts";
import { tariffMicro } from "./tariff.ts";

const price = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe("a tariff's amount", () => {
  it("rounds import up and export down, exactly, whatever the sizes", () => {
    const energy = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 2 ** 22 }));
    fc.assert(
      fc.property(energy, energy, price, price, (importWh, exportWh, feedIn, retail) => {
        const amount = tariffMicro(importWh, exportWh, {
          feedInMicroPerKwh: feedIn,
          retailMicroPerKwh: retail,
        });
        const owed = costRoundingUp({ energyWh: BigInt(importWh), priceMicroPerKwh: BigInt(retail) });
        const earned = costRoundingDown({ energyWh: BigInt(exportWh), priceMicroPerKwh: BigInt(feedIn) });
        expect(BigInt(amount)).toBe(owed - earned);
      }),
    );
  });

  it.each([
    [1, 0, 1],
    [1_000, 0, 320_000],
    [0, 1, 0],
    [0, 1_000, -80_000],
  ])("of %i Wh imported and %i Wh exported is %i micro", (importWh, exportWh, expected) => {
    const prices =
      importWh === 1 || exportWh === 1 ? { feed: 1, retail: 1 } : { feed: 80_000, retail: 320_000 };
    expect(
      tariffMicro(importWh, exportWh, { feedInMicroPerKwh: prices.feed, retailMicroPerKwh: prices.retail }),
    ).toBe(expected);
  });
});
