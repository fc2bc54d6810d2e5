import { afterEach, expect, it } from "vitest";
import type { BlockSource } from "./auditedBlock.ts";
import { startAuditWorkers } from "./auditWorkers.ts";

let source: BlockSource | null = null;
afterEach(async () => await source?.stop());

const RANGE = { from: 16, to: 31 };

/** A worker of these statements; `port` is its port, `answer` what a message is answered with. */
async function start(statements: string, { count = 1 } = {}) {
  const program = `import { parentPort as port, threadId, workerData } from "node:worker_threads"; ${statements}`;
  const script = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  source = await startAuditWorkers({ script, workerData: { network: 7 }, count });
  return source;
}

const READY = `port.postMessage("ready");`;

it("asks the workers for ranges, each in its turn, with what they were given", async () => {
  const answer = `port.on("message", ({ from }) =>
    port.postMessage({ from, blocks: [{ from, threadId, ...workerData }], failure: null }));`;
  const workers = await start(answer + READY, { count: 2 });
  const ranges = [0, 16, 32, 48].map((from) => ({ from, to: from + 15 }));
  const read = await Promise.all(ranges.map((range) => workers!.readRange(range)));
  expect(read.map(({ blocks }) => blocks[0])).toMatchObject(ranges.map(({ from }) => ({ from, network: 7 })));
  const threads = new Set(read.map(({ blocks }) => (blocks[0] as unknown as { threadId: number }).threadId));
  expect(threads.size).toBe(2);
  expect(workers!.ranges).toBe(4);
});

it("tells what kept a worker from reading, in its words, after the blocks before", async () => {
  const answer = `port.on("message", ({ from }) =>
    port.postMessage({ from, blocks: [{ number: 16 }], failure: "the node does not give block 17" }));`;
  const workers = await start(answer + READY);
  expect(await workers!.readRange(RANGE)).toMatchObject({
    blocks: [{ number: 16 }],
    failure: { code: "auditAhead", message: "the node does not give block 17" },
  });
});

it.each([
  ["ends", `process.exit(3)`, "it ended with code 3"],
  ["fails", `throw new Error("out of luck")`, "out of luck"],
])("says so in a sentence when a worker %s, and to who asks later", async (_, deed, why) => {
  const workers = await start(`port.on("message", () => { ${deed} });${READY}`);
  const sentence = `a worker of the audit ended before the audit was done: ${why}; run the audit again`;
  await expect(workers!.readRange(RANGE)).rejects.toMatchObject({
    code: "auditWorkerDied",
    message: sentence,
  });
  await expect(workers!.readRange(RANGE)).rejects.toThrow(sentence);
});

it.each([
  ["can't be loaded", `import "no:such/module";`],
  ["ends at once", `process.exit(0);`],
])("starts none where the program %s", async (_, statements) => {
  expect(await start(statements)).toBeNull();
});
