import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LOOK_EVERY_MS = 250;
/** What is in the heap may grow by a half since the last collection, and by this too. */
const GROWTH = 1.5;
const ROOM_BYTES = 24 * 1_048_576;

/**
 * Keeps a process that runs for years small: the engine lets its heap grow as long as the machine has memory, and a small
 * server has other use for it. Collects garbage when much came since the last time; the room that the engine keeps
 * does not count, as a collection need not give it back. Gives back what ends it.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let inUse = process.memoryUsage().heapUsed;
  const timer = setInterval(() => {
    if (process.memoryUsage().heapUsed < GROWTH * inUse + ROOM_BYTES) return;
    collect();
    inUse = process.memoryUsage().heapUsed;
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
