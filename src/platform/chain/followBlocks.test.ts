import { expect, it } from "vitest";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { type BlockRange, followBlocks, type RangeRead } from "./followBlocks.ts";

type TestBlock = ReturnType<typeof blockAt>;

const hashOf = (number: number) => toHex(wordOf(number + 1));

function blockAt(number: number) {
  const link = { hash: hashOf(number), parentHash: hashOf(number - 1), number: toHex(wordOf(number)) };
  return { number, link: { ...link, timestamp: "0x10" as const }, fault: null as { rule: string } | null };
}

function rangeOf({ from, to }: BlockRange): TestBlock[] {
  return Array.from({ length: to - from + 1 }, (_, i) => blockAt(from + i));
}

/** A reader whose ranges are answered when the test says so. */
function slowReader() {
  const asked: { range: BlockRange; answer: (read: RangeRead<TestBlock>) => void }[] = [];
  const readRange = (range: BlockRange) =>
    new Promise<RangeRead<TestBlock>>((answer) => asked.push({ range, answer }));
  return { asked, readRange };
}

async function numbersOf(blocks: AsyncIterable<{ number: number }>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of blocks) numbers.push(number);
  return numbers;
}

it("gives blocks in their order, whichever range was read first, and reads no further ahead than it may", async () => {
  const { asked, readRange } = slowReader();
  const numbers = numbersOf(
    followBlocks({ readRange, ranges: 3, fromBlock: 0, newestBlock: async () => 69 }),
  );
  await Promise.resolve();
  await Promise.resolve();
  expect(asked.map(({ range }) => range)).toEqual([
    { from: 0, to: 15 },
    { from: 16, to: 31 },
    { from: 32, to: 47 },
  ]);
  for (let at = asked.length - 1; at >= 0; at -= 1) {
    const { range, answer } = asked[at]!;
    answer({ blocks: rangeOf(range), failure: null });
  }
  while (asked.length < 5) await new Promise(setImmediate);
  for (const { range, answer } of asked) answer({ blocks: rangeOf(range), failure: null });
  expect(await numbers).toEqual(Array.from({ length: 70 }, (_, i) => i));
});

it("gives the blocks before one that can't be read, then why, however early that was known", async () => {
  const { asked, readRange } = slowReader();
  const seen: number[] = [];
  const reading = (async () => {
    const blocks = followBlocks({ readRange, ranges: 2, fromBlock: 0, newestBlock: async () => 31 });
    for await (const { number } of blocks) seen.push(number);
  })();
  while (asked.length < 2) await new Promise(setImmediate);
  asked[1]!.answer({ blocks: rangeOf({ from: 16, to: 19 }), failure: new Error("block 20 is gone") });
  asked[0]!.answer({ blocks: rangeOf({ from: 0, to: 15 }), failure: null });
  await expect(reading).rejects.toThrow("block 20 is gone");
  expect(seen).toHaveLength(20);
});

it("holds each block against the one before it, across ranges", async () => {
  const readRange = async (range: BlockRange) => {
    const blocks = rangeOf(range).map((block) =>
      block.number === 16 ? { ...block, link: { ...block.link, parentHash: hashOf(3) } } : block,
    );
    return { blocks, failure: null };
  };
  const faults: unknown[] = [];
  for await (const { fault } of followBlocks({
    readRange,
    ranges: 2,
    fromBlock: 0,
    newestBlock: async () => 20,
  }))
    if (fault !== null) faults.push(fault);
  expect(faults).toMatchObject([
    { rule: "blockLink", sentence: "block 16 does not follow block 15 by its hash" },
  ]);
});

it("follows a chain that grows until its end is near", async () => {
  const newest = [10, 40, 42];
  const readRange = async (range: BlockRange) => ({ blocks: rangeOf(range), failure: null });
  const blocks = followBlocks({
    readRange,
    ranges: 2,
    fromBlock: 5,
    newestBlock: async () => newest.shift()!,
  });
  expect((await numbersOf(blocks)).at(-1)).toBe(40);
});
