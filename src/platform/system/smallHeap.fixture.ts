import { setTimeout } from "node:timers/promises";
import { keepHeapSmall } from "./smallHeap.ts";

/* A process of its own, whose heap nobody else uses: prints how many bytes it gave back of what it no longer needs. */

const stop = keepHeapSmall();
let used: number[][] | null = Array.from({ length: 300 }, (_, i) =>
  Array.from({ length: 40_000 }, (_, j) => i + j / 2),
);
const most = process.memoryUsage().heapUsed + used.length;
used = null;
const isGivenBack = () => process.memoryUsage().heapUsed < most - 60e6;
for (let looks = 0; looks < 100 && !isGivenBack(); looks += 1) await setTimeout(50);
stop();
process.stdout.write(String(most - process.memoryUsage().heapUsed));
