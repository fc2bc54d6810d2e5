import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { projectorOf } from "#domains/domains.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import type { Header } from "#platform/chain/finality.ts";
import { dumpTables } from "../dumpTables.ts";
import { createHistory, HOMES, ordinaryOrders } from "../marketHistory.fixture.ts";
import { openMemoryStore } from "../memoryStore.fixture.ts";
import { emptyStore, type Store } from "../openStore.ts";
import { advance, progressOf, project, projectUndoable } from "../project.ts";
import { keepHeads, listHeads, undoBehind } from "./heads.ts";

const TARIFF = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 300_000 };
const RUNS = process.env.COMMONWATT_DEEP ? 200 : 4;

let store: Store;
beforeAll(async () => {
  store = await openMemoryStore({ notesChanges: true });
});
beforeEach(() => emptyStore(store));
afterAll(() => store?.close());

type History = ReturnType<typeof createHistory>;

/** What happens to the intervals from 100 on, one after the other: traded and paid, corrected after it, or given back. */
const story = fc.record({
  kinds: fc.array(fc.constantFrom("settled", "corrected", "givenBack", "open"), {
    minLength: 1,
    maxLength: 4,
  }),
  metered: fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 8, maxLength: 8 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function tell(history: History, { kinds, metered }: Story): void {
  for (const [i, kind] of kinds.entries()) {
    const intervalId = 100 + i;
    const plan = history.clear(intervalId, ordinaryOrders(intervalId));
    if (kind === "open") continue;
    if (kind === "givenBack") {
      history.returnPage(plan);
      continue;
    }
    history.publish(intervalId, readingsOf(metered, 0));
    history.settle(plan);
    if (kind === "corrected") history.publish(intervalId, readingsOf(metered, 37));
  }
}

function readingsOf(metered: readonly number[], more: number) {
  const entries = HOMES.map((home, i) => [home, [(metered[i] ?? 0) + more, metered[i + 4] ?? 0]] as const);
  return Object.fromEntries(entries);
}

function sourcesOf({ readingsOf, ordersOf }: History) {
  return projectorOf({ readingsOf, ordersOf, tariffOf: () => TARIFF });
}

function blocksOf({ events }: History): readonly (readonly ChainEvent[])[] {
  const numbers = [...new Set(events.map(({ block }) => block))];
  return numbers.map((number) => events.filter(({ block }) => block === number));
}

function headerOf([event]: readonly ChainEvent[]): Header {
  const { block: number, blockHash: hash } = event!;
  return { number, hash, parentHash: hash, proposer: "0x0000000000000000000000000000000000000000" };
}

/** Projects all blocks, those behind the first `final` so that they can be undone. */
async function projectWith(history: History, final: number): Promise<void> {
  const blocks = blocksOf(history);
  await project(store, blocks.slice(0, final).flat(), sourcesOf(history));
  for (const block of blocks.slice(final)) await projectUndoable(store, block, sourcesOf(history));
  const [first, ...rest] = blocks.slice(final - 1).map(headerOf);
  await keepHeads(store.db, [first!, ...rest]);
}

/** What the tables hold when nothing but these blocks was ever projected. */
async function dumpOf(history: History, blocks: readonly (readonly ChainEvent[])[]) {
  await emptyStore(store);
  await project(store, blocks.flat(), sourcesOf(history));
  return dumpTables(store);
}

test("what is undone leaves every table as if it had never been, and comes again as it was", async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.nat(), fc.nat(), async (told, a, b) => {
      const history = createHistory();
      tell(history, told);
      const blocks = blocksOf(history);
      const final = 1 + (a % blocks.length);
      const kept = final + (b % (blocks.length - final + 1));
      const [less, all] = [await dumpOf(history, blocks.slice(0, kept)), await dumpOf(history, blocks)];
      await emptyStore(store);
      await projectWith(history, final);
      const { cursor: _all, ...rest } = all;
      expect(await dumpTables(store)).toMatchObject(rest);
      await store.db.transaction((tx) => undoBehind(tx, headerOf(blocks[kept - 1]!).number));
      expect(await dumpTables(store)).toEqual(less);
      expect((await listHeads(store.db)).at(-1)?.number).toBe(headerOf(blocks[kept - 1]!).number);
      for (const block of blocks.slice(kept)) await projectUndoable(store, block, sourcesOf(history));
      expect(await dumpTables(store)).toEqual(all);
    }),
    { numRuns: RUNS },
  );
});

test("a branch that takes the place of another leaves what it alone would have made", async () => {
  await fc.assert(
    fc.asyncProperty(story, story, async (one, other) => {
      const [first, second] = [createHistory(), createHistory()];
      const common = blocksOf(first).length;
      tell(first, one);
      tell(second, other);
      const alone = await dumpOf(second, blocksOf(second));
      await emptyStore(store);
      await projectWith(first, common);
      const ancestor = headerOf(blocksOf(first)[common - 1]!);
      await store.db.transaction(async (tx) => {
        await undoBehind(tx, ancestor.number);
        await advance(tx, { block: ancestor.number, blockHash: ancestor.hash });
      });
      for (const block of blocksOf(second).slice(common))
        await projectUndoable(store, block, sourcesOf(second));
      expect(await dumpTables(store)).toEqual(alone);
      expect((await progressOf(store.db))?.block).toBe(second.events.at(-1)!.block);
    }),
    { numRuns: RUNS },
  );
});
