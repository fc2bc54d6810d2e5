import fc from "fast-check";
import { expect, it } from "vitest";
import { moneyWords } from "./moneyWords.ts";

const words = moneyWords("EUR");
const micro = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });

/** What a text says, in micro. */
function read(text: string): bigint {
  const [, sign, whole = "", fraction = ""] = /^(-?)€([\d,]+)\.(\d+)$/.exec(text) ?? [];
  const size = BigInt(whole.replaceAll(",", "") + fraction.padEnd(6, "0"));
  return sign === "-" ? -size : size;
}

it("says money within half of its last place, with two or three decimals", () => {
  fc.assert(
    fc.property(micro, (exact) => {
      const off = (text: string) => Math.abs(Number(read(text) - exact));
      expect(off(words.money(exact))).toBeLessThanOrEqual(5_000);
      expect(off(words.fineMoney(exact))).toBeLessThanOrEqual(500);
      expect(off(words.price(exact))).toBeLessThanOrEqual(500);
    }),
  );
});

it("says how far prices are apart as they are written", () => {
  fc.assert(
    fc.property(micro, fc.bigInt({ min: 0n, max: 400_000n }), (low, apart) => {
      const said = words.priceDifference(low + apart, low);
      const written = read(words.price(low + apart)) - read(words.price(low));
      if (apart > 0n && written === 0n) expect(said).toBe("less than €0.001");
      else expect(read(said)).toBe(written);
    }),
  );
});

it.each([
  [words.money(1_234_565_000n), "€1,234.57"],
  [words.money(-4_999n), "€0.00"],
  [words.fineMoney(40_118n), "€0.040"],
  [words.movedMoney(70n), "less than €0.001"],
  [words.movedMoney(700n), "€0.001"],
  [words.movedMoney(0n), "€0.000"],
  [words.price(173_250n), "€0.173"],
  [moneyWords("CNY").money(-10_000n), "-CN¥0.01"],
])("%s is %s", (text, expected) => {
  expect(text).toBe(expected);
});
