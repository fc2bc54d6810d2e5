import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "#chain/blockEvents.ts";
import { poolMarketContract } from "#chain/contracts.generated.ts";
import { connectNetwork } from "#chain/network.ts";
import { contractCall, createSender } from "#chain/sender.ts";
import { type Hex, toHex } from "#evidence/hex.ts";
import type { SignedReading } from "#evidence/meterReading.ts";
import { positionWord } from "#evidence/positionWord.ts";
import { packOrders } from "#evidence/signedOrder.ts";
import type { Discrepancy } from "#roles/auditDiscrepancy.ts";
import { auditChain, auditEvents } from "#roles/auditor.ts";
import { keyNames } from "#roles/founding.ts";
import { type AuditedCommunity, runAuditedCommunity } from "./auditedCommunity.fixture.ts";
import { startLyingNode, type Tampering } from "./lyingNode.fixture.ts";

const INTERVALS = 5;

type EventOf<Kind> = Extract<AuditEvent, { kind: Kind }>;
type Change = (events: AuditEvent[]) => AuditEvent[];

/** Changes the first event of a kind that `isMeant`. */
function change<Kind extends AuditEvent["kind"]>(
  kind: Kind,
  edit: (event: EventOf<Kind>) => object,
  isMeant: (event: EventOf<Kind>) => boolean = () => true,
): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind && isMeant(event as EventOf<Kind>));
    return events.with(at, { ...events[at]!, ...edit(events[at] as EventOf<Kind>) } as AuditEvent);
  };
}

function drop<Kind extends AuditEvent["kind"]>(
  kind: Kind,
  isMeant: (event: EventOf<Kind>) => boolean = () => true,
): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind && isMeant(event as EventOf<Kind>));
    return events.toSpliced(at, 1);
  };
}

function repeat<Kind extends AuditEvent["kind"]>(kind: Kind): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind);
    return events.toSpliced(at + 1, 0, events[at]!);
  };
}

function readingsOf(archive: readonly SignedReading[]) {
  return async (areaId: number, intervalId: number) =>
    archive.filter((reading) => reading.areaId === areaId && reading.intervalId === intervalId);
}

/** Flips the lowest bit of the byte `offset` bytes behind the first `needle` in `hex`. */
function flip(hex: string, needle: string, offset: number): Hex {
  const at = hex.indexOf(needle.replace(/^0x/, ""));
  expect(at, "the bytes to be changed are there").toBeGreaterThan(0);
  const place = at + 2 * offset;
  const byte = (Number.parseInt(hex.slice(place, place + 2), 16) ^ 1).toString(16).padStart(2, "0");
  return `${hex.slice(0, place)}${byte}${hex.slice(place + 2)}` as Hex;
}

describe("one clearing price, one transaction a clearing", () => {
  let community: AuditedCommunity;
  let events: AuditEvent[];
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

  const audit = (archive: readonly SignedReading[] | null = community.archive) =>
    auditChain({
      network: community.node.network,
      deployment: community.node.founded.deployment,
      readings: archive === null ? null : readingsOf(archive),
    });

  /** What an audit finds that speaks to a lying node. */
  const auditLies = async (lies: Tampering, archive: readonly SignedReading[] | null = community.archive) => {
    liar.tellLies(lies);
    const report = await auditChain({
      network: await connectNetwork({ rpcUrl: liar.url }),
      deployment: community.node.founded.deployment,
      readings: archive === null ? null : readingsOf(archive),
    });
    return report.verdict === "discrepancy" ? report.discrepancy : report;
  };

  const auditChanged = async (edit: Change) => {
    const { deployment } = community.node.founded;
    const readings = readingsOf(community.archive);
    const report = await auditEvents({ events: edit([...events]), deployment, readings });
    return report.verdict === "discrepancy" ? report.discrepancy : report;
  };

  const traded = () => {
    const event = events.find((e) => e.kind === "intervalCleared" && e.clearedWh > 0n);
    return event as EventOf<"intervalCleared">;
  };
  const ownerOfAccount = (account: number) =>
    community.node.keyring.key(
      keyNames.home(community.scenario.homes.find((home) => home.account === account)!.id),
    ).address;
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
    (event: AuditEvent, edit: (log: { data: string }) => object): Tampering =>
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
        blocks: head - deployedAtBlock + 1,
        accounts: community.scenario.homes.length + 3,
        signatures: community.orders.length + community.archive.length,
        orders: community.orders.length,
        clearings: INTERVALS,
        trades: sum(trades),
        roots: INTERVALS,
        readings: INTERVALS * community.scenario.homes.length,
        openedReadings: sum(positions),
        settlements: INTERVALS,
        payments: sum(positions),
        voided: 0,
        openIntervals: 0,
      },
    });
  });

  it("says so when the readings are not at hand", async () => {
    const report = await audit(null);
    expect(report).toMatchObject({ verdict: "clean", checked: { readings: 0 } });
    expect(report.verdict === "clean" && report.notes).toEqual([
      `the devices' signatures of ${community.archive.length} readings were not checked: the archive of readings is not at hand`,
    ]);
  });

  describe("one byte changed on the way from the node", () => {
    const place = (event: AuditEvent) => ({ block: event.block, transactionHash: event.transactionHash });

    it.each([
      ["the limit price", 67],
      ["the energy", 74],
      ["the sequence", 75],
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
        account: order.participant,
        side: "bid",
        position: 3,
      });
      const { sentence } = found as Discrepancy;
      expect(sentence).toBe(
        `interval ${event.intervalId} of area 1, block ${event.block}, transaction ${event.transactionHash}: bid 3 of account ${order.participant} is not signed by ${ownerOfAccount(order.participant)}; moreover the bytes of the transaction do not give its hash`,
      );
    });

    it("names the clearing: a declared marginal price", async () => {
      const event = traded();
      const found = await auditLies(
        lieInCalldata(event.transactionHash, (input) => flip(input, input.slice(2, 10), 4 + 3 * 32 - 1)),
      );
      expect(found).toMatchObject({ rule: "marginalPrice", ...place(event), side: "bid" });
    });

    it("names the clearing: the recorded energy", async () => {
      const event = traded();
      const found = await auditLies(
        lieInLog(event, ({ data }) => ({ data: flip(data, data.slice(2), data.length / 2 - 2) })),
      );
      expect(found).toMatchObject({ rule: "clearedEnergy", ...place(event), intervalId: event.intervalId });
      expect((found as Discrepancy).sentence).toContain("the events of block");
    });

    it.each([
      ["opened", true],
      ["sealed", false],
    ])("names the reading: one that a settlement shows %s", async (kind, isOpened) => {
      const event = settled();
      const { leaves, opened } = event.submission!.readings;
      const index = leaves.findIndex((_, i) => ((opened >> BigInt(i)) & 1n) === (isOpened ? 1n : 0n));
      const account = community.scenario.homes[index]!.account;
      const leaf = leaves[index]!.toString(16).padStart(64, "0");
      const lies = lieInCalldata(event.transactionHash, (input) => flip(input, leaf, 11));
      expect(await auditLies(lies)).toMatchObject({
        rule: "readingOpened",
        ...place(event),
        intervalId: event.intervalId,
        page: 0,
        account,
        sentence: expect.stringContaining(`the ${kind} reading of account ${account}`),
      });
      expect(await auditLies(lies, null)).toMatchObject({ rule: "readingsRoot", ...place(event), page: 0 });
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
      const { poolMarket } = community.node.founded.deployment;
      const account = community.scenario.homes[4]!.account;
      const word = account.toString(16).padStart(64, "0");
      const found = await auditLies(({ method, params }, result) => {
        const { data } = (params?.[0] ?? {}) as { data: string };
        const isMargin = method === "eth_call" && data.includes(poolMarket.slice(2)) && data.endsWith(word);
        return isMargin ? flip(String(result), String(result).slice(2), 31) : result;
      });
      expect(found).toMatchObject({ rule: "margin", account, transactionHash: null });
    });

    it("names the clearing house when it owns less than it owes", async () => {
      const { token } = community.node.founded.deployment;
      const found = await auditLies(({ method, params }, result) =>
        method === "eth_call" && (params[0] as { to: string }).to === token
          ? `0x${(BigInt(String(result)) - 1n).toString(16).padStart(64, "0")}`
          : result,
      );
      expect(found).toMatchObject({ rule: "tokenBalance" });
    });
  });

  describe("the archive of readings changed", () => {
    const place = (intervalId: number) => {
      const { block, transactionHash } = events.find(
        (event) => event.kind === "readingsPublished" && event.intervalId === intervalId,
      )!;
      return { block, transactionHash, areaId: 1, intervalId };
    };
    const auditArchive = async (edit: (reading: SignedReading) => SignedReading, index: number) => {
      const report = await audit(community.archive.with(index, edit(community.archive[index]!)));
      return report.verdict === "discrepancy" ? report.discrepancy : report;
    };

    it.each([
      ["importWh", (r: SignedReading) => ({ ...r, importWh: r.importWh ^ 1 })],
      ["exportWh", (r: SignedReading) => ({ ...r, exportWh: r.exportWh ^ 0x100 })],
      ["quality", (r: SignedReading) => ({ ...r, quality: "estimated" as const })],
      ["a negative energy", (r: SignedReading) => ({ ...r, importWh: -1 })],
      [
        "its signature",
        (r: SignedReading) => ({ ...r, signature: r.signature.with(33, r.signature[33]! ^ 1) }),
      ],
    ])("names the reading: %s", async (_what, edit) => {
      const index = 30;
      const { account, intervalId } = community.archive[index]!;
      expect(await auditArchive(edit, index)).toMatchObject({
        rule: "readingSignature",
        ...place(intervalId),
        account,
      });
    });

    it("names a reading that is put down to another account", async () => {
      const { account, intervalId } = community.archive[30]!;
      expect(await auditArchive((r) => ({ ...r, account: r.account + 1 }), 30)).toMatchObject({
        rule: "readingPlace",
        ...place(intervalId),
        account: account + 1,
      });
    });

    it("names a reading that is missing, and one too many", async () => {
      const { account, intervalId } = community.archive[30]!;
      expect(await audit(community.archive.toSpliced(30, 1))).toMatchObject({
        discrepancy: { rule: "readingMissing", ...place(intervalId), account },
      });
      const double = { ...community.archive[30]!, importWh: 1 };
      expect(await audit([...community.archive, double])).toMatchObject({ verdict: "discrepancy" });
    });

    it("does not mind a reading that was archived twice", async () => {
      expect(await audit([...community.archive, community.archive[30]!])).toMatchObject({ verdict: "clean" });
    });
  });

  describe("events that no contract of ours would write", () => {
    it("has nothing against the true ones", async () => {
      expect(await auditChanged((all) => all)).toMatchObject({ verdict: "clean" });
    });

    it.each<[string, Change, Partial<Discrepancy>]>([
      ["an account number is left out", drop("participantRegistered"), { rule: "accountNumber" }],
      [
        "an owner has two accounts",
        change(
          "participantRegistered",
          () => ({ participant: ownerOfAccount(4) }),
          (e) => e.account === 5,
        ),
        { rule: "ownerTwice", account: 5 },
      ],
      ["a trader has no metering point", drop("meterEnrolled"), { rule: "readingPlace" }],
      ["a metering point is enrolled twice", repeat("meterEnrolled"), { rule: "meterTwice" }],
      ["a deposit without money", drop("tokenTransferred"), { rule: "tokenTransfer" }],
      ["a deposit is booked twice", repeat("deposited"), { rule: "tokenTransfer" }],
      [
        "a margin larger than the deposit",
        change("marginAdded", (e) => ({ amountMicro: e.amountMicro + 1n })),
        { rule: "freeOverdrawn" },
      ],
      [
        "margins that do not cover a trade",
        change(
          "marginAdded",
          () => ({ amountMicro: 0n }),
          (e) => e.account === 1,
        ),
        { rule: "marginOverdrawn", account: 1 },
      ],
      ["escrow without a clearing", drop("intervalCleared"), { rule: "unexplainedMovement" }],
      ["a clearing without escrow", drop("held"), { rule: "reserve" }],
      [
        "a clearing by somebody else",
        change("intervalCleared", () => ({ sender: `0x${"0".repeat(40)}` })),
        { rule: "operator" },
      ],
      [
        "a clearing before the gate closed",
        change("intervalCleared", (e) => ({ timestamp: e.timestamp - 86_400 })),
        { rule: "gateOpen" },
      ],
      [
        "a clearing after delivery",
        change("intervalCleared", (e) => ({ timestamp: e.timestamp + 86_400 })),
        { rule: "deliveryOver" },
      ],
      [
        "a clearing that cannot be read",
        change("intervalCleared", () => ({ submission: null })),
        { rule: "hiddenSubmission" },
      ],
      ["a clearing that comes twice", repeat("intervalCleared"), { rule: "stage" }],
      [
        "a clearing of another area",
        change("intervalCleared", () => ({ areaId: 2 })),
        { rule: "unknownArea" },
      ],
      [
        "another pricing rule",
        change("intervalCleared", () => ({ pricing: "midpoint" })),
        { rule: "pricing" },
      ],
      [
        "another local price",
        change("intervalCleared", (e) => ({ localPriceMicroPerKwh: e.localPriceMicroPerKwh + 1 })),
        { rule: "localPrice" },
      ],
      [
        "terms that no market accepts",
        change("areaCreated", (e) => ({ terms: { ...e.terms, penaltyPermille: 999n } })),
        { rule: "areaTerms" },
      ],
      [
        "a narrower price band",
        change("areaCreated", (e) => ({
          terms: { ...e.terms, ceilingMicroPerKwh: e.terms.floorMicroPerKwh },
        })),
        { rule: "orderPrice" },
      ],
      [
        "another grid fee",
        change("areaCreated", (e) => ({
          terms: { ...e.terms, gridFeeMicroPerKwh: e.terms.gridFeeMicroPerKwh + 100n },
        })),
        { rule: "reserve" },
      ],
      [
        "orders that change places",
        change(
          "intervalCleared",
          (e) => ({ submission: { ...e.submission, bids: e.submission!.bids.toReversed() } }),
          (e) => (e.submission?.bids.length ?? 0) > 1,
        ),
        { rule: "meritOrder", side: "bid" },
      ],
      [
        "a bid left out",
        change(
          "intervalCleared",
          (e) => ({ submission: { ...e.submission, bids: e.submission!.bids.slice(1) } }),
          (e) => e.clearedWh > 0n,
        ),
        {},
      ],
      [
        "an order that comes twice",
        change(
          "intervalCleared",
          (e) => ({ submission: { ...e.submission, bids: [e.submission!.bids[0], ...e.submission!.bids] } }),
          (e) => e.clearedWh > 0n,
        ),
        { rule: "meritOrder", position: 2 },
      ],
      [
        "another sharing at the margin",
        change(
          "intervalCleared",
          (e) => ({
            submission: {
              ...e.submission,
              outcome: { ...e.submission!.outcome, bids: { ...e.submission!.outcome.bids, levelWh: 1 } },
            },
          }),
          (e) => e.clearedWh > 0n,
        ),
        { rule: "rationing", side: "bid" },
      ],
      ["a second version of version 1", repeat("readingsPublished"), { rule: "publicationVersion" }],
      ["a claim that comes twice", repeat("segmentClaimed"), { rule: "claim" }],
      ["a settlement without a claim", drop("segmentClaimed"), { rule: "claim" }],
      [
        "a settlement without readings",
        drop("readingsPublished", (e) => e.intervalId === traded().intervalId),
        { rule: "claim" },
      ],
      ["a settlement that comes twice", repeat("pageSettled"), { rule: "pageTwice" }],
      [
        "a settlement before delivery was over",
        change("pageSettled", (e) => ({ timestamp: e.timestamp - 900 })),
        { rule: "deliveryNotOver" },
      ],
      [
        "another grid fee in a settlement",
        change("pageSettled", (e) => ({ gridFeeMicro: e.gridFeeMicro + 1n })),
        { rule: "gridFee" },
      ],
      [
        "another position",
        change("pageSettled", (e) => ({
          submission: { ...e.submission, positions: [e.submission!.positions[0]!.with(1, 0n)] },
        })),
        { rule: "positions" },
      ],
      [
        "a position too many",
        change("pageSettled", (e) => ({
          submission: { ...e.submission, positions: [[...e.submission!.positions[0]!, 77n]] },
        })),
        { rule: "positions", account: 77 },
      ],
      [
        "money to nobody",
        change("released", (e) => ({ amountMicro: e.amountMicro + 1n })),
        { rule: "released" },
      ],
      [
        "more for the supplier",
        change("intervalSettled", (e) => ({ supplierMicro: e.supplierMicro + 1n })),
        { rule: "supplierPayment" },
      ],
      [
        "more for the fund",
        change("intervalSettled", (e) => ({ remainderMicro: e.remainderMicro + 1n })),
        { rule: "remainder" },
      ],
      ["an interval closed with a page in escrow", drop("pageSettled"), {}],
    ])("names it: %s", async (_what, edit, expected) => {
      const found = await auditChanged(edit);
      expect(found).toMatchObject({ sentence: expect.stringMatching(/block \d+/), ...expected });
    });
  });
});

describe("midpoints, clearings in several steps", () => {
  let community: AuditedCommunity;

  beforeAll(async () => {
    community = await runAuditedCommunity("brooklyn", {
      intervals: 5,
      stepping: { orders: 3, unfinished: [2], unsettled: [3] },
    });
  });
  afterAll(() => community.stop());

  const audit = () => {
    const { network, founded } = community.node;
    return auditChain({ network, deployment: founded.deployment, readings: readingsOf(community.archive) });
  };

  it("is clean, with an interval open and a clearing unfinished", async () => {
    const events = await community.events();
    const steps = events.filter(({ kind }) => kind === "stepVerified").length;
    expect(steps).toBeGreaterThan(5);
    expect(await audit()).toMatchObject({
      verdict: "clean",
      checked: { clearings: 4, settlements: 3, openIntervals: 2, voided: 0 },
      notes: ["1 clearings are not finished; what they reserved was compared in sum only"],
    });
  });

  it.each<[string, Change, string]>([
    ["a step is left out", drop("stepVerified"), "unexplainedMovement"],
    [
      "another outcome in a later step",
      change(
        "intervalCleared",
        (e) => ({ submission: { ...e.submission, outcome: { ...e.submission!.outcome, lastPage: 9 } } }),
        (e) => e.clearedWh > 0n,
      ),
      "outcomeChanged",
    ],
    ["a step by another number", change("stepVerified", (e) => ({ step: e.step + 1 })), "stage"],
  ])("names it: %s", async (_what, edit, rule) => {
    const { deployment } = community.node.founded;
    const report = await auditEvents({ events: edit(await community.events()), deployment });
    expect(report).toMatchObject({ verdict: "discrepancy", discrepancy: { rule } });
  });

  it("is clean when both were given back", async () => {
    const { network, founded, keyring, chain } = community.node;
    const { deployment, areaId } = founded;
    const sender = createSender(network, keyring.key(keyNames.operator).hex);
    const { timestamp } = await network.client.getBlock();
    await chain.setNextBlockTime(Number(timestamp) + 15 * 86_400);
    for (const index of [2, 3]) {
      const intervalId = community.scenario.firstIntervalId + index;
      const { steps } = community.plans.get(intervalId)!;
      const positions = (index === 2 ? steps.slice(0, 1) : steps).map((step) =>
        step.positions.map(positionWord),
      );
      const args = [areaId, intervalId, 0, positions] as const;
      const { abi } = poolMarketContract;
      await sender.send(
        contractCall({ address: deployment.poolMarket, abi, functionName: "voidPage", args }),
      );
    }
    expect(await audit()).toMatchObject({
      verdict: "clean",
      checked: { clearings: 4, settlements: 3, openIntervals: 0, voided: 2 },
      notes: [],
    });
    const events = await community.events();
    const late = (e: { timestamp: number }) => ({ timestamp: e.timestamp - 14 * 86_400 });
    const isSecond = (e: { intervalId: number }) => e.intervalId === community.scenario.firstIntervalId + 3;
    const changed = change("pageVoided", late, isSecond)(events);
    expect(await auditEvents({ events: changed, deployment })).toMatchObject({
      discrepancy: { rule: "tooEarlyToVoid" },
    });
  });

  it("hashes blocks of many transactions of all kinds", async () => {
    const { client } = community.node.network;
    const account = privateKeyToAccount(community.node.chain.fundingPrivateKey);
    const nonce = await client.getTransactionCount(account);
    const common = { chainId: client.chain!.id, gas: 30_000n, to: account.address };
    const accessList = [{ address: account.address, storageKeys: [`0x${"1".repeat(64)}` as const] }];
    await client.request({ method: "evm_setAutomine" as never, params: [false] as never });
    for (let i = 0; i < 140; i += 1) {
      const base = { ...common, nonce: nonce + i, value: BigInt(i % 5) };
      const serializedTransaction = await [
        () => account.signTransaction({ ...base, type: "legacy", gasPrice: 0n }),
        () =>
          account.signTransaction({ ...base, type: "eip1559", maxFeePerGas: 9n, maxPriorityFeePerGas: 0n }),
        () => account.signTransaction({ ...base, type: "eip2930", gasPrice: 0n, accessList }),
      ][i % 3]!();
      await client.sendRawTransaction({ serializedTransaction });
    }
    await community.node.chain.mine();
    await client.request({ method: "evm_setAutomine" as never, params: [true] as never });
    expect((await client.getBlock()).transactions).toHaveLength(140);
    expect(await audit()).toMatchObject({ verdict: "clean", toBlock: Number(await client.getBlockNumber()) });
  });

  it("is clean when the chain was started again from its disk", async () => {
    const before = await audit();
    const { network, founded } = await community.reopen();
    const readings = readingsOf(community.archive);
    expect(await auditChain({ network, deployment: founded.deployment, readings })).toEqual(before);
  });
});
