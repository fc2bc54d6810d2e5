import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRefresher } from "./refresher.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const refreshed: string[][] = [];
  const page = { isSeen: true };
  const refresher = createRefresher({
    refresh: (answers) => refreshed.push([...answers]),
    isSeen: () => page.isSeen,
  });
  return { refreshed, page, refresher };
}

it("asks once for what a burst of events changed", () => {
  const { refreshed, refresher } = open();
  refresher.add(["market", "orders"]);
  refresher.add(["market", "trades"]);
  expect(refreshed).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(refreshed).toEqual([["market", "orders", "trades"]]);
  vi.advanceTimersByTime(60_000);
  expect(refreshed).toHaveLength(1);
});

it("asks at most every two seconds, and loses nothing in between", () => {
  const { refreshed, refresher } = open();
  for (let millis = 0; millis < 20_000; millis += 100) {
    refresher.add([millis < 19_000 ? "market" : "bills"]);
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(2_000);
  expect(refreshed.length).toBeGreaterThanOrEqual(9);
  expect(refreshed.length).toBeLessThanOrEqual(11);
  expect(refreshed.flat()).toContain("bills");
});

it("asks for nothing while nobody looks, and for all of it afterwards", () => {
  const { refreshed, page, refresher } = open();
  refresher.add(["market"]);
  page.isSeen = false;
  vi.advanceTimersByTime(5_000);
  refresher.add(["money"]);
  vi.advanceTimersByTime(60_000);
  expect(refreshed).toEqual([]);
  page.isSeen = true;
  refresher.wake();
  vi.advanceTimersByTime(200);
  expect(refreshed).toEqual([["market", "money"]]);
});

it("is silent once it is closed", () => {
  const { refreshed, refresher } = open();
  refresher.add(["market"]);
  refresher.close();
  vi.advanceTimersByTime(60_000);
  expect(refreshed).toEqual([]);
});
