import fc from "fast-check";
import { expect, test } from "vitest";
import type { SettlementPrices } from "./area.ts";
import { reserveMicro, settlePosition } from "./settlement.ts";

const wh = fc.bigInt({ min: 0n, max: 5_000_000n });
const prices: fc.Arbitrary<SettlementPrices> = fc.record({
  shortfallMicroPerKwh: fc.bigInt({ min: 0n, max: 2_000_000n }),
  surplusMicroPerKwh: fc.bigInt({ min: -500_000n, max: 500_000n }),
  gridFeeMicroPerKwh: fc.bigInt({ min: 0n, max: 200_000n }),
});
const trade = fc.record({
  boughtWh: wh,
  soldWh: wh,
  price: fc.bigInt({ min: -1_000_000n, max: 1_000_000n }),
});

test("no reading can make a settlement cost more than was reserved", () => {
  fc.assert(
    fc.property(trade, prices, wh, wh, (traded, terms, importWh, exportWh) => {
      const position = { ...traded, exactPayment: (traded.boughtWh - traded.soldWh) * traded.price };
      const settled = settlePosition(position, { importWh, exportWh }, terms);
      expect(settled.netMicro <= reserveMicro(position, terms)).toBe(true);
    }),
  );
});

test("a seller pays the shortfall price for each missing Wh, and nothing when all is delivered (R7.19)", () => {
  const terms = { shortfallMicroPerKwh: 450_000n, surplusMicroPerKwh: 80_000n, gridFeeMicroPerKwh: 50_000n };
  const position = { boughtWh: 0n, soldWh: 2_000n, exactPayment: -2_000n * 170_000n };
  const full = settlePosition(position, { importWh: 0n, exportWh: 2_500n }, terms);
  const short = settlePosition(position, { importWh: 0n, exportWh: 1_400n }, terms);
  expect(full).toMatchObject({ shortfallWh: 0n, netMicro: -340_000n });
  expect(short).toMatchObject({
    shortfallWh: 600n,
    shortfallMicro: 270_000n,
    netMicro: -340_000n + 270_000n,
  });
});

test("a buyer pays its contract, gets the surplus price for what it leaves, and the fee on what it takes", () => {
  const terms = { shortfallMicroPerKwh: 450_000n, surplusMicroPerKwh: 80_000n, gridFeeMicroPerKwh: 50_000n };
  const position = { boughtWh: 1_000n, soldWh: 0n, exactPayment: 1_000n * 170_000n };
  expect(settlePosition(position, { importWh: 750n, exportWh: 0n }, terms)).toEqual({
    paymentMicro: 170_000n,
    shortfallWh: 0n,
    shortfallMicro: 0n,
    unconsumedWh: 250n,
    surplusMicro: 20_000n,
    gridFeeMicro: 37_500n,
    netMicro: 170_000n - 20_000n + 37_500n,
  });
});
