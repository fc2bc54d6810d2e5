import { expect, it } from "vitest";
import { pagesOf, RANGES } from "./ranges.ts";

const QUARTER = 900;
const NOW = 1_700_000_123;

it("asks once for what a page holds", () => {
  expect(pagesOf({ seconds: 12 * 3_600, intervalSeconds: QUARTER, now: NOW, most: 500 })).toEqual({
    newest: 48,
    before: [],
    page: 500,
  });
});

it.each(RANGES)("holds a whole $name, without a gap between pages", ({ seconds }) => {
  const { newest, before, page } = pagesOf({ seconds, intervalSeconds: QUARTER, now: NOW, most: 500 });
  const [border] = before;
  if (border === undefined) {
    expect(newest * QUARTER).toBeGreaterThanOrEqual(seconds);
    return;
  }
  expect(NOW - newest * QUARTER).toBeLessThanOrEqual(border);
  for (const [i, at] of before.entries()) expect(at).toBe(border - i * page * QUARTER);
  expect(before.at(-1)! - page * QUARTER).toBeLessThanOrEqual(NOW - seconds);
});

it("asks for the same older pages while the market goes on", () => {
  const at = (now: number) => pagesOf({ seconds: 7 * 86_400, intervalSeconds: QUARTER, now, most: 500 });
  const { before } = at(NOW);
  expect(at(NOW + QUARTER).before.slice(0, 2)).toEqual(before.slice(0, 2));
});
