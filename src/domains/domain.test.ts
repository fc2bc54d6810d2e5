import { integer, pgTable } from "drizzle-orm/pg-core";
import {
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  type Hex,
  parseAbi,
  parseEventLogs,
} from "viem";
import { expect, it } from "vitest";
import { z } from "zod";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import type { ChainEvent, ContractSpec, Fact } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { deployContracts, orderOfDeployment } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import { eventsOfTransaction } from "#platform/chain/transactionEvents.ts";
import { project } from "#platform/store/project.ts";
import type { Domain } from "./domain.ts";
import { CONTRACTS, DOMAINS, NO_SOURCES } from "./domains.ts";

/*
 * A domain that only this test knows: whoever saves energy when asked gets a reward. It is deployed, decoded, projected
 * and shown with the others, without a change to any of them.
 */

const abi = parseAbi([
  "constructor(address clearingHouse)",
  "event RewardPaid(uint24 indexed account, uint64 amountMicro)",
  "function pay(uint24 account)",
]);

type RewardPaid = Fact & {
  readonly contract: "rewards";
  readonly kind: "rewardPaid";
  readonly account: number;
  readonly amountMicro: bigint;
};

const rewards: ContractSpec<RewardPaid> = {
  name: "rewards",
  abi,
  bytecode: "0x6001",
  links: {},
  construct: ["clearingHouse"],
  grants: ({ rewards: to = null }, { operator }) => [{ label: `admit ${operator}`, to, data: "0x" }],
  decode: ({ logs }) =>
    parseEventLogs({ abi, logs: [...logs] }).map(({ args }) => ({
      contract: "rewards",
      kind: "rewardPaid",
      ...args,
    })),
};

const paidRewards = pgTable("paid_rewards", {
  account: integer().primaryKey(),
  paidMicro: integer().notNull(),
});

const isRewardPaid = (event: ChainEvent): event is ChainEvent<RewardPaid> => event.contract === "rewards";

const saving: Domain = {
  name: "saving",
  contracts: [rewards],
  tables: [paidRewards],
  async project({ tx, event }) {
    if (!isRewardPaid(event)) return;
    await tx.insert(paidRewards).values({ account: event.account, paidMicro: Number(event.amountMicro) });
  },
  routes: [
    (app, { store }) => {
      const body = z.object({ rewards: z.array(z.object({ account: z.int(), paidMicro: z.int() })) });
      app.get("/v1/saving/rewards", { schema: describeRoute("saving", "Rewards", { body }) }, async () => ({
        rewards: await store.db.select().from(paidRewards),
      }));
    },
  ],
  metrics: async () => [{ name: "rewards", help: "Rewards", value: 1 }],
  find: async (_context, { form }) =>
    form === "number" ? [{ kind: "order", id: "4", title: "a reward" }] : [],
};

const contracts = { ...DEPLOYMENT.contracts, rewards: testAddress(0xc0) };
const HASH: Hex = `0x${"7e".repeat(32)}`;

function paidLog(account: number, amountMicro: bigint): MinedLog {
  return {
    address: contracts.rewards,
    topics: encodeEventTopics({ abi, eventName: "RewardPaid", args: { account } }) as [Hex, Hex],
    data: encodeAbiParameters([{ type: "uint64" }], [amountMicro]),
    blockHash: HASH,
    blockNumber: 900n,
    logIndex: 3,
    transactionHash: HASH,
    transactionIndex: 0,
    blockTimestamp: 1n,
    removed: false,
  };
}

function paid(): ChainEvent[] {
  const place = {
    block: 900,
    blockHash: HASH,
    timestamp: 1_000,
    transactionHash: HASH,
    transactionIndex: 0,
    sender: testAddress(1),
    gasUsed: 5n,
  };
  const input = encodeFunctionData({ abi, functionName: "pay", args: [4] });
  const known = { contracts, specs: [...CONTRACTS, rewards] };
  return eventsOfTransaction(known, { place, to: contracts.rewards, input, logs: [paidLog(4, 70n)] });
}

it("its contract is deployed after those it needs, and gets its grants", async () => {
  const sent: Call[] = [];
  const admin = {
    address: testAddress(1),
    send: async (call: Call) => ({ contractAddress: testAddress(0x100 + sent.push(call)) }),
    sendAll: async (calls: readonly Call[]) => void sent.push(...calls),
  } as unknown as Sender;
  const network = { chainId: 7, client: { getBlockNumber: async () => 3n } } as unknown as Network;
  const holders = { operator: testAddress(2) };
  const specs = [...CONTRACTS, rewards];
  const deployment = await deployContracts({ network, admin, specs, holders });
  expect(Object.keys(deployment.contracts)).toEqual(orderOfDeployment(specs).map(({ name }) => name));
  const deployed = sent.find(({ label }) => label === "deployment of rewards");
  expect(deployed?.data.endsWith(String(deployment.contracts.clearingHouse).slice(2))).toBe(true);
  expect(sent.at(-1)?.label).toBe(`admit ${testAddress(2)}`);
});

it("its events are read from logs, under the name of the function that was called", () => {
  expect(paid()).toEqual([
    expect.objectContaining({
      contract: "rewards",
      kind: "rewardPaid",
      account: 4,
      amountMicro: 70n,
      purpose: "pay",
    }),
  ]);
});

it("its rows, resources, figures and hits stand beside those of the others", async () => {
  const domains = [...DOMAINS, saving];
  const { app, store, close } = await openApiFixture({}, domains);
  await project(store, paid(), { domains, sources: NO_SOURCES });
  expect((await app.inject("/v1/saving/rewards")).json()).toEqual({
    rewards: [{ account: 4, paidMicro: 70 }],
  });
  expect((await app.inject("/metrics")).body).toMatch(/^commonwatt_rewards 1$/m);
  const { hits } = (await app.inject("/v1/lookup?q=4")).json();
  expect(hits).toContainEqual({ kind: "order", id: "4", title: "a reward" });
  expect((await app.inject("/docs/json")).json().paths).toHaveProperty("/v1/saving/rewards");
  await close();
});
