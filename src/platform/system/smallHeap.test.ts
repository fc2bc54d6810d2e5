import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { keepHeapSmall } from "./smallHeap.ts";

it("gives back what a process no longer uses, though the machine has memory", async () => {
  const stop = keepHeapSmall();
  try {
    let used: number[][] | null = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 40_000 }, (_, j) => i + j / 2),
    );
    const most = process.memoryUsage().heapUsed;
    expect(used).toHaveLength(300);
    used = null;
    for (let looks = 0; looks < 100 && process.memoryUsage().heapUsed > most - 60e6; looks += 1)
      await setTimeout(50);
    expect(process.memoryUsage().heapUsed).toBeLessThan(most - 60e6);
  } finally {
    stop();
  }
});
