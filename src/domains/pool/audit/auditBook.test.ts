import { describe, expect, it } from "vitest";
import type { RegistryFact } from "#domains/accounts/events.ts";
import { createMemberships } from "#domains/metering/areaState.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { bookRootOf, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { planClearing } from "#domains/pool/rules/clearingPlan.ts";
import { type SignedOrder, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import { verifyBook } from "./auditBook.ts";
import type { HeldClearing, PoolState } from "./poolState.ts";

const CONTEXT = { separator: new Uint8Array(32).fill(5), areaId: 1, intervalId: 7 };
const GATE_CLOSES_AT = 7 * 900 - 60;
const MEMBERS = [1, 2, 3, 4, 5, 6];
/** Account n + 10 is member n; its owner has this key. */
const keyOf = (member: number) => wordOf(1_000 + member);

const INTERVAL = {
  terms: {
    version: 1,
    terms: {
      intervalSeconds: 900,
      gateClosureSeconds: 60,
      pricing: "uniform",
      floorMicroPerKwh: 0n,
      ceilingMicroPerKwh: 400_000n,
      upstreamPriceMicroPerKwh: 400_000n,
      penaltyPermille: 1_000n,
      surplusPriceMicroPerKwh: 0n,
      gridFeeMicroPerKwh: 0n,
    },
  },
  packing: { pricing: "uniform", localPriceMicroPerKwh: 0 },
} as unknown as HeldClearing;

/** Everybody is registered, and metered in the area. */
function membershipsWith(facts: readonly RegistryFact[]) {
  const state = createMemberships();
  const timestamp = 0;
  for (const member of MEMBERS) {
    const [account, owner] = [member + 10, addressOfKey(keyOf(member))];
    const meterId = toHex(wordOf(member));
    const areas = { contract: "areaRegistry", timestamp, areaId: 1, member } as const;
    const kycHash = toHex(wordOf(member));
    state.apply({ contract: "registry", kind: "participantRegistered", account, owner, kycHash, timestamp });
    state.apply({ ...areas, kind: "memberAdded", account });
    const device = { meterId, deviceKey: owner, certificateNumber: 1n };
    state.apply({ ...areas, ...device, kind: "meterEnrolled", capacityW: 9_000 });
  }
  for (const fact of facts) state.apply({ ...fact, timestamp });
  return state;
}

function order(
  side: "bid" | "offer",
  participant: number,
  limitPriceMicroPerKwh: number,
  sequence = 0,
  signer = participant,
): SignedOrder {
  const unsigned = { side, participant, limitPriceMicroPerKwh, energyWh: 100, sequence };
  return signOrder(unsigned, CONTEXT, keyOf(signer));
}

/** Member 4 buys what member 6 sells; the bids of member 5 and the second offer come to nothing. */
const BOOK = [
  order("bid", 4, 300_000),
  order("bid", 5, 200_000),
  order("bid", 5, 150_000, 1),
  order("offer", 6, 100_000),
  order("offer", 6, 250_000, 1),
];
/** Bid 3 of the book: the only one that the clearing can do without. */
const SPARE = BOOK[2]!;

const event = (bookRoot: PoolEvent<"intervalCleared">["bookRoot"]) =>
  ({
    ...{ kind: "intervalCleared", areaId: 1, intervalId: 7, bookRoot },
    ...{ block: 9, transactionHash: toHex(wordOf(9)) },
  }) as PoolEvent<"intervalCleared">;

/**
 * Verifies what the operator submits for `submittedOf`, against the root over `cleared` and the archive. `facts` happened
 * before.
 */
async function verify({
  cleared = BOOK,
  submittedOf = cleared,
  archived = cleared,
  facts = [],
}: {
  cleared?: readonly SignedOrder[];
  submittedOf?: readonly SignedOrder[];
  archived?: readonly SignedOrder[] | null;
  facts?: readonly RegistryFact[];
}) {
  const counts: Counts = {};
  const { areas } = membershipsWith(facts);
  const orders = async () => archived;
  const state = {
    separator: CONTEXT.separator,
    areas,
    orders,
    counts,
    uncheckedBooks: 0,
  } as unknown as PoolState;
  const { steps } = planClearing({ orders: submittedOf, pricing: "uniform", ...CONTEXT });
  const [{ bids, offers } = { bids: [], offers: [] }] = steps;
  const root = bookRootOf(sortByMerit(cleared), CONTEXT);
  const verified = { event: event(root), interval: INTERVAL, submitted: { bids, offers } };
  const found = await verifyBook(state, verified)
    .then(() => null)
    .catch((error: unknown) => {
      if (error instanceof DiscrepancyFound) return error.discrepancy;
      throw error;
    });
  return { found, counts, unchecked: state.uncheckedBooks };
}

describe("the whole book of a clearing", () => {
  it("is verified with the orders that were not submitted", async () => {
    expect(await verify({})).toMatchObject({
      found: null,
      unchecked: 0,
      counts: { "pool.books": 1, "pool.orders": 1, "pool.signatures": 1 },
    });
  });

  it("is counted as unchecked without the archive, unless all of it was submitted", async () => {
    expect(await verify({ archived: null })).toMatchObject({
      found: null,
      unchecked: 1,
      counts: {},
    });
    const needed = BOOK.filter((other) => other !== SPARE);
    expect(await verify({ cleared: needed, archived: null })).toMatchObject({
      unchecked: 0,
      counts: { "pool.books": 1 },
    });
    expect(await verify({ cleared: [] })).toMatchObject({ found: null, counts: { "pool.books": 1 } });
  });

  it("does not mind an order that was archived twice, nor a submitted one that is not archived", async () => {
    expect(await verify({ archived: [...BOOK, SPARE, BOOK[0]!] })).toMatchObject({ found: null });
    expect(await verify({ archived: [SPARE] })).toMatchObject({ found: null });
  });

  it("is not the book under the root when an order is missing or too many", async () => {
    const missing = await verify({ archived: BOOK.filter((other) => other !== SPARE) });
    expect(missing.found).toMatchObject({ rule: "bookRoot", areaId: 1, intervalId: 7, block: 9 });
    const extra = await verify({ archived: [...BOOK, order("bid", 4, 10_000)] });
    expect(extra.found).toMatchObject({
      rule: "bookRoot",
      sentence: expect.stringContaining("4 bids and 2 offers"),
    });
  });
});

describe("an archived order", () => {
  it.each([
    ["its energy", { energyWh: 101 }],
    ["its limit price", { limitPriceMicroPerKwh: 150_001 }],
    ["its sequence", { sequence: 2 }],
    ["its signature", { signature: SPARE.signature.with(40, SPARE.signature[40]! ^ 1) }],
    ["its member", { participant: 4 }],
    ["an energy that no order holds", { energyWh: 2 ** 40 }],
  ])("is named when a byte of it changed: %s", async (_what, change) => {
    const forged = { ...SPARE, ...change };
    const { found } = await verify({ archived: BOOK.map((other) => (other === SPARE ? forged : other)) });
    expect(found).toMatchObject({ rule: "orderSignature", member: forged.participant, side: "bid" });
  });

  it("is named though the chain has it as it should be", async () => {
    const [first] = BOOK;
    const forged = { ...first!, signature: SPARE.signature };
    const { found } = await verify({ archived: BOOK.with(0, forged) });
    expect(found).toMatchObject({ rule: "orderSignature", member: 4, side: "bid" });
  });

  it("is named when it breaks the rules of its area", async () => {
    const dear = order("offer", 6, 400_001, 2);
    const { found } = await verify({ cleared: [...BOOK, dear], submittedOf: BOOK });
    expect(found).toMatchObject({ rule: "orderPrice", member: 6, side: "offer" });
  });
});

describe("an order that was left out", () => {
  it.each([
    ["a better bid", order("bid", 5, 310_000, 2), "with it, 100 of its 100 Wh trade", 1],
    ["a bid at the margin", order("bid", 5, 300_000, 2), "with it, 100 of its 100 Wh trade", 2],
    ["a better offer", order("offer", 3, 90_000, 2), "with it, 100 of its 100 Wh trade", 1],
    ["a pair that would trade", order("bid", 5, 260_000, 2), "with it, 100 of its 100 Wh trade", 2],
  ])("is named: %s", async (_what, omitted, words, position) => {
    const { found } = await verify({ cleared: [...BOOK, omitted], submittedOf: BOOK });
    const { side, participant: member } = omitted;
    expect(found).toMatchObject({ rule: "omittedOrder", member, side, position });
    expect(found!.sentence).toContain(words);
    expect(found!.sentence).not.toContain("moreover");
  });

  it("is named when it should have shared at the margin", async () => {
    const pair = [order("bid", 4, 300_000), order("offer", 6, 100_000)];
    const { found } = await verify({ cleared: [...pair, order("bid", 5, 300_000)], submittedOf: pair });
    expect(found).toMatchObject({ rule: "omittedOrder", member: 5, side: "bid", position: 2 });
    expect(found!.sentence).toContain("with it, 50 of its 100 Wh trade");
  });

  it("is named though the root does not bind it, and that is said", async () => {
    const omitted = order("bid", 5, 310_000, 2);
    const { found } = await verify({ archived: [...BOOK, omitted] });
    expect(found).toMatchObject({ rule: "omittedOrder", member: 5 });
    expect(found!.sentence).toContain("moreover the available orders do not give the recorded root");
  });

  it("is named where nothing traded", async () => {
    const apart = [order("bid", 4, 100_000), order("offer", 6, 200_000)];
    const omitted = order("offer", 5, 100_000);
    const { found } = await verify({ cleared: [...apart, omitted], submittedOf: apart });
    expect(found).toMatchObject({ rule: "omittedOrder", member: 5, side: "offer", position: 1 });
  });

  it("is none when its member could not trade any more, another signs for it at this gate, or it is on the other side", async () => {
    const omitted = order("bid", 5, 310_000, 2);
    const cleared = [...BOOK, omitted];
    const submittedOf = BOOK.filter(({ participant }) => participant !== 5);
    const suspended = [{ contract: "registry", kind: "participantSuspended", account: 15 }] as const;
    expect(await verify({ cleared, submittedOf, facts: suspended })).toMatchObject({ found: null });
    const entity = { contract: "registry", kind: "entitySet", account: 13, isEntity: true } as const;
    const joining = { contract: "registry", kind: "entityJoined", account: 15, entity: 13 } as const;
    const joined = [entity, { ...joining, effectiveAt: GATE_CLOSES_AT }];
    expect(await verify({ cleared, submittedOf, facts: joined })).toMatchObject({ found: null });
    const later = [entity, { ...joining, effectiveAt: GATE_CLOSES_AT + 1 }];
    expect(await verify({ cleared, submittedOf, facts: later })).toMatchObject({
      found: { rule: "omittedOrder" },
    });
    const other = order("bid", 6, 310_000, 2);
    expect(await verify({ cleared: [...BOOK, other], submittedOf: BOOK })).toMatchObject({ found: null });
    const leaving = { contract: "registry", kind: "entityLeft", account: 15, entity: 13 } as const;
    const left = [entity, { ...joining, effectiveAt: 1 }, { ...leaving, effectiveAt: 3_601 }];
    const late = order("bid", 5, 310_000, 2, 3);
    expect(await verify({ cleared: [...submittedOf, late], submittedOf, facts: left })).toMatchObject({
      found: null,
    });
    expect(await verify({ cleared: [...submittedOf, late], submittedOf })).toMatchObject({
      found: { rule: "orderSignature", member: 5 },
    });
  });
});
