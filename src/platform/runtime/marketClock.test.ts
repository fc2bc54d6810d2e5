import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClockStoppedError, drivenClock, pacedClock } from "./marketClock.ts";

describe("a driven clock", () => {
  it("jumps where it is told to, tells the chain, and never goes back", async () => {
    const told: number[] = [];
    const clock = drivenClock(1_000, async (unixSeconds) => void told.push(unixSeconds));
    await clock.advanceTo(1_900);
    await clock.advanceTo(1_900);
    await clock.advanceTo(1_500);
    expect(clock.now()).toBe(1_900);
    expect(told).toEqual([1_900]);
  });
});

describe("a paced clock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function openPaced(speed: number) {
    const driven = drivenClock(1_000, async () => {});
    const stopper = new AbortController();
    const worldNow = () => Date.now() / 1_000;
    return { stopper, driven, clock: pacedClock(driven, { speed, worldNow, signal: stopper.signal }) };
  }

  it("lets market time go `speed` times as fast as the world's", async () => {
    const { clock, driven } = openPaced(900);
    const arrived = clock.advanceTo(1_000 + 1_800);
    await vi.advanceTimersByTimeAsync(500);
    expect(clock.now()).toBe(1_450);
    await vi.advanceTimersByTimeAsync(1_499);
    expect([clock.now(), driven.now()]).toEqual([2_799, 1_000]);
    await vi.advanceTimersByTimeAsync(1);
    await arrived;
    expect([clock.now(), driven.now()]).toEqual([2_800, 2_800]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(clock.now()).toBe(2_800);
  });

  it("makes up for the time that work took, and does not wait for what is past", async () => {
    const { clock } = openPaced(1);
    vi.setSystemTime(Date.now() + 60_000);
    await clock.advanceTo(1_060);
    await clock.advanceTo(900);
    expect(clock.now()).toBe(1_060);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits for longer than a timer holds", async () => {
    const { clock, driven } = openPaced(1);
    const days = 40 * 86_400;
    const arrived = clock.advanceTo(1_000 + days);
    await vi.advanceTimersByTimeAsync((days - 1) * 1_000);
    expect([clock.now(), driven.now()]).toEqual([1_000 + days - 1, 1_000]);
    await vi.advanceTimersByTimeAsync(1_000);
    await arrived;
    expect(clock.now()).toBe(1_000 + days);
  });

  it("ends its waiting when it is stopped, leaves no timer, and waits no more", async () => {
    const { clock, stopper } = openPaced(1);
    const waiting = expect(clock.advanceTo(5_000)).rejects.toThrow(ClockStoppedError);
    stopper.abort();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
    await expect(clock.advanceTo(1_001)).rejects.toThrow(ClockStoppedError);
    expect(clock.now()).toBe(1_000);
  });
});
