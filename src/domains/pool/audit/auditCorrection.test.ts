import { describe, expect, it } from "vitest";
import type { TestFact } from "#domains/fact.fixture.ts";
import { readingWord } from "#domains/metering/rules/meterReading.ts";
import { proveReading } from "#domains/metering/rules/readingProof.ts";
import { settledPage } from "#domains/pool/rules/settledSeal.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import {
  AREA_ID,
  createHistory,
  homeOrder,
  INTERVAL_SECONDS,
  keyOf,
  seatIn,
} from "#platform/store/marketHistory.fixture.ts";
import { signReadings, treeOf } from "#platform/store/meteredHomes.fixture.ts";
import { auditOf, changing, ruleOf } from "./auditable.fixture.ts";

/*
 * Member 4 buys 1,000 Wh of member 5 at 150,000 micro/kWh; 5 delivers 990 Wh, and after a correction 980 Wh. By hand, at 1.1 · 300,000
 * micro/kWh for a shortfall: 3,300 micro more to the supplier.
 */
const [BUYER, SELLER, SUPPLIER, DSO] = [4, 5, 1, 2];
const ID = 1_000;
const OVER_AT = (ID + 1) * INTERVAL_SECONDS;
const MARKET = DEPLOYMENT.contracts.poolMarket;
const FIRST = { [BUYER]: [600, 0], [SELLER]: [0, 990] } as const;
const SECOND = { [BUYER]: [600, 0], [SELLER]: [0, 980] } as const;

const signedAt = (version: number, metered: Readonly<Record<number, readonly [number, number]>>) =>
  signReadings({ areaId: AREA_ID, intervalId: ID, version }, metered, keyOf);
const wordAt = (version: number, metered: typeof FIRST | typeof SECOND) =>
  readingWord(signedAt(version, metered).find(({ member }) => member === SELLER)!);

function corrected({ at = OVER_AT + 10, paidMicro = 3_300n, again = false } = {}) {
  const history = createHistory({ homes: [BUYER, SELLER] });
  const order = (participant: number, side: "bid" | "offer", limitPriceMicroPerKwh: number) =>
    homeOrder(ID, { participant, side, limitPriceMicroPerKwh, energyWh: 1_000, sequence: 0 });
  const plan = history.clear(ID, [order(BUYER, "bid", 200_000), order(SELLER, "offer", 100_000)]);
  history.publish(ID, FIRST);
  history.settle(plan);
  history.publish(ID, SECOND);
  const place = { areaId: AREA_ID, intervalId: ID, version: 2 };
  const { tree, context } = treeOf(place, signedAt(2, SECOND), new Set([BUYER, SELLER]));
  const settled = settledPage({
    ...{ terms: 1, isSupplied: true, supplier: SUPPLIER, dso: DSO, taken: 0n },
    localPrice: Number(plan.localPriceMicroPerKwh),
    positions: plan.positions,
    pricing: "uniform",
    words: signedAt(1, FIRST).map(readingWord),
  });
  const owedMicro = 3_300n - paidMicro;
  const from = seatIn(SELLER);
  const to = seatIn(SUPPLIER);
  const moved: TestFact = { kind: "marginTransferred", market: MARKET, from, to, paidMicro, owedMicro };
  const correction: TestFact = {
    kind: "positionCorrected",
    areaId: AREA_ID,
    intervalId: ID,
    member: SELLER,
    version: 2,
    before: wordAt(1, FIRST),
    corrected: wordAt(2, SECOND),
    supplierMicro: 3_300n,
    gridFeeMicro: 0n,
    submission: { settled, proof: proveReading(tree, context, SELLER) },
  };
  history.add(at, moved, correction);
  if (again) history.add(at + 1, moved, correction);
  return history;
}

describe("a corrected reading", () => {
  it("is settled by the difference that it makes", async () => {
    expect(await auditOf(corrected())).toMatchObject({
      verdict: "clean",
      checked: { "pool.corrections": 1 },
      notes: [],
    });
  });

  it("is settled once", async () => {
    expect(await ruleOf(auditOf(corrected({ again: true })))).toBe("correction");
  });

  it("is not settled after the final settlement", async () => {
    const finalAt = OVER_AT + 61 * 86_400;
    expect(await ruleOf(auditOf(corrected({ at: finalAt - 1 })))).toBeNull();
    expect(await ruleOf(auditOf(corrected({ at: finalAt })))).toBe("stage");
  });

  it("is paid as far as the margin reaches", async () => {
    expect(await ruleOf(auditOf(corrected({ paidMicro: 3_000n })))).toBe("debt");
  });

  it.each([
    ["another amount", { supplierMicro: 3_299n }, "correction"],
    ["a grid fee", { gridFeeMicro: 1n }, "correction"],
    ["another reading before", { before: 1n }, "correction"],
    ["another reading", { corrected: wordAt(1, FIRST) }, "correction"],
    ["another version", { version: 1 }, "correction"],
    ["no call of the market", { submission: null }, "hiddenSubmission"],
  ])("is not recorded with %s", async (_what, change, rule) => {
    expect(await ruleOf(auditOf(corrected(), { change: changing("positionCorrected", () => change) }))).toBe(
      rule,
    );
  });

  it("moves money between whom it concerns, and what moves is explained", async () => {
    const otherwise = changing("marginTransferred", () => ({ to: seatIn(BUYER) }));
    expect(await ruleOf(auditOf(corrected(), { change: otherwise }))).toBe("released");
    const silent = auditOf(corrected(), {
      change: (event) => (event.kind === "positionCorrected" ? [] : [event]),
    });
    expect(await ruleOf(silent)).toBe("unexplainedMovement");
  });

  it("is of a version that was published in time", async () => {
    const late = changing("readingsPublished", ({ version, timestamp }) => ({
      timestamp: version === 2 ? OVER_AT + 60 * 86_400 : timestamp,
    }));
    expect(await ruleOf(auditOf(corrected({ at: OVER_AT + 60 * 86_400 }), { change: late }))).toBe(
      "publicationLate",
    );
  });
});
