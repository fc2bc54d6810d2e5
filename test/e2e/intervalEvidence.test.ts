import { createPublicClient, custom, http, RpcRequestError } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectorOf, type Sources } from "#domains/domains.ts";
import { ContradictoryNodeError } from "#domains/metering/nodeReader.ts";
import { type ChangeChoice, changeOneByte } from "#domains/pool/check/changeOneByte.ts";
import { CHECK_KEYS, checkInterval } from "#domains/pool/check/intervalCheck.ts";
import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import type { IntervalEvidenceJson } from "#domains/pool/check/intervalEvidenceJson.ts";
import { compareEvidence, mergeEvidence } from "#domains/pool/check/mergeEvidence.ts";
import { readIntervalEvidence } from "#domains/pool/check/readIntervalEvidence.ts";
import { intervalEvidenceFromChain, UnknownIntervalError } from "#domains/pool/intervalEvidence.ts";
import {
  readMarketPlace,
  UnknownMarketError,
  WrongEvidenceChainError,
} from "#domains/pool/marketContracts.ts";
import { type Address, toHex } from "#kernel/crypto/hex.ts";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { catchUp } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import {
  type AuditedCommunity,
  giveBack,
  runAuditedCommunity,
  type Stepping,
} from "./auditedCommunity.fixture.ts";
import { startLyingNode, type Tampering } from "./lyingNode.fixture.ts";
import { flip } from "./tampering.fixture.ts";

/** A community with a chain, and a server that tells of it. */
type ToldCommunity = {
  readonly community: AuditedCommunity;
  /** Number of the interval `at` places behind the first. */
  readonly idOf: (at: number) => number;
  readonly sentOf: (at: number) => Promise<IntervalEvidenceJson>;
  /** Lets the server read what has come since. */
  readonly readOn: () => Promise<void>;
  readonly close: () => Promise<void>;
};

async function tell(
  name: string,
  options: { intervals: number; stepping?: Stepping },
): Promise<ToldCommunity> {
  const community = await runAuditedCommunity(name, options);
  const { network, founded } = community.node;
  const { deployment, areaId } = founded;
  const store = await openMemoryStore({ deployment });
  const readOn = () =>
    catchUp({ store, client: network.client, projector: projectorOf(sourcesOf(community)), pollMs: null });
  await readOn();
  const { app, close } = await openApiFixture({ store });
  const idOf = (at: number) => community.scenario.firstIntervalId + at;
  return {
    community,
    idOf,
    readOn,
    async sentOf(at) {
      const answer = await app.inject(`/v1/intervals/${areaId}/${idOf(at)}/evidence`);
      expect(answer.statusCode).toBe(200);
      return answer.json();
    },
    async close() {
      await close();
      await store.close();
      await community.stop();
    },
  };
}

/** The archives of the community's roles; nobody's order was refused by the chain. */
function sourcesOf({ archive, orders }: AuditedCommunity): Sources {
  const isOf = (areaId: number, intervalId: number) => (item: { areaId: number; intervalId: number }) =>
    item.areaId === areaId && item.intervalId === intervalId;
  return {
    readingsOf: (areaId, intervalId) => archive.filter(isOf(areaId, intervalId)),
    ordersOf: (areaId, intervalId) =>
      orders.filter(isOf(areaId, intervalId)).map((order) => ({ ...order, refusal: null })),
    tariffOf: () => null,
  };
}

const finalOf = (evidence: IntervalEvidence) =>
  [...checkInterval(evidence)].filter(({ status }) => status !== "running");
const statusesOf = (evidence: IntervalEvidence) =>
  Object.fromEntries(finalOf(evidence).map(({ key, status }) => [key, status]));
const ALL_PASSED = Object.fromEntries(CHECK_KEYS.map((key) => [key, "passed"]));

async function fromChainOf({ community }: ToldCommunity, sent: IntervalEvidenceJson, rpcUrl?: string) {
  const { client } = community.node.network;
  const reader =
    rpcUrl === undefined ? client : createPublicClient({ transport: http(rpcUrl, { retryCount: 0 }) });
  return intervalEvidenceFromChain(reader, readMarketPlace(sent.deployment), sent);
}

/** The first settled interval in which something was traded. */
async function firstTraded(told: ToldCommunity, intervals: number): Promise<IntervalEvidenceJson> {
  for (let at = 0; at < intervals; at += 1) {
    const sent = await told.sentOf(at);
    if (sent.closing !== null && sent.pages.length > 0) return sent;
  }
  throw new Error("nothing was traded");
}

describe("one clearing price, orders that stay at the desk", () => {
  const INTERVALS = 4;
  let told: ToldCommunity;
  let sent: IntervalEvidenceJson;

  beforeAll(async () => {
    told = await tell("riverside", { intervals: INTERVALS });
    sent = await firstTraded(told, INTERVALS);
  });
  afterAll(() => told.close());

  it("the server's evidence of each settled interval passes every step, with what the chain moved", async () => {
    expect(sent.steps.some(({ heldMicro }) => BigInt(heldMicro) > 0n)).toBe(true);
    expect(sent.pages.some(({ releasedMicro }) => BigInt(releasedMicro) > 0n)).toBe(true);
    expect(sent.book!.bids.length + sent.book!.offers.length).toBeGreaterThan(4);
    expect(statusesOf(readIntervalEvidence(sent))).toEqual(ALL_PASSED);
  });

  it("the evidence that a node gives is the server's, and passes with what is not on the chain", async () => {
    for (let at = 0; at < INTERVALS; at += 1) {
      const json = await told.sentOf(at);
      const fromServer = readIntervalEvidence(json);
      const fromChain = await fromChainOf(told, json);
      expect(compareEvidence(fromChain, fromServer)).toMatchObject({ status: "passed" });
      expect(fromChain.stage).toBe(fromServer.stage);
      const { rest, readings, movements } = fromServer;
      const merged = mergeEvidence(fromChain, fromServer);
      expect(merged).toMatchObject({ readings, movements, rest: { bids: rest!.bids, offers: rest!.offers } });
      expect(finalOf(merged).filter(({ status }) => status === "failed")).toEqual([]);
    }
    const merged = mergeEvidence(await fromChainOf(told, sent), readIntervalEvidence(sent));
    expect(statusesOf(merged)).toEqual(ALL_PASSED);
  });

  it("the chain alone shows all but the desk's orders and the devices' signatures", async () => {
    const { standings: _standings, devices: _devices, ...evidence } = await fromChainOf(told, sent);
    expect(statusesOf(evidence)).toEqual({
      ...ALL_PASSED,
      bookRoot: "notPossible",
      omittedOrders: "notPossible",
      deviceSignatures: "notPossible",
    });
  });

  it.each<ChangeChoice>(["order", "position"])("a server that lies about one %s is named", async (choice) => {
    const fromChain = await fromChainOf(told, sent);
    const submitted = { ...sent, book: { ...sent.book!, bids: "0x", offers: "0x" } };
    for (let seed = 0; seed < 5; seed += 1) {
      const changed = changeOneByte(submitted, choice, seed)!;
      const fromServer = readIntervalEvidence({ ...changed.json, book: sent.book });
      const { side, position, member } = changed.subject;
      const name = side ? `${side} ${position} of member ${member} ` : `the position of member `;
      const report = compareEvidence(fromChain, fromServer);
      expect(report.status === "failed" ? report.finding : report.status).toContain(name);
      expect(statusesOf(mergeEvidence(fromChain, fromServer))).toEqual(ALL_PASSED);
    }
  });

  it("a server that keeps an order of the desk back is found out by the recorded root", async () => {
    const fromServer = readIntervalEvidence(sent);
    const { rest } = fromServer;
    const kept = { ...rest!, bids: rest!.bids.slice(1), offers: rest!.bids.length > 0 ? rest!.offers : [] };
    const merged = mergeEvidence(await fromChainOf(told, sent), { ...fromServer, rest: kept });
    expect(statusesOf(merged)).toEqual({ ...ALL_PASSED, bookRoot: "failed" });
  });

  it("a node that changes a signature on the way is named", async () => {
    const liar = await startLyingNode(told.community.node.chain.rpcUrl);
    const [step] = readIntervalEvidence(sent).steps;
    const [bid] = step!.bids;
    liar.tellLies(({ method, params }, result) =>
      method === "eth_getTransactionByHash" && params[0] === step!.transactionHash
        ? { ...result, input: flip(String(result.input), toHex(bid!.signature), 20) }
        : result,
    );
    const fromChain = await fromChainOf(told, sent, liar.url);
    await liar.stop();
    const [signatures] = finalOf(mergeEvidence(fromChain, readIntervalEvidence(sent)));
    expect(signatures).toMatchObject({
      status: "failed",
      finding: expect.stringMatching(
        new RegExp(`^bid 1 of member ${bid!.participant} .* is not signed by 0x`),
      ),
    });
  });

  it("a node that refuses long ranges of blocks gives the same", async () => {
    const place = readMarketPlace(sent.deployment);
    const { client } = told.community.node.network;
    const request = async ({ method, params }: { method: string; params: never }) => {
      const [query] = (params ?? []) as { fromBlock: string; toBlock: string }[];
      const isLong = method === "eth_getLogs" && Number(query!.toBlock) - Number(query!.fromBlock) > 20;
      const error = { code: -32_005, message: "query returned more than 10000 results" };
      if (isLong) throw new RpcRequestError({ body: { method, params }, error, url: "" });
      return client.request({ method, params } as never);
    };
    const refusing = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
    expect(await intervalEvidenceFromChain(refusing, place, sent)).toEqual(await fromChainOf(told, sent));
  });

  it.each<[string, Tampering, RegExp]>([
    [
      "logs of a block that was replaced",
      ({ method }, result) =>
        method === "eth_getLogs"
          ? (result as unknown as object[]).map((log) => ({ ...log, blockHash: `0x${"ab".repeat(32)}` }))
          : result,
      /gives logs of another block \d+ than the one that it gives$/,
    ],
    [
      "a transaction that failed",
      ({ method }, result) =>
        method === "eth_getTransactionReceipt" ? { ...result, status: "0x0" } : result,
      /gives logs of transaction 0x[0-9a-f]{64}, and says that it failed$/,
    ],
    [
      "a transaction of another block",
      ({ method }, result) =>
        method === "eth_getTransactionByHash" ? { ...result, blockHash: `0x${"ab".repeat(32)}` } : result,
      /gives transaction 0x[0-9a-f]{64} in another block \d+ than its own$/,
    ],
  ])("a node that shows %s contradicts itself", async (_what, lies, sentence) => {
    const liar = await startLyingNode(told.community.node.chain.rpcUrl);
    liar.tellLies(lies);
    const reading = fromChainOf(told, sent, liar.url);
    await expect(reading).rejects.toThrow(ContradictoryNodeError);
    await expect(reading).rejects.toThrow(sentence);
    await liar.stop();
  });

  it("a server cannot put contracts of its own beside the market", async () => {
    const other = `0x${"ab".repeat(20)}`;
    const deployment = {
      ...(sent.deployment as object),
      registry: other,
      clearingHouse: other,
      meterLedger: other,
    };
    expect(await fromChainOf(told, { ...sent, deployment })).toEqual(await fromChainOf(told, sent));
  });

  it("a server that names a later first block hides nothing: it fails, or all is as it was", async () => {
    const { client } = told.community.node.network;
    const place = readMarketPlace(sent.deployment);
    const honest = await fromChainOf(told, sent);
    const fromServer = readIntervalEvidence(sent);
    const last = honest.transactions.at(-1)!.block;
    const answers = new Set<string>();
    for (let block = place.deployedAtBlock; block <= last + 1; block += 1) {
      const later = { ...place, deployedAtBlock: block };
      const fromChain = await intervalEvidenceFromChain(client, later, sent).catch((error: unknown) => error);
      if (fromChain instanceof UnknownIntervalError) {
        answers.add("unknown");
        continue;
      }
      const told = fromChain as typeof honest;
      const isNamed = compareEvidence(told, fromServer).status === "failed";
      if (!isNamed)
        expect(told.steps.map(({ standings }) => standings)).toEqual(
          honest.steps.map(({ standings }) => standings),
        );
      answers.add(isNamed ? "named" : "as it was");
    }
    expect([...answers].sort()).toEqual(["as it was", "named", "unknown"]);
  });

  it("says when the node is of another chain, or knows nothing of the market or the interval", async () => {
    const { client } = told.community.node.network;
    const place = readMarketPlace(sent.deployment);
    const elsewhere = { ...place, chainId: 1 };
    await expect(intervalEvidenceFromChain(client, elsewhere, sent)).rejects.toThrow(WrongEvidenceChainError);
    for (const poolMarket of [`0x${"ab".repeat(20)}`, sent.meterLedger] as Address[])
      await expect(intervalEvidenceFromChain(client, { ...place, poolMarket }, sent)).rejects.toThrow(
        UnknownMarketError,
      );
    const unknown = { areaId: sent.areaId, intervalId: 7 };
    await expect(intervalEvidenceFromChain(client, place, unknown)).rejects.toThrow(UnknownIntervalError);
    const nowhere = { areaId: 9, intervalId: sent.intervalId };
    await expect(intervalEvidenceFromChain(client, place, nowhere)).rejects.toThrow(UnknownIntervalError);
  });
});

describe("midpoints, clearings in several steps", () => {
  let told: ToldCommunity;

  beforeAll(async () => {
    told = await tell("brooklyn", { intervals: 5, stepping: { orders: 3, unfinished: [2], unsettled: [3] } });
  });
  afterAll(() => told.close());

  const evidenceOf = async (at: number) => {
    const sent = await told.sentOf(at);
    const fromServer = readIntervalEvidence(sent);
    const fromChain = await fromChainOf(told, sent);
    expect(compareEvidence(fromChain, fromServer)).toMatchObject({ status: "passed" });
    return { fromServer, merged: mergeEvidence(fromChain, fromServer) };
  };

  it("settled intervals pass every step", async () => {
    const sent = await firstTraded(told, 5);
    expect(sent.steps.length).toBeGreaterThan(1);
    const { fromServer, merged } = await evidenceOf(sent.intervalId - told.idOf(0));
    expect(statusesOf(fromServer)).toEqual(ALL_PASSED);
    expect(statusesOf(merged)).toEqual(ALL_PASSED);
  });

  it("an interval that is cleared and not settled shows what is there", async () => {
    const { fromServer, merged } = await evidenceOf(3);
    expect(fromServer.stage).toBe("cleared");
    const expected = {
      orderSignatures: "passed",
      clearing: "passed",
      settlement: "notPossible",
      money: "notPossible",
    };
    expect(statusesOf(fromServer)).toMatchObject({ ...expected, positions: "passed" });
    expect(statusesOf(merged)).toMatchObject({ ...expected, positions: "notPossible" });
  });

  it("a clearing that was not finished shows its signed orders", async () => {
    const { fromServer, merged } = await evidenceOf(2);
    expect(fromServer.stage).toBe("clearing");
    for (const evidence of [fromServer, merged])
      expect(statusesOf(evidence)).toMatchObject({ orderSignatures: "passed", clearing: "notPossible" });
  });

  it.each([
    [2, "collecting", "notPossible"],
    [3, "returned", "passed"],
  ])("interval %i, that was given back, has what it took: it is %s", async (at, stage, orderSignatures) => {
    if (at === 2) await giveBack(told.community, [2, 3]);
    await told.readOn();
    const { fromServer, merged } = await evidenceOf(at);
    expect(fromServer).toMatchObject({ stage, attempt: at === 2 ? 1 : 0 });
    expect(fromServer.abandoned).toHaveLength(at === 2 ? 1 : 0);
    expect(fromServer.returns).toHaveLength(1);
    for (const evidence of [fromServer, merged]) {
      expect(statusesOf(evidence)).toMatchObject({ orderSignatures, money: "passed" });
      const [given] = evidence.returns;
      const less = { ...evidence, returns: [{ ...given!, releasedMicro: given!.releasedMicro - 1n }] };
      expect(statusesOf(less)).toMatchObject({ money: "failed" });
    }
  });
});
