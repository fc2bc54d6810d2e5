import { and, eq, inArray } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allMovements, margins, SETTLING } from "#domains/accounts/tables.ts";
import { auditHistory } from "#domains/audit.ts";
import { allBillLines, allCharges, gridFees } from "#domains/billing/tables.ts";
import { DOMAINS, NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { allReadings } from "#domains/metering/tables.ts";
import { auditable } from "#domains/pool/audit/auditable.fixture.ts";
import { PRICINGS } from "#kernel/auction/order.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import { AREA_ID, accountOf, INTERVAL_SECONDS, seatIn } from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { rebuild } from "#platform/store/project.ts";
import { sealAll } from "#platform/store/sealed/sealAll.fixture.ts";
import { checkPeriod } from "./check/periodCheck.ts";
import { readPeriodEvidence } from "./check/readPeriodEvidence.ts";
import {
  createQuotaHistory,
  FIRST_PERIOD,
  QUOTA_DEPLOYMENT,
  type QuotaStory,
} from "./quotaHistory.fixture.ts";
import { quotaStories, STORY_STATIONS } from "./quotaStories.fixture.ts";
import { quotaEvidenceOf } from "./routes/quotaEvidence.ts";
import { allStationFigures, quotaPeriods } from "./tables.ts";

const { quotaMarket } = QUOTA_DEPLOYMENT.contracts;
const TARIFF = { feedInMicroPerKwh: 80_000, retailMicroPerKwh: 320_000 };
const [DSO, FUND] = [2, 3];

/** Each projects some periods in a database. */
const RUNS = process.env.COMMONWATT_DEEP ? 200 : 8;

let store: Store;

beforeAll(async () => {
  store = await openMemoryStore({ deployment: QUOTA_DEPLOYMENT });
});
afterAll(() => store?.close());

type History = ReturnType<typeof createQuotaHistory>;

/** The database of a history alone. */
async function projectAlone({ events, readingsOf }: History): Promise<void> {
  await rebuild(store, events, projectorOf({ ...NO_SOURCES, readingsOf, tariffOf: () => TARIFF }));
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

describe("the projection of quotas", () => {
  it("keeps ledger, charges, fees and bills together to the micro, of histories that the audit finds right", async () => {
    await fc.assert(
      fc.asyncProperty(quotaStories, fc.constantFrom(...PRICINGS), async (stories, pricing) => {
        const history = createQuotaHistory({ stations: STORY_STATIONS, pricing });
        const ends = stories.map((story) => history.tell(story));
        const events = [...auditable(history.events)];
        const report = await auditHistory({ events, deployment: QUOTA_DEPLOYMENT });
        expect(report, JSON.stringify(report.verdict === "clean" ? null : report, bigints)).toMatchObject({
          verdict: "clean",
        });
        await projectAlone(history);
        await expectMoney(stories, ends);
        for (const member of STORY_STATIONS) await expectStation(member);
        for (const period of await store.db.select().from(quotaPeriods)) {
          const json = await quotaEvidenceOf({ store }, period);
          const reports = [...checkPeriod(readPeriodEvidence(json))];
          expect(reports.filter(({ status }) => status === "failed")).toEqual([]);
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

const bigints = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** What was put in is there; escrow has the deposits of who vanished, and nothing else. */
async function expectMoney(
  stories: readonly QuotaStory[],
  ends: readonly ReadonlyMap<number, { depositMicro: bigint }>[],
): Promise<void> {
  const rows = await store.db.select().from(margins).where(eq(margins.market, quotaMarket));
  const put = BigInt(STORY_STATIONS.length) * 100_000_000_000n;
  expect(sum(rows.map(({ marginMicro, escrowMicro }) => marginMicro + escrowMicro))).toBe(put);
  const left = stories.flatMap(({ vanished = [] }, i) =>
    vanished.map((member) => ends[i]?.get(member)?.depositMicro ?? 0n),
  );
  expect(sum(rows.map(({ escrowMicro }) => escrowMicro))).toBe(sum(left));
  const fees = await store.db.select().from(gridFees);
  const got = rows.find(({ seat }) => seat === seatIn(DSO))?.marginMicro ?? 0n;
  expect(sum(fees.map(({ amountMicro }) => amountMicro))).toBe(got);
  const periods = await store.db.select().from(quotaPeriods);
  const rest = rows.find(({ seat }) => seat === seatIn(FUND))?.marginMicro ?? 0n;
  expect(sum(periods.map(({ remainderMicro }) => remainderMicro ?? 0n))).toBe(rest);
  const stations = await store.db.select().from(allStationFigures);
  expect(sum(stations.map(({ quotaMicro }) => quotaMicro))).toBe(rest);
  for (const { period, marginW, openDeposits, clearedW } of periods) {
    const own = stations.filter((station) => station.period === period);
    const quotas = own.map(({ allocatedW, tradedW }) => (allocatedW ?? 0) + tradedW);
    expect(quotas.reduce((total, quotaW) => total + quotaW, 0)).toBeLessThanOrEqual(marginW);
    expect(own.reduce((total, { tradedW }) => total + tradedW, 0)).toBe(0);
    expect(own.reduce((total, { tradedW }) => total + Math.max(0, tradedW), 0)).toBe(clearedW ?? 0);
    expect(own.filter(({ withdrawnAt }) => withdrawnAt === null)).toHaveLength(openDeposits);
  }
}

/** What its periods say is what it is charged, what its account paid, and beside every metered interval there is a line. */
async function expectStation(member: number): Promise<void> {
  const account = accountOf(member);
  const figures = await store.db.select().from(allStationFigures).where(eq(allStationFigures.member, member));
  const charged = await store.db.select().from(allCharges).where(eq(allCharges.account, account));
  const paid = await store.db
    .select()
    .from(allMovements)
    .where(and(eq(allMovements.account, account), inArray(allMovements.kind, [...SETTLING])));
  const owed = figures.map((row) => row.quotaMicro + (row.feeMicro ?? 0n) + (row.penaltyMicro ?? 0n));
  expect(sum(charged.map(({ amountMicro }) => amountMicro))).toBe(sum(owed));
  expect(sum(paid.map(({ marginMicro, escrowMicro }) => marginMicro + escrowMicro))).toBe(-sum(owed));
  const lines = await store.db.select().from(allBillLines).where(eq(allBillLines.account, account));
  const settled = figures.filter(({ paidAt }) => paidAt !== null);
  const undivided = figures.filter(({ allocatedW }) => allocatedW === null);
  const read = await store.db.select().from(allReadings).where(eq(allReadings.account, account));
  const readAnyhow = read.flatMap(({ intervalId }) =>
    undivided.some((row) => [row.intervalId, row.intervalId + 1].includes(intervalId)) ? [intervalId] : [],
  );
  expect(read.filter(({ proof }) => proof === "unproven")).toEqual([]);
  expect(lines.map(({ intervalId }) => intervalId).sort()).toEqual(
    [...settled.flatMap(({ intervalId }) => [intervalId, intervalId + 1]), ...readAnyhow].sort(),
  );
}

const ORDERS = [
  { participant: 4, side: "bid", quantity: 150, limitPriceMicroPerThousand: 24_000_000, sequence: 0 },
  { participant: 5, side: "offer", quantity: 100, limitPriceMicroPerThousand: 16_000_001, sequence: 0 },
  { participant: 6, side: "offer", quantity: 90, limitPriceMicroPerThousand: 19_000_000, sequence: 0 },
] as const;

const PERIOD: QuotaStory = {
  period: FIRST_PERIOD,
  demandsW: { 4: 12_000, 5: 16_000, 6: 14_000 },
  orders: ORDERS,
  importWh: { 4: [3_000, 2_500], 5: [2_600, 4_400], 6: [null, 3_000] },
};
/** A day has 96 intervals; three groups of them stay live. */
const LATER = 48 * 5;

describe("a database of quotas", () => {
  beforeEach(async () => {
    const history = createQuotaHistory();
    history.tell(PERIOD);
    history.tell({ ...PERIOD, period: FIRST_PERIOD + LATER });
    await projectAlone(history);
  });

  it("says of each interval what it cost, and opens the readings that were shown", async () => {
    const first = FIRST_PERIOD * 2;
    const charged = await store.db
      .select()
      .from(allCharges)
      .where(and(eq(allCharges.areaId, AREA_ID), inArray(allCharges.intervalId, [first, first + 1])));
    const of = (member: number, kind: string) =>
      charged
        .filter((charge) => charge.member === member && charge.kind === kind)
        .map(({ intervalId, energyWh, amountMicro }) => [intervalId - first, energyWh, amountMicro])
        .sort();
    const [four] = await store.db.select().from(allStationFigures).where(eq(allStationFigures.member, 4));
    expect(of(4, "charging.quota")).toEqual([[0, null, four?.quotaMicro]]);
    expect(four?.tradedW).toBe(150);
    // 112 tokens a kWh.
    expect(of(4, "charging.fee")).toEqual([
      [0, 3_000n, 336_000_000n],
      [1, 2_500n, 280_000_000n],
    ]);
    // 36 kW between 42 kW: 13,714 W less 100 that were sold are 3,404 Wh a quarter of an hour.
    expect(of(5, "charging.penalty")).toEqual([[1, 996n, 223_104_000n]]);
    const readings = await store.db.select().from(allReadings).where(eq(allReadings.intervalId, first));
    expect(readings.map(({ member, proof }) => [member, proof])).toEqual([
      [4, "opened"],
      [5, "opened"],
    ]);
  });

  it("bills an interval without a reading as what it counted as, and says so", async () => {
    const lines = await store.db.select().from(allBillLines).where(eq(allBillLines.member, 6));
    const [first, second] = lines.filter(
      ({ startsAt }) => startsAt < (FIRST_PERIOD * 2 + 2) * INTERVAL_SECONDS,
    );
    expect([first?.isReadingMissing, second?.isReadingMissing]).toEqual([true, false]);
    const [six] = await store.db.select().from(allStationFigures).where(eq(allStationFigures.member, 6));
    // 12,000 W less 50 that were sold: the quota drawn in full.
    expect([six?.missing, six?.tradedW, six?.meteredWh]).toEqual([1, -50, 2_988n + 3_000n]);
  });

  it("is the same sealed", async () => {
    const before = await dumpTables(store);
    expect(await sealAll(store, DOMAINS)).toBeGreaterThan(0);
    expect(await store.db.$count(allStationFigures)).toBe(6);
    expect(await dumpTables(store)).toEqual(before);
  });

  it("seals no period of which a deposit is not back", async () => {
    const history = createQuotaHistory();
    history.tell({ ...PERIOD, vanished: [5] });
    history.tell({ ...PERIOD, period: FIRST_PERIOD + LATER });
    await projectAlone(history);
    expect(await sealAll(store, DOMAINS)).toBe(0);
  });
});

it("knows positions and money of an auction that reached the market through another contract, and not its orders", async () => {
  const [told, hidden] = await Promise.all(
    [false, true].map(async (isHidden) => {
      const history = createQuotaHistory();
      history.tell({ ...PERIOD, isHidden });
      return history;
    }),
  );
  const figures = async (history: History) => {
    await projectAlone(history);
    const [period] = await store.db.select().from(quotaPeriods);
    const rows = await store.db.select().from(margins).where(eq(margins.market, quotaMarket));
    return { period, money: rows.sort((a, b) => a.seat - b.seat) };
  };
  const direct = await figures(told!);
  const indirect = await figures(hidden!);
  expect(indirect.money).toEqual(direct.money);
  expect(direct.period).toMatchObject({ isBookKnown: true, orders: 3, trades: 2 });
  expect(indirect.period).toMatchObject({ isBookKnown: false, orders: null, trades: null });
});
