import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { type AuditSources, auditNetwork } from "#domains/audit.ts";
import type { DomainEvent } from "#domains/domains.ts";
import { membersOfBits } from "#domains/metering/rules/readingTree.ts";
import { packOrders } from "#domains/pool/rules/signedOrder.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import type { Discrepancy } from "#platform/audit/auditDiscrepancy.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { type AuditedCommunity, runAuditedCommunity } from "./auditedCommunity.fixture.ts";
import { startLyingNode, type Tampering } from "./lyingNode.fixture.ts";
import {
  type EventOf,
  firstTraded,
  flip,
  keyOfMember,
  sourcesOf,
  unsubmittedOf,
} from "./tampering.fixture.ts";

const INTERVALS = 5;

describe("one clearing price, one transaction a clearing", () => {
  let community: AuditedCommunity;
  let events: DomainEvent[];
  let liar: Awaited<ReturnType<typeof startLyingNode>>;

  beforeAll(async () => {
    community = await runAuditedCommunity("riverside", { intervals: INTERVALS });
    events = await community.events();
    liar = await startLyingNode(community.node.chain.rpcUrl);
  });
  afterAll(async () => {
    await liar.stop();
    await community.stop();
  });

  const audit = () =>
    auditNetwork({
      network: community.node.network,
      deployment: community.node.founded.deployment,
      ...sourcesOf(community),
    });

  /** What an audit finds that speaks to a lying node. */
  const auditLies = async (
    lies: Tampering,
    sources: Partial<Pick<AuditSources, "readings" | "orders">> = sourcesOf(community),
  ) => {
    liar.tellLies(lies);
    const network = await connectNetwork({ rpcUrl: liar.url });
    const { deployment } = community.node.founded;
    const report = await auditNetwork({ network, deployment, ...sources });
    return report.verdict === "discrepancy" ? report.discrepancy : report;
  };

  const traded = () => firstTraded(events);
  const ownerOfMember = (member: number) => keyOfMember(community, member).address;
  const settled = () => events.find((e) => e.kind === "pageSettled") as EventOf<"pageSettled">;

  /** Changes the calldata of one transaction, wherever the node shows it. */
  const lieInCalldata =
    (transactionHash: Hex, edit: (input: string) => Hex): Tampering =>
    ({ method }, result) => {
      if (method !== "eth_getBlockByNumber") return result;
      const transactions = result.transactions.map((t) =>
        t.hash === transactionHash ? { ...t, input: edit(t.input) } : t,
      );
      return { ...result, transactions };
    };

  /** Changes one log of a transaction's receipt. */
  const lieInLog =
    (event: DomainEvent, edit: (log: { data: string }) => object): Tampering =>
    ({ method, params }, result) => {
      if (method !== "eth_getTransactionReceipt" || params[0] !== event.transactionHash) return result;
      const logs = result.logs.map((log) =>
        Number(log.logIndex) === event.logIndex ? { ...log, ...edit(log) } : log,
      );
      return { ...result, logs };
    };

  it("is clean, and counts what it verified", async () => {
    const report = await audit();
    const trades = community.reports.map((r) => (r.status === "settled" ? r.settled.trades : 0));
    const positions = community.reports.map((r) =>
      r.status === "settled" ? r.settled.outcome.positions.size : 0,
    );
    const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
    const head = Number(await community.node.network.client.getBlockNumber());
    const { deployedAtBlock } = community.node.founded.deployment;
    expect(sum(trades)).toBeGreaterThan(10);
    expect(report).toMatchObject({
      verdict: "clean",
      fromBlock: deployedAtBlock,
      toBlock: head,
      notes: [],
      checked: {
        "chain.blocks": head - deployedAtBlock + 1,
        "accounts.registered": community.scenario.homes.length + 3,
        "pool.signatures": community.orders.length,
        "metering.signatures": community.archive.length,
        "pool.orders": community.orders.length,
        "pool.books": INTERVALS,
        "pool.clearings": INTERVALS,
        "pool.trades": sum(trades),
        "metering.roots": INTERVALS,
        "metering.readings": INTERVALS * community.scenario.homes.length,
        "metering.opened": sum(positions),
        "pool.settlements": INTERVALS,
        "pool.payments": sum(positions),
        "pool.abandoned": 0,
        "pool.returned": 0,
        "pool.openIntervals": 0,
      },
    });
  });

  it("says so when the archives are not available", async () => {
    const { network, founded } = community.node;
    const report = await auditNetwork({ network, deployment: founded.deployment });
    const spared = new Set(unsubmittedOf(community, events).map(({ intervalId }) => intervalId));
    expect(spared.size).toBeGreaterThan(0);
    expect(report).toMatchObject({
      verdict: "clean",
      checked: { "metering.readings": 0, "pool.books": INTERVALS - spared.size },
    });
    expect(report.verdict === "clean" && report.notes).toEqual([
      `the devices' signatures of ${community.archive.length} readings were not checked: the archive of readings is not available`,
      `the untraded orders of ${spared.size} clearings were not checked: the archive of orders is not available`,
    ]);
  });

  describe("with worker threads", () => {
    const script = new URL("../../dist/auditWorker.js", import.meta.url);
    const onNone = () => expect.fail("no worker thread started");
    const threads = { script, count: 2, onNone };
    const archives = { readings: null, orders: null, intervalSeconds: new Map<number, number>() };

    it("comes to the same report as in one thread, and tells of each block", async () => {
      const given = { network: community.node.network, deployment: community.node.founded.deployment };
      const blocks: number[] = [];
      const onProgress = ({ block }: { block: number }) => blocks.push(block);
      const report = await auditNetwork({ ...given, archives, threads, onProgress });
      expect(report).toEqual(await auditNetwork(given));
      expect(report).toMatchObject({ verdict: "clean", toBlock: blocks.at(-1) });
      expect(blocks).toEqual(blocks.map((_, i) => given.deployment.deployedAtBlock + i));
    });

    it("reports the first discrepancy of the chain, though a later one is found before", async () => {
      const late = events.findLast((e) => e.kind === "readingsPublished")!;
      const early = events.find((e) => e.kind === "deposited" && late.block - e.block < 48)!;
      const distance = late.block - early.block;
      expect(distance, "they are in ranges that are read at the same time").toBeGreaterThan(15);
      expect(distance, "they are in ranges that are read at the same time").toBeLessThan(48);
      let isLateTold = () => {};
      const lateTold = new Promise<void>((resolve) => (isLateTold = resolve));
      const lies = [early, late].map((event) =>
        lieInLog(event, ({ data }) => ({ data: flip(data, data.slice(2), 31) })),
      );
      liar.tellLies(async (call, result) => {
        const lied = lies.reduce((answer, tell) => tell(call, answer) as typeof result, result);
        if (lied !== result && call.params[0] === late.transactionHash) isLateTold();
        if (lied !== result && call.params[0] === early.transactionHash) await lateTold;
        return lied;
      });
      const network = await connectNetwork({ rpcUrl: liar.url });
      const { deployment } = community.node.founded;
      const { block, transactionHash } = early;
      expect(await auditNetwork({ network, deployment, archives, threads })).toMatchObject({
        verdict: "discrepancy",
        discrepancy: { rule: "tokenTransfer", block, transactionHash },
      });
    });
  });

  describe("one byte changed on the way from the node", () => {
    const place = (event: DomainEvent) => ({ block: event.block, transactionHash: event.transactionHash });

    it.each([
      ["the limit price", 69],
      ["the energy", 73],
      ["the sequence", 74],
      ["the signature's r", 10],
      ["the signature's s", 40],
    ])("names the order: %s", async (_what, offset) => {
      const event = traded();
      const order = event.submission!.bids[2]!;
      const found = await auditLies(
        lieInCalldata(event.transactionHash, (input) => flip(input, toHex(packOrders([order])), offset)),
      );
      expect(found).toMatchObject({
        rule: "orderSignature",
        ...place(event),
        areaId: 1,
        intervalId: event.intervalId,
        member: order.participant,
        side: "bid",
        position: 3,
      });
      const { sentence } = found as Discrepancy;
      expect(sentence).toBe(
        `interval ${event.intervalId} of area 1, block ${event.block}, transaction ${event.transactionHash}: bid 3 of member ${order.participant} is not signed by ${ownerOfMember(order.participant)}; moreover the bytes of the transaction do not give its hash`,
      );
    });

    it("names the clearing: a declared marginal price", async () => {
      const event = traded();
      const found = await auditLies(
        lieInCalldata(event.transactionHash, (input) => flip(input, input.slice(2, 10), 4 + 5 * 32 - 1)),
      );
      expect(found).toMatchObject({ rule: "marginalPrice", ...place(event), side: "bid" });
    });

    it("names the clearing: the recorded energy", async () => {
      const event = traded();
      // The last word of the data is the root of the book, the one before it the energy.
      const found = await auditLies(
        lieInLog(event, ({ data }) => ({ data: flip(data, data.slice(2), data.length / 2 - 2 - 32) })),
      );
      expect(found).toMatchObject({ rule: "clearedEnergy", ...place(event), intervalId: event.intervalId });
      expect((found as Discrepancy).sentence).toContain("the events of block");
    });

    it("names the reading: one that a settlement shows", async () => {
      const event = settled();
      const { leaves, opened } = event.submission!.readings;
      const [member] = membersOfBits(event.page, opened[0]);
      // The first of the opened readings: import in four bytes, export in four, and more.
      const lies = lieInCalldata(event.transactionHash, (input) => flip(input, leaves, 3));
      expect(await auditLies(lies)).toMatchObject({
        rule: "readingOpened",
        ...place(event),
        intervalId: event.intervalId,
        page: 0,
        member,
        sentence: expect.stringContaining(`the opened reading of member ${member}`),
      });
      expect(await auditLies(lies, {})).toMatchObject({ rule: "readingsRoot", ...place(event), page: 0 });
    });

    it.each([
      ["held", "reserve"],
      ["released", "released"],
      ["deposited", "tokenTransfer"],
      ["readingsPublished", "readingsRoot"],
    ] as const)("names the place: the data of an event %s", async (kind, rule) => {
      const event = events.find(
        (e) => e.kind === kind && ("intervalId" in e || e.kind === "deposited" || e.amountMicro > 0n),
      )!;
      const found = await auditLies(
        lieInLog(event, ({ data }) => ({
          data: flip(data, data.slice(2), kind === "readingsPublished" ? 40 : 31),
        })),
      );
      expect(found).toMatchObject({ rule, ...place(event) });
    });

    it("names the block in which an event was left out", async () => {
      const event = settled();
      const found = await auditLies(({ method, params }, result) =>
        method === "eth_getTransactionReceipt" && params[0] === event.transactionHash
          ? { ...result, logs: [] }
          : result,
      );
      expect(found).toMatchObject({ rule: "receiptsRoot", block: event.block });
    });

    it.each([
      ["stateRoot", "blockHash"],
      ["extraData", "blockHash"],
      ["parentHash", "blockHash"],
      ["transactionsRoot", "transactionsRoot"],
      ["receiptsRoot", "receiptsRoot"],
      ["hash", "blockHash"],
    ])("names the block k of n in which %s changed", async (field, rule) => {
      const { block } = traded();
      const found = await auditLies(({ method }, result) =>
        method === "eth_getBlockByNumber" && Number(result.number) === block
          ? {
              ...result,
              [field]:
                field === "extraData"
                  ? "0x01"
                  : flip(String(result[field]), String(result[field]).slice(2), 5),
            }
          : result,
      );
      expect(found).toMatchObject({ rule, block });
    });

    it("names a transaction that did nothing to the market", async () => {
      const approval = events.find((event) => event.kind === "deposited")!.block - 1;
      const found = await auditLies(({ method }, result) => {
        if (method !== "eth_getBlockByNumber" || Number(result.number) !== approval) return result;
        const transaction = result.transactions[0]!;
        return {
          ...result,
          transactions: [{ ...transaction, input: flip(transaction.input, transaction.input.slice(2), 67) }],
        };
      });
      expect(found).toMatchObject({ rule: "transactionHash", block: approval });
    });

    it("names the account whose balance the node tells wrong", async () => {
      const poolMarket = addressOf(community.node.founded.deployment, "poolMarket");
      const { member } = community.scenario.homes[4]!;
      const word = seatOf({ areaId: 1, member }).toString(16).padStart(64, "0");
      const found = await auditLies(({ method, params }, result) => {
        const { data } = (params?.[0] ?? {}) as { data: string };
        const isMargin = method === "eth_call" && data.includes(poolMarket.slice(2)) && data.endsWith(word);
        return isMargin ? flip(String(result), String(result).slice(2), 31) : result;
      });
      expect(found).toMatchObject({ rule: "margin", member, transactionHash: null });
    });

    it("names the clearing house when it owns less than it owes", async () => {
      const token = addressOf(community.node.founded.deployment, "token");
      const found = await auditLies(({ method, params }, result) =>
        method === "eth_call" && (params[0] as { to: string }).to === token
          ? `0x${(BigInt(String(result)) - 1n).toString(16).padStart(64, "0")}`
          : result,
      );
      expect(found).toMatchObject({ rule: "tokenBalance" });
    });
  });
});
