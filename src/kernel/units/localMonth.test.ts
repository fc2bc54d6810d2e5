import { expect, test } from "vitest";
import { createLocalClock } from "./localClock.ts";
import { daysOfMonth, monthAt } from "./localMonth.ts";

const berlin = createLocalClock("Europe/Berlin");
const utc = (text: string) => Date.parse(text) / 1_000;

test("a month has its days, one after the other, of 23, 24 or 25 hours", () => {
  const march = daysOfMonth(berlin, { year: 2025, month: 3 });
  expect(march).toHaveLength(31);
  expect(march[0]?.from).toBe(utc("2025-02-28T23:00:00Z"));
  expect(march.at(-1)?.to).toBe(utc("2025-03-31T22:00:00Z"));
  march.slice(1).forEach(({ from }, i) => {
    expect(from).toBe(march[i]?.to);
  });
  const hours = march.map(({ from, to }) => (to - from) / 3_600);
  expect(hours.filter((length) => length !== 24)).toEqual([23]);
  expect(daysOfMonth(berlin, { year: 2024, month: 2 })).toHaveLength(29);
});

test.each(["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Havana", "Asia/Beirut"])(
  "months of %s follow one another",
  (zone) => {
    const clock = createLocalClock(zone);
    const months = Array.from({ length: 12 }, (_, i) => daysOfMonth(clock, { year: 2025, month: i + 1 }));
    months.slice(1).forEach((days, i) => {
      expect(days[0]?.from).toBe(months[i]?.at(-1)?.to);
    });
    for (const [i, days] of months.entries())
      for (const { from, to } of days) {
        expect(monthAt(clock, from)).toEqual({ year: 2025, month: i + 1 });
        expect(monthAt(clock, to - 1)).toEqual({ year: 2025, month: i + 1 });
      }
  },
);

test("an instant belongs to the month of the wall clock, not of UTC", () => {
  expect(monthAt(berlin, utc("2025-04-30T22:30:00Z"))).toEqual({ year: 2025, month: 5 });
});
