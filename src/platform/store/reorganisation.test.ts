import { privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerParticipants } from "#domains/accounts/participants.ts";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { type FinalityRule, parseFinality } from "#platform/chain/finality.ts";
import { ANVIL_KEY, type ForeignNode, startDeployedNode } from "#platform/chain/foreignNode.fixture.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { dumpTables } from "./dumpTables.ts";
import { catchUp, type ReplacedBlocks } from "./indexer.ts";
import { openMemoryStore } from "./memoryStore.fixture.ts";
import { emptyStore, type Store } from "./openStore.ts";
import { progressOf } from "./project.ts";
import { finalBlockOf } from "./undo/heads.ts";

const CHAIN_ID = 52_041;
const KYC = `0x${"11".repeat(32)}` as const;

let node: ForeignNode;
let store: Store;
let deployment: Store["deployment"];
/** Anew each time: who is connected takes a chain that went back for a node that is behind, until it has grown again. */
let connect: () => Promise<Network>;
let registered = 0;

beforeAll(async () => {
  ({ node, deployment, connect } = await startDeployedNode(CHAIN_ID));
  store = await openMemoryStore({ deployment, notesChanges: true });
});
afterAll(async () => {
  await store?.close();
  await node?.stop();
});

/** Registers participants that nobody else registers, in as many blocks; where two came into one, an empty block follows. */
async function register(count: number): Promise<void> {
  const end = (await headNumber()) + count;
  const participants = Array.from({ length: count }, () => {
    registered += 1;
    const key = `0x${registered.toString(16).padStart(64, "0")}` as const;
    return { owner: privateKeyToAddress(key).toLowerCase() as `0x${string}`, kycHash: KYC };
  });
  await registerParticipants(createSender(await connect(), ANVIL_KEY), deployment, participants);
  while ((await headNumber()) < end) await node.call("evm_mine");
}

async function look(finality: FinalityRule) {
  const notices: string[] = [];
  const replaced: ReplacedBlocks[] = [];
  await catchUp({
    store,
    client: (await connect()).client,
    projector: projectorOf(NO_SOURCES),
    finality,
    pollMs: null,
    onNotice: (sentence) => void notices.push(sentence),
    onReplaced: (blocks) => void replaced.push(blocks),
  });
  return { notices, replaced };
}

async function expectAsRebuilt(finality: FinalityRule): Promise<void> {
  const live = await dumpTables(store);
  await emptyStore(store);
  await look(finality);
  expect(await dumpTables(store)).toEqual(live);
}

const headNumber = async () => Number(await (await connect()).client.getBlockNumber());

describe("a chain that is reorganised", () => {
  it.each([1, 2, 17, 63, 64])(
    "is followed back %i blocks, as far as it goes back, and nothing of them is left",
    async (depth) => {
      const finality = parseFinality("64 blocks");
      await register(3);
      const snapshot = await node.call("evm_snapshot");
      const ancestor = await headNumber();
      await register(depth);
      await look(finality);
      expect((await progressOf(store.db))?.block).toBe(ancestor + depth);
      await node.call("evm_revert", [snapshot]);
      await register(depth + 1);
      const { notices, replaced } = await look(finality);
      expect(replaced).toMatchObject([{ from: ancestor + 1, to: ancestor + depth }]);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toContain("the chain was reorganised");
      expect((await progressOf(store.db))?.block).toBe(ancestor + depth + 1);
      expect(await finalBlockOf(store.db)).toBe(Math.max(0, ancestor + depth + 1 - 64));
      await expectAsRebuilt(finality);
    },
  );

  it("is read anew when a block is replaced that was final", async () => {
    const finality = parseFinality("2 blocks");
    await emptyStore(store);
    await register(1);
    const snapshot = await node.call("evm_snapshot");
    await register(4);
    await look(finality);
    await node.call("evm_revert", [snapshot]);
    await register(5);
    const { notices, replaced } = await look(finality);
    expect(replaced).toEqual([]);
    expect(notices).toEqual([
      expect.stringMatching(/^block \d+ is no longer on the chain; the database is rebuilt$/),
    ]);
    await expectAsRebuilt(finality);
  });

  it("undoes nothing for a node that is behind", async () => {
    const finality = parseFinality("64 blocks");
    await look(finality);
    const snapshot = await node.call("evm_snapshot");
    await register(3);
    await look(finality);
    const before = await dumpTables(store);
    await node.call("evm_revert", [snapshot]);
    expect(await look(finality)).toEqual({ notices: [], replaced: [] });
    expect(await dumpTables(store)).toEqual(before);
  });

  it("has a block final once more than half of the validators have built on it", async () => {
    const finality = parseFinality("4 validators");
    await emptyStore(store);
    const validators = [1, 2, 3, 4].map((i) => `0x${String(i).padStart(40, "0")}`);
    const mine = async (validator: string) => {
      await node.call("anvil_setCoinbase", [validator]);
      await node.call("evm_mine");
    };
    for (const validator of validators) await mine(validator);
    const head = await headNumber();
    await look(finality);
    expect(await finalBlockOf(store.db)).toBe(head - 3);
    // One alone makes nothing final, however much it builds.
    for (let i = 0; i < 5; i += 1) await mine(validators[0]!);
    await look(finality);
    expect(await finalBlockOf(store.db)).toBe(head - 2);
    await mine(validators[1]!);
    await mine(validators[2]!);
    await look(finality);
    expect(await finalBlockOf(store.db)).toBe(head + 4);
  });
});
