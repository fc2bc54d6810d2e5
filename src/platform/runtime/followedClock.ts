import { ClockStoppedError, type MarketClock, waitSeconds } from "./marketClock.ts";

/** How a clock that nobody drives is read. */
export type FollowedClockOptions = {
  /** Time of the chain's newest block, unix seconds. */
  readonly blockTime: () => Promise<number>;
  readonly worldNow: () => number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Told the world's second before work begins: for a chain whose blocks have the time that they are told. */
  readonly onTime?: (unixSeconds: number) => Promise<void>;
};

/**
 * Seconds that the clock stays behind: a time that it says is past on the chain too, whose next block might else be refused
 * for coming a moment early.
 */
const LAG_SECONDS = 1;
const LOOK_SECONDS = 0.5;

/**
 * A clock that goes by the world's, or by the chain's where that is ahead. A block says the time when it was made; a chain that
 * stands still is not ahead. Never goes back.
 */
export async function followClock({
  blockTime,
  worldNow,
  signal,
  onTime = async () => undefined,
}: FollowedClockOptions): Promise<MarketClock> {
  let aheadSeconds = 0;
  let last = 0;
  const look = async () => {
    // A chain that can't be read is looked at again; what needs it says so.
    const time = await blockTime().catch(() => null);
    if (time !== null) aheadSeconds = Math.max(aheadSeconds, time - worldNow());
  };
  const now = () => {
    last = Math.max(last, Math.floor(worldNow() + aheadSeconds) - LAG_SECONDS);
    return last;
  };
  await look();
  return {
    now,
    async advanceTo(unixSeconds) {
      for (;;) {
        if (signal.aborted) throw new ClockStoppedError();
        await look();
        if (now() >= unixSeconds) break;
        await waitSeconds(Math.min(unixSeconds - now(), LOOK_SECONDS), signal);
      }
      await onTime(Math.floor(worldNow() + aheadSeconds));
    },
  };
}
