import fc from "fast-check";
import { expect, it } from "vitest";
import { MICRO_PER_CENT, roundDifference, roundParts, roundToNearest } from "#kernel/units/roundedParts.ts";
import { shownMovement } from "./accounts/shownMovement.ts";
import { createFormats } from "./app/format/formats.ts";
import { forecastMonth } from "./billing/outlook.ts";
import { shownAmounts, shownStatement } from "./billing/shownSums.ts";
import { shownFees } from "./grid/shownFees.ts";
import { memberRows } from "./operation/members/memberRows.ts";
import { shownOffer } from "./pool/community/priceOffers.ts";
import { type PricedWish, shownWorstCase, worstCase } from "./pool/orders/worstCase.ts";

// Figures that a page shows add up to the sum beside them: they go through the page's own formats and are read back.

const formats = createFormats({ timeZone: "Europe/Berlin", currency: "EUR" });
const PLACES = 4;

/** A figure as it is written, in its last place: €1,234.56 is 12345600 with four places. */
function read(text: string): bigint {
  const [, sign, whole = "", fraction = ""] = /^([-−]?)€([\d,]+)(?:\.(\d+))?$/.exec(text) ?? [];
  const size = BigInt(whole.replaceAll(",", "") + fraction.padEnd(PLACES, "0"));
  return sign === "" ? size : -size;
}

const cents = (micro: bigint) => read(formats.money(micro));
const fine = (micro: bigint) => read(formats.fineMoney(micro));
const price = (micro: bigint) => read(formats.barePrice(micro));
const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);

/** Cents that are about to be rounded, and money of a month. */
const money = fc.oneof(
  fc.bigInt({ min: -40_000n, max: 40_000n }),
  fc.bigInt({ min: -9_000_000_000n, max: 9_000_000_000n }),
);
const fee = fc.oneof(fc.bigInt({ min: 0n, max: 40_000n }), fc.bigInt({ min: 0n, max: 90_000_000n }));

it("reads figures as a person does", () => {
  expect([cents(1_234_560_000n), cents(-5_000n), fine(12_345n)]).toEqual([12_345_600n, -100n, 120n]);
});

it("has the bill, what was saved and the tariff alone add up", () => {
  fc.assert(
    fc.property(money, money, (first, second) => {
      const shown = roundDifference({ first, second }, MICRO_PER_CENT);
      expect(cents(shown.second) + cents(shown.difference)).toBe(cents(shown.first));
      // The bill and the tariff alone stand elsewhere too, by themselves.
      expect([cents(shown.first), cents(shown.second)]).toEqual([
        cents(roundToNearest(first, MICRO_PER_CENT)),
        cents(roundToNearest(second, MICRO_PER_CENT)),
      ]);
    }),
  );
});

it("has the parts of a statement add up to its total, and the total and what was saved to the tariff alone", () => {
  fc.assert(
    fc.property(fc.array(money, { minLength: 1, maxLength: 9 }), money, (parts, tariff) => {
      const shown = shownStatement(parts, tariff);
      expect(total(shown.parts.map(cents))).toBe(cents(shown.total));
      expect(cents(shown.total) + cents(shown.saving)).toBe(cents(shown.tariff));
      // As the cards above it say them.
      const cards = roundDifference({ first: tariff, second: total(parts) }, MICRO_PER_CENT);
      expect([shown.total, shown.tariff, shown.saving]).toEqual([
        cards.second,
        cards.first,
        cards.difference,
      ]);
    }),
  );
});

it("has months add up to the bill, days to their month, lines to their day", () => {
  const months = fc.array(
    fc.array(fc.array(fc.option(money, { freq: 9 }), { maxLength: 9 }), { maxLength: 5 }),
  );
  fc.assert(
    fc.property(months, (year) => {
      const sumOf = (lines: readonly (bigint | null)[]) => total(lines.filter((micro) => micro !== null));
      const monthSums = year.map((days) => total(days.map(sumOf)));
      const bill = roundToNearest(total(monthSums), MICRO_PER_CENT);
      const shownMonths = shownAmounts(monthSums, bill);
      expect(total(shownMonths.map((micro) => cents(micro!)))).toBe(year.length === 0 ? 0n : cents(bill));
      year.forEach((days, i) => {
        const shownDays = shownAmounts(days.map(sumOf), shownMonths[i]!);
        if (days.length > 0)
          expect(total(shownDays.map((micro) => cents(micro!)))).toBe(cents(shownMonths[i]!));
        days.forEach((lines, j) => {
          const shown = shownAmounts(lines, shownDays[j]!).filter((micro) => micro !== null);
          if (shown.length > 0) expect(total(shown.map(cents))).toBe(cents(shownDays[j]!));
        });
      });
    }),
  );
});

it("has grid fees of days add up to their month, and months to the sum at the head", () => {
  const days = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fee), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(days, (drawn) => {
      const two = (value: number) => String(value).padStart(2, "0");
      const rows = drawn.map(([month, micro], i) => ({
        date: `2025-${two(month)}-${two(i + 1)}`,
        gridFeeMicro: String(micro),
      }));
      const names = [...new Set(rows.map(({ date }) => date.slice(0, 7)))];
      const daysOf = (month: string) => rows.filter(({ date }) => date.startsWith(month));
      const sumOf = (some: typeof rows) => total(some.map(({ gridFeeMicro }) => BigInt(gridFeeMicro)));
      const months = names.map((month) => ({ month, gridFeeMicro: String(sumOf(daysOf(month))) }));
      const gridFeeMicro = sumOf(rows);
      const shown = shownFees({ gridFeeMicro: String(gridFeeMicro), months, days: rows });
      const written = (name: string) => cents(shown.get(name)!);
      expect(total(names.map(written))).toBe(cents(gridFeeMicro));
      for (const month of names)
        expect(total(daysOf(month).map(({ date }) => written(date)))).toBe(written(month));
    }),
  );
});

it("has the parts of a price add up to it", () => {
  const part = fc.bigInt({ min: 0n, max: 400_000n });
  fc.assert(
    fc.property(part, part, part, (energy, levy, gridFee) => {
      const shown = shownOffer({
        name: "From a neighbour",
        parts: [
          { kind: "energy", micro: energy },
          { kind: "fee", micro: gridFee },
          { kind: "levies", micro: levy },
        ],
      });
      expect(total(shown.parts.map((each) => price(each.shown)))).toBe(price(shown.total.shown));
      expect(price(shown.total.shown)).toBe(price(energy + levy + gridFee));
    }),
  );
});

it("has what was paid and received lead from one balance to the next", () => {
  fc.assert(
    fc.property(money, fc.array(money, { minLength: 1, maxLength: 20 }), (opening, moves) => {
      let balance = opening;
      let written = fine(opening);
      for (const whole of moves) {
        balance += whole;
        const shown = shownMovement({ wholeMicro: String(whole), balanceMicro: String(balance) });
        written += fine(shown.whole);
        expect(written).toBe(fine(shown.balance));
        expect(fine(shown.balance)).toBe(fine(balance));
      }
    }),
  );
});

it("has the members' table add up along its rows and down its columns", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(money, money, money), { minLength: 1, maxLength: 20 }), (drawn) => {
      const bills = drawn.map(([through, supplier, later], account) => ({
        account,
        ...{ importWh: "0", exportWh: "0", gridImportWh: "0", gridExportWh: "0" },
        reconciliation: {
          throughAccountMicro: String(through),
          bySupplierMicro: String(supplier),
          settledLaterMicro: String(later),
          ...{ settledForEarlierMicro: "0", withoutTariffMicro: "0" },
        },
      }));
      const rows = memberRows(bills as unknown as Parameters<typeof memberRows>[0]).map(({ money: row }) =>
        row.map(({ shown }) => cents(shown)),
      );
      for (const row of rows) expect(total(row.slice(0, -1))).toBe(row.at(-1));
      rows[0]!.forEach((_, j) => {
        expect(total(rows.slice(0, -1).map((row) => row[j]!))).toBe(rows.at(-1)![j]);
      });
    }),
  );
});

const TERMS = {
  ...{ intervalSeconds: 900, gateClosureSeconds: 300, pricing: "uniform" as const, penaltyPermille: 1_100n },
  ...{ floorMicroPerKwh: -100_000n, ceilingMicroPerKwh: 400_000n, upstreamPriceMicroPerKwh: 400_000n },
};

it("has what an order can cost and its grid fee add up to the worst case", () => {
  const wishes = fc.record({
    side: fc.constantFrom("bid" as const, "offer" as const),
    energyWh: fc.bigInt({ min: 1n, max: 20_000n }),
    limitPriceMicroPerKwh: fc.bigInt({ min: -100_000n, max: 400_000n }),
  });
  const fees = fc.tuple(fc.bigInt({ min: 0n, max: 90_000n }), fc.bigInt({ min: -200_000n, max: 0n }));
  fc.assert(
    fc.property(wishes, fees, (wish: PricedWish, [gridFeeMicroPerKwh, surplusPriceMicroPerKwh]) => {
      const exact = worstCase(wish, { ...TERMS, gridFeeMicroPerKwh, surplusPriceMicroPerKwh });
      const { tradeMicro, gridFeeMicro, shortfallMicro, worstMicro } = shownWorstCase(exact);
      const written = [tradeMicro, gridFeeMicro, shortfallMicro].map(cents);
      expect(cents(worstMicro)).toBe(cents(exact.worstMicro));
      const exactSum = exact.tradeMicro + exact.gridFeeMicro + exact.shortfallMicro;
      const isWhole = Math.abs(Number(exactSum - exact.worstMicro)) <= 3;
      if (isWhole) expect(total(written)).toBe(cents(worstMicro));
    }),
  );
});

it("has the days so far and those left add up to the month's forecast", () => {
  const days = fc.array(fc.record({ intervals: fc.constant(96), micro: money }), {
    minLength: 3,
    maxLength: 30,
  });
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 28 }), (known, daysLeft) => {
      const forecast = forecastMonth(known, daysLeft);
      if (forecast === null) throw new Error("three whole days are enough");
      const { micro, soFarMicro, restMicro } = forecast;
      const shown = roundParts([soFarMicro, restMicro], { unit: MICRO_PER_CENT });
      expect(total(shown.parts.map(cents))).toBe(cents(shown.total));
      expect(cents(shown.total)).toBe(cents(roundToNearest(micro, MICRO_PER_CENT)));
    }),
  );
});
