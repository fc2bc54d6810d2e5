import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCharged, sumCharged } from "#domains/billing/rules/charge.ts";
import { chargesOf, explainPoolCharge, tradesOfCharges } from "./poolCharges.ts";
import { settlePosition } from "./settlement.ts";

const wh = fc.bigInt({ min: 0n, max: 100_000n });
const price = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n });

describe("the charges of a settled position", () => {
  it("sum to the net amount, and read back as what was traded and settled", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.boolean(), wh, price),
        fc.tuple(wh, wh),
        fc.tuple(price, price, wh),
        ([isBuyer, energyWh, tradePrice], [importWh, exportWh], [shortfall, surplus, fee]) => {
          const [boughtWh, soldWh] = isBuyer ? [energyWh, 0n] : [0n, energyWh];
          const position = { boughtWh, soldWh, exactPayment: (boughtWh - soldWh) * tradePrice };
          const settlement = settlePosition(
            position,
            { importWh, exportWh },
            {
              shortfallMicroPerKwh: shortfall,
              surplusMicroPerKwh: surplus,
              gridFeeMicroPerKwh: fee,
            },
          );
          const charges = chargesOf(position, settlement).filter(isCharged);
          expect(sumCharged(charges)).toBe(settlement.netMicro);
          const { netMicro: _, ...settled } = settlement;
          expect(tradesOfCharges(charges)).toEqual({ boughtWh, soldWh, ...settled });
          const [first] = charges;
          if (energyWh > 0n)
            expect(first && explainPoolCharge(first)).toBe(
              isBuyer ? "bought from neighbours" : "sold to neighbours",
            );
        },
      ),
    );
  });
});
