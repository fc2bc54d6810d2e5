import { afterAll, beforeAll, expect, it } from "vitest";
import { meterLedgerContract } from "#domains/metering/contracts.generated.ts";
import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { otherPages, type ReadingTree, readingLeaf, topOfList } from "#domains/metering/rules/readingTree.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { type MarketOnChain, openArea, openMarketOnChain, publishReadings } from "./marketOnChain.fixture.ts";
import { UNIFORM } from "./randomBooks.fixture.ts";

/* The tree of readings that TypeScript builds, and the path up to its root that the contract goes. */

/** On page 0: more readings than go under a node, in both lists. On page 1 one list, and page 2 has no reading. */
const PAGE_0 = Array.from({ length: 60 }, (_, i) => 4 + 4 * i);
const MEMBERS = [...PAGE_0, 255, 256, 300, 768, 770];

let market: MarketOnChain;
let areaId: number;

beforeAll(async () => {
  market = await openMarketOnChain();
  areaId = await openArea(market, { terms: UNIFORM, traders: [770], marginMicro: 1n });
});
afterAll(async () => {
  await market?.close();
});

const NODE = keccak256Text("commonwatt.reading.node.v2");

/** The nodes of a list: sixteen leaves each, missing ones zero. */
function nodesOf(leaves: readonly Uint8Array[]): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  for (let at = 0; at < leaves.length; at += 16) {
    const children = Array.from({ length: 16 }, (_, i) => leaves[at + i] ?? wordOf(0));
    nodes.push(keccak256(NODE, ...children));
  }
  return nodes;
}

const others = (hashes: readonly Uint8Array[], index: number): Hex[] =>
  hashes.filter((_, i) => i !== index).map(toHex);

/** The way of one reading up to the root of a tree. */
function proofOf(tree: ReadingTree, context: Uint8Array, reading: bigint) {
  const { page, lists } = present(
    tree.pages.find(({ lists: both }) => both.some(({ words }) => words.includes(reading))),
    "the page of a reading",
  );
  const isSecond = lists[1].words.includes(reading);
  const [own, other] = isSecond ? [lists[1], lists[0]] : lists;
  const leavesOf = (words: readonly bigint[]) => words.map((word) => readingLeaf(context, word));
  const leaves = leavesOf(own.words);
  const index = own.words.indexOf(reading);
  const node = Math.floor(index / 16);
  return {
    reading,
    list: own.members,
    isSecond,
    otherList: other.members,
    otherTop: toHex(topOfList(leavesOf(other.words))),
    leaves: others(leaves.slice(16 * node, 16 * node + 16), index % 16),
    nodes: others(nodesOf(leaves), node),
    pages: otherPages(tree, page).map(toHex),
  };
}

type Proof = ReturnType<typeof proofOf>;

async function isProven(intervalId: number, proof: Proof): Promise<boolean> {
  const question = market.network.client.readContract({
    address: addressOf(market.deployment, "meterLedger"),
    abi: meterLedgerContract.abi,
    functionName: "requireProven",
    args: [areaId, intervalId, proof],
  });
  return question.then(
    () => true,
    (error: Error) => {
      expect(error.message).toMatch(/ReadingNotProven|PageNotProven/);
      return false;
    },
  );
}

it("a reading is proven by its path up to the published root, and no other reading or path is", async () => {
  const { timestamp } = await market.network.client.getBlock();
  const intervalId = Math.ceil(Number(timestamp) / UNIFORM.intervalSeconds);
  await market.chain.setNextBlockTime((intervalId + 1) * UNIFORM.intervalSeconds);
  const values = new Map(MEMBERS.map((member) => [member, { importWh: member, exportWh: 0 }]));
  const needed = new Set([...PAGE_0.slice(0, 40), 255, 768, 770]);
  const { tree, context } = await publishReadings(market, { areaId, intervalId }, values, needed);
  expect(tree.pages.map(({ page, lists }) => [page, ...lists.map(({ words }) => words.length)])).toEqual([
    [0, 41, 20],
    [1, 0, 2],
    [3, 2, 0],
  ]);
  const words = tree.pages.flatMap(({ lists }) => lists.flatMap((list) => list.words));
  expect(words.map(memberOfReading).sort((a, b) => a - b)).toEqual(MEMBERS);
  for (const word of words) {
    const proof = proofOf(tree, context, word);
    expect(await isProven(intervalId, proof), `member ${memberOfReading(word)}`).toBe(true);
  }
  const [first] = words;
  const proof = proofOf(tree, context, first!);
  const flipped = toHex(new Uint8Array(32).fill(1));
  const changes: Partial<Proof>[] = [
    { reading: proof.reading ^ 1n },
    { reading: proof.reading ^ (1n << 168n) },
    { reading: proof.reading + (1n << 240n) },
    { list: proof.list ^ 2n },
    { isSecond: !proof.isSecond },
    { otherList: proof.otherList ^ 2n },
    { otherTop: flipped },
    { leaves: proof.leaves.slice(1) },
    { leaves: proof.leaves.with(3, flipped) },
    { leaves: proof.leaves.toReversed() },
    { nodes: proof.nodes.slice(1) },
    { nodes: proof.nodes.toReversed() },
    { pages: proof.pages.slice(1) },
    { pages: [...proof.pages, flipped] },
  ];
  for (const change of changes)
    expect(await isProven(intervalId, { ...proof, ...change }), JSON.stringify(Object.keys(change))).toBe(
      false,
    );
  expect(await isProven(intervalId, proof)).toBe(true);
});
