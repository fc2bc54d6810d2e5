import { describe, expect, it } from "vitest";
import type { Community } from "../community.ts";
import { type Priced, priceNow, withRunning } from "./priceNow.ts";

const interval = (intervalId: number, state: Priced["price"]["state"]) =>
  ({ intervalId, price: { state } }) as Priced;
const community = (current: Priced, newest: Priced | null) =>
  ({ current, newest, next: interval(current.intervalId + 1, "pending") }) as Community;

describe("what is said of the price now", () => {
  it.each(["known", "none"] as const)("is the running interval's where it is %s", (state) => {
    const current = interval(7, state);
    expect(priceNow(community(current, current))).toEqual({ state, interval: current });
  });

  it("is never an absence that was not told: while it is not known, the one before is shown as such", () => {
    const [current, before] = [interval(7, "pending"), interval(6, "known")];
    expect(priceNow(community(current, before))).toEqual({ state: "pending", interval: current, before });
    expect(priceNow(community(current, null))).toEqual({ state: "pending", interval: current, before: null });
  });
});

describe("the newest intervals", () => {
  const shown = (known: readonly number[], running: Community) =>
    withRunning(
      known.map((intervalId) => interval(intervalId, "known")),
      running,
      (own) => own,
    ).map(({ intervalId }) => intervalId);

  it("hold the running one and the next, whether the chain knows them or not", () => {
    const running = community(interval(7, "pending"), interval(6, "known"));
    expect(shown([6, 5], running)).toEqual([8, 7, 6, 5]);
    expect(shown([7, 6], running)).toEqual([8, 7, 6]);
    expect(shown([8, 6], running)).toEqual([8, 7, 6]);
    expect(shown([8, 7, 6], running)).toEqual([8, 7, 6]);
  });

  it("begin with the first of the market", () => {
    expect(shown([], community(interval(7, "pending"), null))).toEqual([8]);
    expect(shown([8], community(interval(7, "pending"), null))).toEqual([8]);
  });
});
