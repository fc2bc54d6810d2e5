import { DomainError } from "#kernel/units/domainError.ts";

/** The time that the market runs by, unix seconds: the chain's. */
export type MarketClock = {
  now(): number;
  /** Returns once the time has come: at once where the clock is driven, after waiting where it is the world's. */
  advanceTo(unixSeconds: number): Promise<void>;
};

/** A clock that is driven: time jumps where it is told to, and the next block carries it. Never goes back. */
export function drivenClock(
  startsAt: number,
  setNextBlockTime: (unixSeconds: number) => Promise<void>,
): MarketClock {
  let time = startsAt;
  return {
    now: () => time,
    async advanceTo(unixSeconds) {
      if (unixSeconds <= time) return;
      time = unixSeconds;
      await setNextBlockTime(unixSeconds);
    },
  };
}

/**
 * Lets a driven clock go no faster than `speed` seconds of the market for each second of the world, from now on. While it
 * waits its time goes on towards what it waits for; the chain gets it when it has come. Once `signal` is aborted, waiting
 * ends with a ClockStoppedError.
 */
export function pacedClock(
  clock: MarketClock,
  { speed, worldNow, signal }: { speed: number; worldNow: () => number; signal: AbortSignal },
): MarketClock {
  const began = { market: clock.now(), world: worldNow() };
  let awaited = began.market;
  return {
    now() {
      const passed = Math.floor(began.market + (worldNow() - began.world) * speed);
      return Math.max(clock.now(), Math.min(passed, awaited));
    },
    async advanceTo(unixSeconds) {
      awaited = Math.max(awaited, unixSeconds);
      const due = began.world + (unixSeconds - began.market) / speed;
      await waitSeconds(Math.max(0, due - worldNow()), signal);
      await clock.advanceTo(unixSeconds);
    },
  };
}

/** Timers hold at most 2³¹ ms; longer waits are made of several. */
const LONGEST_WAIT_SECONDS = 86_400;

/**
 * Waits by the world's clock.
 *
 * @throws ClockStoppedError once `signal` is aborted
 */
export async function waitSeconds(seconds: number, signal: AbortSignal): Promise<void> {
  for (let left = seconds; left > 0 || signal.aborted; left -= LONGEST_WAIT_SECONDS) {
    if (signal.aborted) throw new ClockStoppedError();
    await waitOnce(Math.min(left, LONGEST_WAIT_SECONDS), signal);
  }
}

function waitOnce(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new ClockStoppedError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1_000);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** The market is being stopped; nothing went wrong. */
export class ClockStoppedError extends DomainError {
  readonly code = "clockStopped";

  constructor() {
    super("the market is being stopped");
  }
}
