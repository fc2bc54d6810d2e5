import { describe, expect, it } from "vitest";
import { auditHistory } from "#domains/audit.ts";
import { ofContract, type TestFact } from "#domains/fact.fixture.ts";
import {
  buildReadingTree,
  pathOf,
  readingContext,
  readingLeaf,
} from "#domains/metering/rules/readingTree.ts";
import { bookRootOf } from "#domains/pool/rules/bookRoot.ts";
import { positionWord } from "#domains/pool/rules/positionWord.ts";
import { poolSeparator, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import type { ChainEvent, EventPlace } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";

/**
 * A community with accounts on two pages: account 10 buys what account 770 sells, 1,000 Wh at 150,000 micro/kWh. Account
 * 10 takes 600 Wh only; the readings of account 770 never come into a settlement. All amounts are worked out by hand.
 */
const [BUYER, SELLER, SUPPLIER, DSO, FUND] = [10, 770, 1, 2, 3];
const ACCOUNTS = 772;
const OPERATOR = testAddress(0xb1);
const keyOf = (account: number) => wordOf(account + 1_000);
const [areaId, intervalId] = [1, 1_000];
const OVER_AT = (intervalId + 1) * 900;
const FORTNIGHT = 14 * 86_400;

const terms = {
  intervalSeconds: 900,
  gateClosureSeconds: 0,
  pricing: "uniform",
  floorMicroPerKwh: 100_000n,
  ceilingMicroPerKwh: 200_000n,
  upstreamPriceMicroPerKwh: 300_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: 50_000n,
  gridFeeMicroPerKwh: 10_000n,
} as const;

type At = Partial<Pick<EventPlace, "timestamp" | "sender" | "purpose">>;

/** Puts transactions, each a list of facts, at their places. */
function placed(transactions: readonly (readonly [At, ...TestFact[]])[]): ChainEvent[] {
  let logIndex = 0;
  return transactions.flatMap(
    ([at, ...facts], block) =>
      facts.map((fact) => ({
        block,
        blockHash: toHex(wordOf(block)),
        timestamp: 0,
        transactionHash: toHex(wordOf(block)),
        transactionIndex: 0,
        sender: OPERATOR,
        gasUsed: 0n,
        purpose: null,
        ...at,
        ...ofContract(fact),
        logIndex: logIndex++,
      })) as ChainEvent[],
  );
}

const ownerOf = (account: number) => addressOfKey(keyOf(account));

function founding(): [At, ...TestFact[]][] {
  const everybody = Array.from({ length: ACCOUNTS }, (_, i) => i + 1);
  const traders = [BUYER, SELLER];
  return [
    [
      {},
      ...everybody.map(
        (account): TestFact => ({
          kind: "participantRegistered",
          account,
          participant: ownerOf(account),
          kycHash: "0x",
        }),
      ),
    ],
    [
      {},
      ...traders.map(
        (account): TestFact => ({
          kind: "meterEnrolled",
          meterId: toHex(wordOf(account)),
          account,
          areaId,
          deviceKey: testAddress(account),
        }),
      ),
      {
        kind: "areaCreated",
        areaId,
        operator: OPERATOR,
        accounts: { supplier: SUPPLIER, dso: DSO, fund: FUND },
        terms,
      },
      { kind: "supplyAccepted", areaId, supplier: SUPPLIER },
    ],
    ...[SUPPLIER, ...traders].map((account): [At, ...TestFact[]] => [
      {},
      { kind: "deposited", account, amountMicro: 500_000n },
      {
        kind: "tokenTransferred",
        from: ownerOf(account),
        to: DEPLOYMENT.contracts.clearingHouse,
        amountMicro: 500_000n,
      },
      { kind: "marginAdded", account, market: DEPLOYMENT.contracts.poolMarket, amountMicro: 500_000n },
    ]),
  ];
}

function clearing(): [At, ...TestFact[]] {
  const orderContext = {
    separator: poolSeparator(DEPLOYMENT.chainId, DEPLOYMENT.contracts.poolMarket),
    areaId,
    intervalId,
  };
  const sign = (side: "bid" | "offer", participant: number, limitPriceMicroPerKwh: number) =>
    signOrder(
      { side, participant, limitPriceMicroPerKwh, energyWh: 1_000, sequence: 0 },
      orderContext,
      keyOf(participant),
    );
  const book = { bids: [sign("bid", BUYER, 200_000)], offers: [sign("offer", SELLER, 100_000)] };
  const bookRoot = bookRootOf(book, orderContext);
  const rationing = { levelWh: 1_000, filledWh: 1_000, cutRemainder: 1_000, cutParticipant: 0 };
  return [
    { timestamp: OVER_AT - 900 },
    // Buyer 160,000 (price and grid fee), seller 150,000 (shortfall less price), supplier 50,000 (all unconsumed).
    { kind: "held", market: DEPLOYMENT.contracts.poolMarket, amountMicro: 360_000n },
    {
      kind: "intervalCleared",
      areaId,
      intervalId,
      pricing: "uniform",
      localPriceMicroPerKwh: 150_000,
      clearedWh: 1_000n,
      bookRoot,
      submission: {
        pricing: "uniform",
        isLast: true,
        ...book,
        outcome: {
          areaId,
          intervalId,
          marginalBid: 200_000,
          marginalOffer: 100_000,
          bids: rationing,
          offers: rationing,
          firstAccount: BUYER,
          lastAccount: SELLER,
          bookRoot,
        },
      },
    },
  ];
}

const word = (account: number, importWh: bigint, exportWh: bigint) =>
  (BigInt(account) << 224n) | (importWh << 192n) | (exportWh << 160n) | 77n;
const context = readingContext({
  chainId: DEPLOYMENT.chainId,
  meterLedger: DEPLOYMENT.contracts.meterLedger,
  areaId,
  intervalId,
  version: 1,
});
const words = [word(7, 5n, 0n), word(BUYER, 600n, 0n), word(SELLER, 0n, 990n)];
/** A gateway that puts all readings of a page together, so that a settlement carries a sealed one. */
const tree = buildReadingTree(words, context, new Set());
const page0: Hex[] = pathOf(tree.segmentHashes, 0).map(toHex);
const buyerWord = positionWord({ account: BUYER, boughtWh: 1_000n, soldWh: 0n, exactPayment: 150_000_000n });
const sellerWord = positionWord({
  account: SELLER,
  boughtWh: 0n,
  soldWh: 1_000n,
  exactPayment: -150_000_000n,
});
const release = (amountMicro: bigint): TestFact => ({
  kind: "released",
  market: DEPLOYMENT.contracts.poolMarket,
  amountMicro,
});

function settlement(): [At, ...TestFact[]][] {
  return [
    [
      { timestamp: OVER_AT },
      { kind: "readingsPublished", areaId, intervalId, version: 1, root: toHex(tree.root), meters: 3 },
    ],
    [
      { timestamp: OVER_AT, purpose: "settle" },
      {
        kind: "pageClaimed",
        areaId,
        intervalId,
        page: 0,
        claimPurpose: 1,
        claimant: DEPLOYMENT.contracts.poolMarket,
      },
      // Buyer: 160,000 − (150,000 + 6,000 grid fee − 20,000 for 400 Wh not taken) = 24,000, and the DSO's 6,000.
      release(30_000n),
      {
        kind: "pageSettled",
        areaId,
        intervalId,
        page: 0,
        gridFeeMicro: 6_000n,
        submission: {
          positions: [[buyerWord]],
          readings: {
            opened: [2n],
            leaves: [numberOf(readingLeaf(context, words[0]!)), words[1]!],
            segmentIndex: 0,
            segments: 2,
            path: page0,
          },
        },
      },
    ],
  ];
}

/** The seller's page without readings: paid 150,000 as contracted, and its 150,000 back. */
function lastPage(timestamp: number): [At, ...TestFact[]] {
  return [
    { timestamp, purpose: "voidPage" },
    release(300_000n),
    {
      kind: "pageSettled",
      areaId,
      intervalId,
      page: 1,
      gridFeeMicro: 0n,
      submission: { positions: [[sellerWord]], readings: null },
    },
    release(30_000n),
    { kind: "intervalSettled", areaId, intervalId, supplierMicro: 30_000n, remainderMicro: 0n },
  ];
}

const margins = new Map([
  [SUPPLIER, 480_000n],
  [DSO, 6_000n],
  [BUYER, 364_000n],
  [SELLER, 650_000n],
]);
const balances = {
  freeMicro: new Map<number, bigint>(),
  marginMicro: margins,
  escrowMicro: 0n,
  heldMicro: 1_500_000n,
  tokenBalanceMicro: 1_500_000n,
};

function audit(events: ChainEvent[], { marginMicro, escrowMicro, ...house } = balances) {
  const markets = new Map([[DEPLOYMENT.contracts.poolMarket, { marginMicro, escrowMicro }]]);
  return auditHistory({ events, deployment: DEPLOYMENT, balancesOf: async () => ({ ...house, markets }) });
}

const whole = [...founding(), clearing(), ...settlement(), lastPage(OVER_AT + FORTNIGHT)];

describe("an interval on two pages", () => {
  it("is settled from its readings where they came, and as contracted where they did not", async () => {
    expect(await audit(placed(whole))).toMatchObject({
      verdict: "clean",
      checked: { "pool.settlements": 1, "pool.payments": 2, "metering.opened": 1, "pool.trades": 1 },
      notes: [
        "the devices' signatures of 3 readings were not checked: the archive of readings is not available",
      ],
    });
  });

  it("takes no money of a supplier that did not agree", async () => {
    const events = placed(whole).filter(({ kind }) => kind !== "supplyAccepted");
    expect(await audit(events)).toMatchObject({ discrepancy: { rule: "supplyNotAccepted" } });
    const other = placed(whole).map((e) => (e.kind === "supplyAccepted" ? { ...e, supplier: DSO } : e));
    expect(await audit(other)).toMatchObject({ discrepancy: { rule: "supplyNotAccepted" } });
  });

  it("waits 14 days for readings", async () => {
    const early = [...whole.slice(0, -1), lastPage(OVER_AT + FORTNIGHT - 1)];
    expect(await audit(placed(early))).toMatchObject({ discrepancy: { rule: "tooEarlyToVoid" } });
  });

  it("settles no page without readings while no other was paid", async () => {
    const [publication] = settlement();
    const alone = [...founding(), clearing(), publication!, lastPage(OVER_AT + FORTNIGHT)];
    expect(await audit(placed(alone))).toMatchObject({ discrepancy: { rule: "stage" } });
  });

  it("counts as open until its last page", async () => {
    const open = { ...balances, marginMicro: new Map(margins), escrowMicro: 330_000n };
    open.marginMicro.set(SUPPLIER, 450_000n).set(SELLER, 350_000n);
    expect(await audit(placed(whole.slice(0, -1)), open)).toMatchObject({
      verdict: "clean",
      checked: { "pool.settlements": 0, "pool.openIntervals": 1 },
    });
  });

  it.each([
    ["a margin", { marginMicro: new Map([...margins, [BUYER, 364_001n]]) }, "margin"],
    ["a free balance", { freeMicro: new Map([[SELLER, 1n]]) }, "freeBalance"],
    ["the escrow", { escrowMicro: 1n }, "escrow"],
    ["what is held", { heldMicro: 1_499_999n }, "heldBalance"],
    ["the tokens", { tokenBalanceMicro: 1_499_999n }, "tokenBalance"],
  ])("compares %s with the chain's", async (_what, changes, rule) => {
    expect(await audit(placed(whole), { ...balances, ...changes })).toMatchObject({ discrepancy: { rule } });
  });
});

describe("a market that no domain replays", () => {
  const market = testAddress(0xee);
  const put: [At, ...TestFact[]] = [{}, { kind: "marginAdded", account: BUYER, market, amountMicro: 5n }];
  const hold: [At, ...TestFact[]] = [{}, { kind: "held", market, amountMicro: 5n }];

  it("is a discrepancy as soon as it moves money", async () => {
    for (const moved of [put, hold])
      expect(await audit(placed([...whole, moved]))).toMatchObject({
        discrepancy: { rule: "unknownMarket", sentence: expect.stringContaining(market) },
      });
  });

  it("is none when it is admitted and moves nothing", async () => {
    const admitted: [At, ...TestFact[]] = [{}, { kind: "marketAdmitted", market }];
    expect(await audit(placed([...whole, admitted]))).toMatchObject({ verdict: "clean" });
  });
});

describe("a margin that overflows", () => {
  const LARGEST = 2n ** 41n - 1n;
  /** The buyer fills its margin before the settlement, whose 24,000 micro then find no room. */
  const filled = (overflowMicro: bigint): [At, ...TestFact[]][] => {
    const [market, paid] = [DEPLOYMENT.contracts.poolMarket, LARGEST - 340_000n];
    const [publication, [at, claim, ...rest] = [{}]] = settlement();
    const overflowed: TestFact = {
      kind: "marginOverflowed",
      account: BUYER,
      market,
      amountMicro: overflowMicro,
    };
    return [
      ...founding(),
      clearing(),
      [
        {},
        { kind: "deposited", account: BUYER, amountMicro: paid },
        {
          kind: "tokenTransferred",
          from: ownerOf(BUYER),
          to: DEPLOYMENT.contracts.clearingHouse,
          amountMicro: paid,
        },
        { kind: "marginAdded", account: BUYER, market, amountMicro: paid },
      ],
      publication!,
      [at, claim!, overflowed, ...rest],
      lastPage(OVER_AT + FORTNIGHT),
    ];
  };
  const heldMicro = balances.heldMicro + LARGEST - 340_000n;
  const booked = (marginMicro: bigint, freeMicro: bigint) => ({
    ...balances,
    freeMicro: new Map([[BUYER, freeMicro]]),
    marginMicro: new Map([...margins, [BUYER, marginMicro]]),
    heldMicro,
    tokenBalanceMicro: heldMicro,
  });

  it("is full, and the rest is free", async () => {
    const report = await audit(placed(filled(24_000n)), booked(LARGEST, 24_000n));
    expect(report).toMatchObject({ verdict: "clean" });
  });

  it("is named when more overflowed than found no room", async () => {
    const report = await audit(placed(filled(24_001n)), booked(LARGEST - 1n, 24_001n));
    expect(report).toMatchObject({ discrepancy: { rule: "marginOverflow", account: BUYER } });
  });
});

describe("an entity that signs for its members", () => {
  const join: [At, ...TestFact[]] = [{}, { kind: "entityJoined", account: BUYER, entity: 20 }];
  const leave: [At, ...TestFact[]] = [{}, { kind: "entityLeft", account: BUYER, entity: 20 }];
  const run = (...between: [At, ...TestFact[]][]) =>
    audit(placed([...founding(), ...between, ...whole.slice(5)]));

  it("makes its member's own signature void from joining to leaving", async () => {
    expect(await run(join)).toMatchObject({
      discrepancy: { rule: "orderSignature", account: BUYER, sentence: expect.stringContaining(ownerOf(20)) },
    });
    expect(await run(join, leave)).toMatchObject({ verdict: "clean" });
  });

  it("admits no member of a member, and nobody leaves what he is not in", async () => {
    const nested: [At, ...TestFact[]] = [{}, { kind: "entityJoined", account: 30, entity: BUYER }];
    expect(await run(join, nested)).toMatchObject({ discrepancy: { rule: "membership", account: 30 } });
    expect(await run(leave)).toMatchObject({ discrepancy: { rule: "membership", account: BUYER } });
  });
});

describe("an account that may not trade", () => {
  const run = (...between: TestFact[]) =>
    audit(
      placed([...founding(), ...between.map((fact): [At, ...TestFact[]] => [{}, fact]), ...whole.slice(5)]),
    );
  const meterId = toHex(wordOf(SELLER));

  it.each<[string, TestFact]>([
    ["is suspended", { kind: "participantSuspended", account: SELLER }],
    ["has no metering point any more", { kind: "meterRetired", meterId, account: SELLER, areaId }],
  ])("%s", async (_what, fact) => {
    expect(await run(fact)).toMatchObject({
      discrepancy: { rule: "accountNotTradable", account: SELLER, side: "offer", position: 1 },
    });
  });

  it("trades again once it is reinstated", async () => {
    const suspended: TestFact = { kind: "participantSuspended", account: SELLER };
    const reinstated: TestFact = { kind: "participantReinstated", account: SELLER, kycHash: "0x" };
    expect(await run(suspended, reinstated)).toMatchObject({ verdict: "clean" });
  });
});
