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
import { startsAt } from "#kernel/units/interval.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import type { ChainEvent, ContractSpec, Fact } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { deployContracts, orderOfDeployment } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import { eventsOfTransaction } from "#platform/chain/transactionEvents.ts";
import {
  AREA_ID,
  accountOf,
  createHistory,
  INTERVAL_SECONDS,
  keyOf,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { project, rebuild } from "#platform/store/project.ts";
import { auditHistory } from "./audit.ts";
import { writeCharges } from "./billing/projections/charges.ts";
import type { Domain } from "./domain.ts";
import { CONTRACTS, DOMAINS, NO_SOURCES, projectorOf } from "./domains.ts";
import { auditable } from "./pool/audit/auditable.fixture.ts";

/*
 * A domain that only this test knows: anyone who saves energy when asked gets a reward. It is deployed, decoded, projected, billed,
 * audited and shown with the others, without a change to any of them.
 */

const abi = parseAbi([
  "constructor(address clearingHouse)",
  "event RewardPaid(uint24 indexed areaId, uint32 indexed intervalId, uint16 indexed member, uint24 account, uint32 savedWh, uint64 amountMicro)",
  "function pay(uint24 areaId, uint32 intervalId, uint16 member)",
]);

type RewardPaid = Fact & {
  readonly contract: "rewards";
  readonly kind: "rewardPaid";
  readonly areaId: number;
  readonly intervalId: number;
  readonly member: number;
  readonly account: number;
  readonly savedWh: number;
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

const MICRO_PER_SAVED_WH = 7n;

const saving: Domain = {
  name: "saving",
  contracts: [rewards],
  tables: [paidRewards],
  async project({ tx, event }) {
    if (!isRewardPaid(event)) return;
    const { areaId, intervalId, member, account, amountMicro } = event;
    await tx.insert(paidRewards).values({ account, paidMicro: Number(amountMicro) });
    const interval = { areaId, intervalId, startsAt: startsAt(intervalId, INTERVAL_SECONDS) };
    const charge = { kind: "saving.reward", energyWh: null, amountMicro: -amountMicro } as const;
    await writeCharges(tx, interval, {
      domain: "saving",
      members: [member],
      charges: [{ ...charge, member, account }],
    });
  },
  explainCharge: () => "reward for saved energy",
  replay: ({ counts }) => ({
    apply(event) {
      if (!isRewardPaid(event)) return;
      const owedMicro = BigInt(event.savedWh) * MICRO_PER_SAVED_WH;
      if (event.amountMicro !== owedMicro)
        refuseInterval(event, "reward", `the reward is ${event.amountMicro}, not ${owedMicro} micro`);
      addCount(counts, "saving.rewards");
    },
  }),
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

/** Of member 4, which saved 10 Wh in interval 100. */
const REWARDED = { areaId: AREA_ID, intervalId: 100, member: 4 } as const;
const ACCOUNT = accountOf(REWARDED.member);

function paidLog(amountMicro: bigint): MinedLog {
  return {
    address: contracts.rewards,
    topics: encodeEventTopics({ abi, eventName: "RewardPaid", args: REWARDED }) as [Hex, Hex],
    data: encodeAbiParameters(
      [{ type: "uint24" }, { type: "uint32" }, { type: "uint64" }],
      [ACCOUNT, 10, amountMicro],
    ),
    blockHash: HASH,
    blockNumber: 900n,
    logIndex: 3,
    transactionHash: HASH,
    transactionIndex: 0,
    blockTimestamp: 1n,
    removed: false,
  };
}

function paid(amountMicro = 70n): ChainEvent[] {
  const place = {
    block: 900,
    blockHash: HASH,
    timestamp: 200_000,
    transactionHash: HASH,
    transactionIndex: 0,
    sender: testAddress(1),
    gasUsed: 5n,
  };
  const { areaId, intervalId, member } = REWARDED;
  const input = encodeFunctionData({ abi, functionName: "pay", args: [areaId, intervalId, member] });
  const known = { contracts, specs: [...CONTRACTS, rewards] };
  return eventsOfTransaction(known, { place, to: contracts.rewards, input, logs: [paidLog(amountMicro)] });
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
      ...REWARDED,
      account: ACCOUNT,
      savedWh: 10,
      amountMicro: 70n,
      purpose: "pay",
    }),
  ]);
});

/** The bill of who got the reward, and its line of that interval. */
async function billOf({ app }: ApiFixture) {
  const url = `/v1/participants/${ACCOUNT}/bill`;
  const answer = await app.inject({ url, headers: await signIn(app, keyOf(REWARDED.member)) });
  const { bill, lines } = answer.json() as { bill: Line; lines: Line[] };
  return { bill, line: lines.find(({ intervalId }) => intervalId === REWARDED.intervalId) };
}

type Line = { intervalId: number; charges: { kind: string }[]; netMicro: string; reason: string };

it("its rows, charges, resources, figures and hits stand beside those of the others, until it is taken out", async () => {
  const domains = [...DOMAINS, saving];
  const api = await openApiFixture({}, domains);
  const { app, store, history } = api;
  const before = await billOf(api);
  await project(store, paid(), { domains, sources: NO_SOURCES });
  expect((await app.inject("/v1/saving/rewards")).json()).toEqual({
    rewards: [{ account: ACCOUNT, paidMicro: 70 }],
  });
  expect((await app.inject("/metrics")).body).toMatch(/^commonwatt_rewards 1$/m);
  const { hits } = (await app.inject("/v1/lookup?q=4")).json();
  expect(hits).toContainEqual({ kind: "order", id: "4", title: "a reward" });
  expect((await app.inject("/docs/json")).json().paths).toHaveProperty("/v1/saving/rewards");

  const reward = {
    kind: "saving.reward",
    energyWh: null,
    amountMicro: "-70",
    words: "reward for saved energy",
  };
  const { bill, line } = await billOf(api);
  for (const each of [bill, line]) expect(each?.charges).toContainEqual(reward);
  expect(BigInt(bill.netMicro)).toBe(BigInt(before.bill.netMicro) - 70n);
  expect(line?.reason).toContain("reward for saved energy: less than €0.001 received");

  await rebuild(store, [...history.events, ...paid()], projectorOf(NO_SOURCES));
  expect((await billOf(api)).bill.charges.map(({ kind }) => kind)).not.toContain("saving.reward");
  await api.close();
});

it("its rule is replayed by the audit, which finds a false reward", async () => {
  const history = createHistory();
  const plan = history.clear(100, ordinaryOrders(100));
  history.publish(100, { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] });
  history.settle(plan);
  const audit = (amountMicro: bigint) =>
    auditHistory({
      events: [...auditable(history.events), ...paid(amountMicro)],
      deployment: DEPLOYMENT,
      domains: [...DOMAINS, saving],
    });
  expect(await audit(70n)).toMatchObject({ verdict: "clean", checked: { "saving.rewards": 1 } });
  expect(await audit(71n)).toMatchObject({
    verdict: "discrepancy",
    discrepancy: { rule: "reward", areaId: AREA_ID, intervalId: 100 },
  });
});
