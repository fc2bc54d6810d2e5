import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContractFunctionArgs } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAreaGateway } from "#community/areaGateway.ts";
import type { PoolNode } from "#community/communityNode.ts";
import { keyNames } from "#community/keyNames.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { homeMeterId } from "#community/pool/members.ts";
import { type IntervalReport, runIntervals, type SettledInterval } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "#domains/accounts/contracts.generated.ts";
import { kycHash, readFree, readMargin, registerParticipants } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { chargeWordsOf, movementWordsOf } from "#domains/domain.ts";
import { CONTRACTS, DOMAINS, type DomainEvent, projectorOf, type Sources } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { memberSource, openMemberDirectory } from "#domains/metering/memberDirectory.ts";
import { joinGateways } from "#domains/metering/readingDesk.ts";
import {
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { createAgentBook } from "#domains/pool/agentBook.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { reasonsOfLines } from "#domains/pool/reasonsOfLines.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { signOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Address, toHex } from "#kernel/crypto/hex.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import { microRoundingUp } from "#kernel/units/money.ts";
import { createApi } from "#platform/api/createApi.ts";
import { keySigner, signIn, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { EmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readHistory } from "#platform/chain/history.ts";
import { contractCall, createSender, type Sender } from "#platform/chain/sender.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";
import { createEventFeed } from "#platform/store/eventFeed.ts";
import { catchUp, type IndexerOptions } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { accountOf } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { textOfBlocks } from "./marketOnChain.fixture.ts";

/*
 * The Brooklyn community in this process, on a real chain, database and HTTP server: first left to itself, then with
 * people who send orders of their own.
 */

const INTERVALS = 10;
/** Until margin may leave the market (ClearingHouse). */
const MARGIN_NOTICE_SECONDS = 2 * 3_600;
const FOUNDING_MARGIN_MICRO = 5_000_000_000n;
/** An hour, after which a change of signer counts (ParticipantRegistry). */
const NOTICE_INTERVALS = 3;

let workspace: string;
let node: PoolNode<EmbeddedChain>;
let scenario: Scenario;
let roles: Awaited<ReturnType<typeof startRoles>>;
let store: Store;
let indexing: IndexerOptions<Sources>;
let api: Awaited<ReturnType<typeof createApi>>;
let address: string;
let nextIntervalId: number;
const keptReadings: SignedReading[] = [];
const keptOrders: OpenOrder[] = [];

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-community-"));
  const scenarioFolder = "scenarios/brooklyn";
  scenario = (await loadScenario({ folder: scenarioFolder })).scenario;
  node = await openCommunityNode({
    workspace,
    name: "brooklyn",
    scenario,
    scenarioFolder,
    onProgress: () => {},
  });
  roles = await startRoles(node, {
    archives: {
      keepOrder: async (order) => void keptOrders.push(order),
      keepDropped: async () => {},
      standingOrders: (intervalId) => keptOrders.filter((order) => order.intervalId === intervalId),
      keepReading: async (reading) => void keptReadings.push(reading),
      keptReadings: (intervalId) => keptReadings.filter((reading) => reading.intervalId === intervalId),
    },
  });
  const { deployment, areaId } = node.founded;
  store = await openMemoryStore({ deployment });
  const readingsOf = (area: number, intervalId: number) =>
    keptReadings.filter((reading) => reading.areaId === area && reading.intervalId === intervalId);
  const tariffOf = (_: number, intervalId: number) =>
    scenario.tariff.at(intervalId - scenario.firstIntervalId);
  const ordersOf = (area: number, intervalId: number) =>
    keptOrders
      .filter((order) => order.areaId === area && order.intervalId === intervalId)
      .map((order) => ({ ...order, refusal: null }));
  const sources = { readingsOf, ordersOf, tariffOf };
  indexing = { store, client: node.network.client, projector: projectorOf(sources), pollMs: null };
  const { currency, timeZone } = scenario;
  const billWords = { currency, timeZone, tariffOf, explainCharge: chargeWordsOf(DOMAINS) };
  api = await createApi(
    {
      store,
      directory: createDirectory(store.db),
      ...billWords,
      movementWords: movementWordsOf(DOMAINS),
      reasonsOf: reasonsOfLines(store.db, billWords),
      orderDesk: roles.desk,
      readingDesk: joinGateways(new Map([[roles.areaId, roles.gateway]])),
      quotaDesks: new Map(),
      agents: createAgentBook({ isThere: () => true, now: roles.clock.now }),
      now: roles.clock.now,
      clockSpeed: 900,
      worldNow: () => Date.now() / 1_000,
      network: node.network,
      demonstration: null,
      dashboardDirectory: null,
      areaNames: new Map([[areaId, { name: scenario.title, description: scenario.description }]]),
      retailParts: new Map(),
      flows: new Map(),
      accountNames: new Map(),
      readiness: async () => [],
      incidents: roles.incidents,
      dutiesBehind: () => [],
      processedPerHour: () => null,
      audits: null,
      events: createEventFeed(),
    },
    DOMAINS,
  );
  address = await api.listen({ host: "127.0.0.1", port: 0 });
  nextIntervalId = scenario.firstIntervalId;
});

afterAll(async () => {
  await api?.close();
  await store?.close();
  await node?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

async function run(count: number, by: typeof roles): Promise<IntervalReport[]> {
  const start = { nextIntervalId, unfinished: [] };
  nextIntervalId += count;
  const reports: IntervalReport[] = [];
  for await (const report of runIntervals([{ roles: by, start, end: nextIntervalId }])) reports.push(report);
  return reports;
}

/**
 * Runs so many intervals more, each of which must be settled; before them, where a run before has ended, the one that began
 * with that end: it can't be cleared any more.
 */
async function live(count: number): Promise<{ intervalId: number; settled: SettledInterval }[]> {
  const hasBegun = nextIntervalId === scenario.firstIntervalId ? 0 : 1;
  const reports = await run(hasBegun + count, roles);
  await catchUp(indexing);
  return reports.slice(hasBegun).map((report) => {
    if (report.status === "failed") throw report.cause;
    return report;
  });
}

function marginOf(member: number): Promise<bigint> {
  const { network, founded } = node;
  const { areaId, deployment } = founded;
  return readMargin(network, deployment, { market: "poolMarket", areaId, member });
}

/** Events of the chain so far that name an interval. */
async function readIntervalEvents(): Promise<(DomainEvent & { intervalId: number })[]> {
  const { network, founded } = node;
  const { deployment } = founded;
  const toBlock = Number(await network.client.getBlockNumber());
  const events: (DomainEvent & { intervalId: number })[] = [];
  for await (const event of readHistory({
    client: network.client,
    specs: CONTRACTS,
    deployment,
    fromBlock: 0,
    toBlock,
  }))
    if ("intervalId" in event) events.push(event as DomainEvent & { intervalId: number });
  return events;
}

const homeKey = (member: number): KeyPair =>
  node.keyring.key(keyNames.home(scenario.homes.find((home) => home.member === member)!.id));

describe("left to itself", () => {
  let settled: Awaited<ReturnType<typeof live>>;

  let history: Awaited<ReturnType<typeof readIntervalEvents>>;
  const historyOf = (intervalId: number) => history.filter((event) => event.intervalId === intervalId);

  beforeAll(async () => {
    settled = await live(INTERVALS);
    history = await readIntervalEvents();
  });

  it("trades, and each contract is metered in full (R3.11)", () => {
    expect(settled.reduce((sum, { settled: { trades } }) => sum + trades, 0)).toBeGreaterThan(0);
    expect(roles.incidents.list()).toEqual([]);
    for (const { settled: interval } of settled) {
      for (const { shortfallWh, unconsumedWh } of interval.outcome.settlements.values())
        expect([shortfallWh, unconsumedWh]).toEqual([0n, 0n]);
    }
  });

  it("a home's tokens are its metered net trade times the price (R3.11)", async () => {
    const { member } = scenario.homes.find((home) =>
      settled.some(({ settled: { outcome } }) => outcome.positions.has(home.member)),
    )!;
    const owed = settled.reduce((sum, { settled: { outcome } }) => {
      const position = outcome.positions.get(member);
      return sum + (position ? microRoundingUp(position.exactPayment) : 0n);
    }, 0n);
    expect(owed).not.toBe(0n);
    expect(await marginOf(member)).toBe(FOUNDING_MARGIN_MICRO - owed);
    const headers = await signIn(api, homeKey(member).privateKey);
    const account = accountOf(scenario, member);
    const paid = await api.inject({ url: `/v1/participants/${account}/bills`, headers });
    expect(paid.statusCode).toBe(200);
    expect(paid.json()).toMatchObject({ bill: { netMicro: String(owed) } });
  });

  it("the log tells each interval's story in its order (R5.9, R5.46)", () => {
    const { intervalId } = settled.find(({ settled: { trades } }) => trades > 0)!;
    const events = historyOf(intervalId);
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "pageClaimed");
    expect(kinds).toEqual(["intervalCleared", "readingsPublished", "pageSettled", "intervalSettled"]);
    const orders = keptOrders.filter((order) => order.intervalId === intervalId);
    expect(orders.length).toBeGreaterThan(1);
    const gate = intervalId * scenario.intervalSeconds - scenario.terms.gateClosureSeconds;
    const [cleared, published, paid] = events.filter(({ kind }) => kind !== "pageClaimed");
    expect(Math.max(...orders.map(({ receivedAt }) => receivedAt))).toBeLessThan(gate);
    expect(cleared!.timestamp).toBeGreaterThanOrEqual(gate);
    expect(published!.timestamp).toBeGreaterThanOrEqual(endsAt(intervalId, scenario.intervalSeconds));
    expect(paid!.timestamp).toBeGreaterThanOrEqual(published!.timestamp);
  });

  it("payment comes in the same or the next block after the verified reading (R2.41)", () => {
    for (const { intervalId, settled: interval } of settled) {
      if (interval.trades === 0) continue;
      const events = historyOf(intervalId);
      const published = events.find(({ kind }) => kind === "readingsPublished")!;
      const paid = events.filter(({ kind }) => kind === "pageSettled");
      expect(paid).toHaveLength(1);
      expect(paid[0]!.block - published.block).toBeLessThanOrEqual(1);
    }
  });

  it("the chain holds no reading of a home that did not trade, only its salted hash (R1.3)", async () => {
    const { deployment, areaId } = node.founded;
    let looked = 0;
    for (const {
      intervalId,
      settled: { trades, outcome },
    } of settled) {
      const idle = keptReadings.filter(
        (reading) => reading.intervalId === intervalId && !outcome.positions.has(reading.member),
      );
      if (trades === 0 || idle.length === 0) continue;
      const events = historyOf(intervalId);
      const [first, last] = [events[0]!.block, events.at(-1)!.block];
      const text = await textOfBlocks(node.network, BigInt(first), BigInt(last));
      const words = keptReadings.filter((reading) => reading.intervalId === intervalId).map(readingWord);
      const { chainId } = deployment;
      const meterLedger = addressOf(deployment, "meterLedger");
      const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: 1 });
      const positioned = new Set(outcome.positions.keys());
      expect(text).toContain(toHex(buildReadingTree(words, context, positioned).root).slice(2));
      for (const reading of idle) {
        const word = readingWord(reading).toString(16).padStart(64, "0");
        expect(text).not.toContain(word);
        expect(text).not.toContain(openedPart(reading));
        looked += 1;
      }
      for (const reading of keptReadings)
        if (reading.intervalId === intervalId && outcome.positions.has(reading.member))
          expect(text).toContain(openedPart(reading));
    }
    expect(looked).toBeGreaterThan(0);
  });

  it("an altered reading is refused by the gateway (R6.11)", async () => {
    const gateway = gatewayInTime();
    const reading = signedReading(scenario.homes[0]!.member, nextIntervalId + 50);
    expect(await roles.gateway.collect(reading)).toBe("notOver");
    expect(await gateway.collect({ ...reading, importWh: reading.importWh + 1 })).toBe("invalidSignature");
    expect(await gateway.collect(reading)).toBeNull();
    expect(await gateway.collect(reading)).toBeNull();
    const other = signedReading(scenario.homes[0]!.member, nextIntervalId + 50, 322);
    expect(await gateway.collect(other)).toBe("duplicateReading");
  });

  it("a reading is with the gateway in less than a second (R1.4)", async () => {
    const gateway = gatewayInTime();
    const seconds: number[] = [];
    for (let i = 0; i < 20; i += 1)
      for (const { member } of scenario.homes) {
        const began = performance.now();
        expect(await gateway.collect(signedReading(member, nextIntervalId + 100 + i))).toBeNull();
        seconds.push((performance.now() - began) / 1_000);
      }
    expect(seconds).toHaveLength(200);
    seconds.sort((a, b) => a - b);
    expect(seconds[Math.floor(0.95 * seconds.length)]).toBeLessThan(1);
  });
});

/** The area's gateway some days later, when the intervals that these tests read are over. */
function gatewayInTime() {
  const now = () => startsAt(nextIntervalId + 200, scenario.intervalSeconds);
  return openAreaGateway(node, {
    directory: openMemberDirectory(memberSource(node.network, node.founded.deployment), now),
    now,
    keep: async (reading) => void keptReadings.push(reading),
    kept: () => [],
    onRefusal: () => undefined,
    onFailure: () => undefined,
  });
}

/** What a settlement shows of a reading: all but its member, with the salt. */
function openedPart(reading: SignedReading): string {
  return readingWord(reading).toString(16).padStart(64, "0").slice(-50);
}

function signedReading(member: number, intervalId: number, importWh = 321): SignedReading {
  const { id } = scenario.homes.find((home) => home.member === member)!;
  const { chainId } = node.founded.deployment;
  const meterLedger = addressOf(node.founded.deployment, "meterLedger");
  const reading = {
    meterId: homeMeterId(scenario, id),
    member,
    areaId: node.founded.areaId,
    intervalId,
    importWh,
    exportWh: 0,
    quality: "measured" as const,
    version: 1,
  };
  const deviceKey = node.keyring.key(keyNames.device(id)).privateKey;
  return signReading(reading, ledgerSeparator(chainId, meterLedger), deviceKey);
}

describe("orders over HTTP", () => {
  type Answer = {
    status: number;
    body: { orderId: string; status?: string; reason?: string; detail?: string };
  };
  let member: number;
  let account: number;
  let other: number;
  let aggregator: Sender;
  let aggregatorKey: KeyPair;
  let aggregatorAccount: number;

  beforeAll(async () => {
    member = scenario.homes.at(-1)!.member;
    account = accountOf(scenario, member);
    other = scenario.homes.at(-2)!.member;
    const { network, founded, keyring, chain } = node;
    aggregatorKey = keyring.key("aggregator");
    aggregator = createSender(network, aggregatorKey.hex);
    const registrar = createSender(network, keyring.key(keyNames.registrar).hex);
    const entity = { owner: aggregatorKey.address, kycHash: kycHash("aggregator", "salt") };
    [aggregatorAccount = 0] = await registerParticipants(registrar, founded.deployment, [entity]);
    await createSender(network, chain.fundingPrivateKey).send(
      contractCall({
        address: addressOf(founded.deployment, "registry"),
        abi: participantRegistryContract.abi,
        functionName: "setEntity",
        args: [aggregatorAccount, true],
      }),
    );
  });

  /** A bid that nobody outbids: it is filled as far as anything is on offer. */
  const bid = (changes: Partial<Order<number>> = {}): Order<number> => ({
    participant: member,
    side: "bid",
    energyWh: 40,
    limitPriceMicroPerKwh: Number(scenario.terms.ceilingMicroPerKwh),
    sequence: 7,
    ...changes,
  });

  /** The gate of the next interval closed when the last one ended; the one after it is open. */
  const openIntervalId = () => nextIntervalId + 1;

  async function send(order: Order<number>, key: KeyPair, intervalId = openIntervalId()): Promise<Answer> {
    const { areaId } = node.founded;
    const { signature } = signOrder(
      order,
      { separator: roles.separator, areaId, intervalId },
      key.privateKey,
    );
    const { participant, ...rest } = order;
    const response = await fetch(`${address}/v1/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...rest,
        member: participant,
        areaId,
        intervalId,
        signature: toHex(signature),
      }),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  }

  /** Sends the order, lets its interval be settled, and gives what became of it. */
  async function trade(
    key: KeyPair,
  ): Promise<{ signer: string; status: string; fillWh: string; account: number }> {
    const intervalId = openIntervalId();
    const { status, body } = await send(bid(), key, intervalId);
    expect([status, body.status]).toEqual([201, "accepted"]);
    const operator = keySigner(node.keyring.key(keyNames.operator).privateKey);
    const headers = await signInAt(address, operator);
    const open = await fetch(`${address}/v1/orders/${body.orderId}`, { headers });
    expect(await open.json()).toMatchObject({ status: "open", member, account });
    const [interval] = await live(1);
    expect(interval!.settled.outcome.positions.get(member)?.boughtWh).toBeGreaterThanOrEqual(40n);
    const book = await fetch(`${address}/v1/intervals/${node.founded.areaId}/${intervalId}/orders?limit=500`);
    const { orders } = (await book.json()) as { orders: { orderId: string }[] };
    expect(orders.map(({ orderId }) => orderId)).toContain(body.orderId);
    const done = await fetch(`${address}/v1/orders/${body.orderId}`);
    return (await done.json()) as Awaited<ReturnType<typeof trade>>;
  }

  const registryCall = <Name extends "requestEntity" | "admitMember" | "leaveEntity">(
    functionName: Name,
    args: ContractFunctionArgs<typeof participantRegistryContract.abi, "nonpayable", Name>,
  ) =>
    contractCall({
      address: addressOf(node.founded.deployment, "registry"),
      abi: participantRegistryContract.abi,
      functionName,
      args,
    });
  const home = () => createSender(node.network, homeKey(member).hex);

  it("a home trades with its own signature, and needs nobody (R1.5)", async () => {
    const order = await trade(homeKey(member));
    expect(order).toMatchObject({
      account,
      status: "filled",
      fillWh: "40",
      signer: homeKey(member).address,
    });
  });

  it("as a member it trades by its aggregator's signature, from gates an hour later on (R1.5, R5.10)", async () => {
    await home().send(registryCall("requestEntity", [aggregatorAccount]));
    await aggregator.send(registryCall("admitMember", [account]));
    expect(await trade(homeKey(member))).toMatchObject({ signer: homeKey(member).address });
    await live(NOTICE_INTERVALS);
    const own = await send(bid({ sequence: 8 }), homeKey(member));
    expect([own.status, own.body.reason]).toEqual([422, "invalidSignature"]);
    const order = await trade(aggregatorKey);
    expect(order).toMatchObject({ account, status: "filled", fillWh: "40", signer: aggregatorKey.address });
  });

  it("having left, it trades by its own again, and no longer by the aggregator's (R5.10)", async () => {
    // A change waits until the one before it counted for an hour.
    await live(NOTICE_INTERVALS);
    await home().send(registryCall("leaveEntity", []));
    expect(await trade(aggregatorKey)).toMatchObject({ signer: aggregatorKey.address });
    await live(NOTICE_INTERVALS);
    const late = await send(bid({ sequence: 8 }), aggregatorKey);
    expect([late.status, late.body.reason]).toEqual([422, "invalidSignature"]);
    expect(await trade(homeKey(member))).toMatchObject({
      status: "filled",
      signer: homeKey(member).address,
    });
  });

  it.each([
    [409, "gateClosed", /closed at/, () => send(bid(), homeKey(member), nextIntervalId)],
    [
      422,
      "priceOutsideBand",
      /above the highest price here/,
      () => send(bid({ limitPriceMicroPerKwh: 230_001 }), homeKey(member)),
    ],
    [422, "zeroEnergy", /0 kWh/, () => send(bid({ energyWh: 0 }), homeKey(member))],
    [422, "unknownParticipant", /member 9999/, () => send(bid({ participant: 9_999 }), homeKey(member))],
    [
      422,
      "unknownParticipant",
      /member 1 /,
      () => send(bid({ participant: 1 }), node.keyring.key(keyNames.supplier)),
    ],
    [422, "invalidSignature", /not signed/, () => send(bid(), homeKey(other))],
    [422, "intervalTooFar", /7 days/, () => send(bid(), homeKey(member), nextIntervalId + 1_000)],
  ])("%d %s", async (status, reason, words, submit) => {
    const answer = await submit();
    expect([answer.status, answer.body.reason]).toEqual([status, reason]);
    expect(answer.body.detail).toMatch(words);
    expect(roles.desk.openOrders()).toEqual([]);
  });

  it("409 duplicateId: the first of two stands", async () => {
    const first = await send(bid(), homeKey(member));
    const second = await send(bid({ energyWh: 41 }), homeKey(member));
    expect([first.status, second.status, second.body.reason]).toEqual([201, 409, "duplicateId"]);
    expect(roles.desk.openOrders().map(({ energyWh }) => energyWh)).toEqual([40]);
  });
});

describe("an interval that fails", () => {
  it("has no market, is reported with its cause and readings, and does not stop the next", async () => {
    const cause = new Error("the operator's key is lost");
    const operator = { ...roles.operator, clear: () => Promise.reject(cause) };
    const ids = [nextIntervalId, nextIntervalId + 1];
    const reports = await run(2, { ...roles, operator });
    expect(reports.map(({ status, intervalId }) => [status, intervalId])).toEqual(
      ids.map((id) => ["failed", id]),
    );
    expect(reports[1]).toMatchObject({ cause });
    for (const report of reports) {
      if (report.status !== "failed") throw new Error("expected a failure");
      expect(report.readings.map(({ member }) => member)).toEqual(scenario.homes.map((home) => home.member));
    }
    const [next] = await live(1);
    expect(next!.settled.trades).toBeGreaterThan(0);
  });
});

describe("at the end", () => {
  it("a home takes all of its money home, in tokens (R3.11)", async () => {
    await live(1);
    const { network, founded } = node;
    const [clearingHouse, poolMarket, token] = ["clearingHouse", "poolMarket", "token"].map((name) =>
      addressOf(founded.deployment, name),
    ) as [Address, Address, Address];
    const { member } = scenario.homes[0]!;
    const seat = seatOf({ areaId: founded.areaId, member });
    const owner = createSender(network, homeKey(member).hex);
    const margin = await marginOf(member);
    const house = { address: clearingHouse, abi: clearingHouseContract.abi } as const;
    await owner.send(
      contractCall({ ...house, functionName: "announceMarginWithdrawal", args: [poolMarket, seat, margin] }),
    );
    await roles.clock.advanceTo(roles.clock.now() + MARGIN_NOTICE_SECONDS);
    await owner.send(contractCall({ ...house, functionName: "withdrawMargin", args: [poolMarket, seat] }));
    const free = await readFree(network, founded.deployment, accountOf(scenario, member));
    expect(free).toBe(margin);
    await owner.send(contractCall({ ...house, functionName: "withdraw", args: [free] }));
    const tokens = await network.client.readContract({
      address: token,
      abi: testTokenContract.abi,
      functionName: "balanceOf",
      args: [owner.address],
    });
    expect(tokens).toBe(margin);
  });
});
