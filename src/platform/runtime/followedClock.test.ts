import { expect, it } from "vitest";
import { followClock } from "./followedClock.ts";
import { ClockStoppedError } from "./marketClock.ts";

/** A world whose time a test sets, and a chain whose newest block it sets. */
function setting(world: number, block: number) {
  const times = { world, block };
  const told: number[] = [];
  const stopper = new AbortController();
  const open = () =>
    followClock({
      blockTime: async () => times.block,
      worldNow: () => times.world,
      signal: stopper.signal,
      onTime: async (second) => void told.push(second),
    });
  return { times, told, stopper, open };
}

it("goes by the world where the chain stands still, a second behind", async () => {
  const { times, open } = setting(1_000, 400);
  const clock = await open();
  expect(clock.now()).toBe(999);
  times.world = 1_060;
  expect(clock.now()).toBe(1_059);
});

it("goes by the chain where that is ahead, and never back", async () => {
  const { times, told, open } = setting(1_000, 5_000);
  const clock = await open();
  expect(clock.now()).toBe(4_999);
  times.world = 1_010;
  times.block = 9_000;
  await clock.advanceTo(8_500);
  expect(clock.now()).toBe(8_999);
  expect(told).toEqual([9_000]);
  times.world = 900;
  expect(clock.now()).toBe(8_999);
});

it("waits until the time has come, and no longer once it is stopped", async () => {
  const { times, stopper, open } = setting(1_000, 1_000);
  const clock = await open();
  let hasCome = false;
  const coming = clock.advanceTo(1_100).then(() => (hasCome = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasCome).toBe(false);
  times.block = 1_200;
  await coming;
  const waiting = clock.advanceTo(9_999);
  stopper.abort();
  await expect(waiting).rejects.toThrow(ClockStoppedError);
});
