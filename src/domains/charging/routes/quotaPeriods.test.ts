import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { changeByteOfPeriod, PERIOD_CHANGES } from "#domains/charging/check/changeByteOfPeriod.ts";
import { checkPeriod, PERIOD_CHECK_KEYS } from "#domains/charging/check/periodCheck.ts";
import type { PeriodEvidenceJson } from "#domains/charging/check/periodEvidenceJson.ts";
import { readPeriodEvidence } from "#domains/charging/check/readPeriodEvidence.ts";
import {
  createQuotaHistory,
  FIRST_PERIOD,
  QUOTA_DEPLOYMENT,
  type QuotaStory,
} from "#domains/charging/quotaHistory.fixture.ts";
import type {
  quotaDepositWire,
  quotaPeriodsWire,
  quotaPeriodWholeWire,
  stationPeriodsWire,
} from "#domains/charging/wire.ts";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { AREA_ID, accountOf, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";

const PERIOD: QuotaStory = {
  period: FIRST_PERIOD,
  demandsW: { 4: 12_000, 5: 16_000, 6: 14_000 },
  orders: [
    { participant: 4, side: "bid", quantity: 150, limitPriceMicroPerThousand: 24_000_000, sequence: 0 },
    { participant: 5, side: "offer", quantity: 100, limitPriceMicroPerThousand: 16_000_000, sequence: 0 },
    { participant: 6, side: "offer", quantity: 90, limitPriceMicroPerThousand: 19_000_000, sequence: 0 },
  ],
  importWh: { 4: [3_000, 2_500], 5: [2_600, 4_400], 6: [2_000, 3_000] },
};
const SECOND = FIRST_PERIOD + 1;
const THIRD = FIRST_PERIOD + 2;

let store: Store;
let api: ApiFixture;

beforeAll(async () => {
  const history = createQuotaHistory();
  history.tell(PERIOD);
  history.tell({ ...PERIOD, period: SECOND, demandsW: { 4: 2_000 }, orders: [], importWh: { 4: [1, 0] } });
  history.tell({
    ...PERIOD,
    period: THIRD,
    demandsW: { 5: 3_000 },
    isDivided: false,
    vanished: [5],
    isPublished: false,
  });
  store = await openMemoryStore({ deployment: QUOTA_DEPLOYMENT });
  await project(store, history.events, projectorOf({ ...NO_SOURCES, readingsOf: history.readingsOf }));
  const now = () => (FIRST_PERIOD + 200) * 1_800;
  api = await openApiFixture({ store, directory: createDirectory(store.db), now });
});
afterAll(async () => {
  await api?.close();
  await store?.close();
});

async function get<Body>(path: string): Promise<Body> {
  const answer = await api.app.inject({ url: `/v1/areas/${path}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as Body;
}

type Whole = z.infer<typeof quotaPeriodWholeWire>;
type Periods = z.infer<typeof quotaPeriodsWire>;

describe("periods of charging quotas", () => {
  it("come by pages, the newest first", async () => {
    const first = await get<Periods>(`${AREA_ID}/quota-periods?limit=2`);
    expect(first.periods.map(({ period, stage }) => [period, stage])).toEqual([
      [THIRD, "collecting"],
      [SECOND, "paid"],
    ]);
    const rest = await get<Periods>(`${AREA_ID}/quota-periods?limit=2&before=${first.next}`);
    expect(rest.periods.map(({ period }) => period)).toEqual([FIRST_PERIOD]);
    expect(rest.next).toBeNull();
    const span = await get<Periods>(`${AREA_ID}/quota-periods?from=${SECOND * 1_800}&to=${THIRD * 1_800}`);
    expect(span.periods.map(({ period }) => period)).toEqual([SECOND]);
  });

  it("tell nothing, not known and zero apart", async () => {
    const { periods } = await get<Periods>(`${AREA_ID}/quota-periods`);
    expect(periods[0]).toMatchObject({ beta: null, isRationed: null, meteredWh: null, clearedW: null });
    expect(periods[0]).toMatchObject({ drawnW: [null, null], conventionalW: [null, null] });
    expect(periods[1]).toMatchObject({ beta: 1, isRationed: false, meteredWh: "1", penaltyMicro: "0" });
    expect(periods[1]).toMatchObject({
      localPriceMicroPerKw: null,
      drawnW: [4, 0],
      conventionalW: [null, null],
    });
    expect(await get(`${AREA_ID}/quota-periods/${SECOND}`)).toMatchObject({ book: null });
    expect(await get(`${AREA_ID}/load-forecast`)).toMatchObject({
      period: THIRD,
      meterForecastW: null,
      error: null,
      suggestedReserveW: null,
    });
    expect(await get("9/quota-terms")).toEqual({ areaId: 9, versions: [], current: null });
  });

  it("are told whole: stations, orders, trades, transactions", async () => {
    const whole = await get<Whole>(`${AREA_ID}/quota-periods/${FIRST_PERIOD}`);
    expect(whole).toMatchObject({ marginW: 36_000, totalDemandW: 42_000, clearedW: 150, trades: 2 });
    expect(whole.beta).toBeCloseTo(36 / 42);
    const sum = (values: readonly (number | null)[]) =>
      values.reduce<number>((all, one) => all + (one ?? 0), 0);
    expect(sum(whole.stationList.map(({ quotaW }) => quotaW))).toBe(36_000);
    expect(sum(whole.stationList.map(({ quotaMicro }) => Number(quotaMicro)))).toBe(
      Number(whole.remainderMicro),
    );
    // Midpoints: 100 W at (24 + 16) ÷ 2, 50 W at (24 + 19) ÷ 2.
    expect(whole.tradeList).toEqual([
      { buyer: 4, seller: 5, quotaW: 100, priceMicroPerKw: "20000000" },
      { buyer: 4, seller: 6, quotaW: 50, priceMicroPerKw: "21500000" },
    ]);
    expect(whole.book?.offers.map(({ member, filledW }) => [member, filledW])).toEqual([
      [5, 100],
      [6, 50],
    ]);
    expect(whole.transactions.cleared).toMatch(/^0x/);
    const { statusCode } = await api.app.inject({ url: `/v1/areas/${AREA_ID}/quota-periods/7` });
    expect(statusCode).toBe(404);
  });

  it("are a station's own, with its orders", async () => {
    const station = await get<z.infer<typeof stationPeriodsWire>>(`${AREA_ID}/stations/4/quota-periods`);
    expect(station).toMatchObject({ account: accountOf(4), next: null });
    expect(station.periods.map(({ period, tradedW }) => [period, tradedW])).toEqual([
      [SECOND, 0],
      [FIRST_PERIOD, 150],
    ]);
    expect(station.periods[1]?.orders).toHaveLength(1);
    expect(station.periods[0]?.orders).toBeNull();
  });

  it("are a row a station in a file, with empty cells for what is not known", async () => {
    const { body } = await api.app.inject({ url: `/v1/areas/${AREA_ID}/quota-periods.csv` });
    const [head = "", ...rows] = body.trim().split("\r\n");
    expect(rows).toHaveLength(5);
    const cell = (row: string | undefined, name: string) => row?.split(",")[head.split(",").indexOf(name)];
    expect([cell(rows[0], "allocated_w"), cell(rows[0], "fee_micro"), cell(rows[0], "demand_w")]).toEqual([
      "",
      "",
      "3000",
    ]);
    expect(cell(rows[1], "penalty_micro")).toBe("0");
  });
});

describe("the evidence of a period", () => {
  const path = `${AREA_ID}/quota-periods/${FIRST_PERIOD}/evidence`;
  const outcomes = (json: PeriodEvidenceJson) =>
    [...checkPeriod(readPeriodEvidence(json))].filter(({ status }) => status !== "running");

  it("passes every step of the check, from its JSON alone", async () => {
    const reports = outcomes(await get<PeriodEvidenceJson>(path));
    expect(reports.map(({ key, status }) => [key, status])).toEqual(
      PERIOD_CHECK_KEYS.map((key) => [key, "passed"]),
    );
  });

  it("says what is not possible yet", async () => {
    const reports = outcomes(await get<PeriodEvidenceJson>(`${AREA_ID}/quota-periods/${THIRD}/evidence`));
    const open = reports.filter(({ status }) => status === "notPossible").map(({ key }) => key);
    expect(open).toEqual(["division", "orders", "auction", "readings", "payments", "money"]);
  });

  it.each(PERIOD_CHANGES)("names the station when a byte of its %s is changed", async (choice) => {
    const json = await get<PeriodEvidenceJson>(path);
    for (let seed = 0; seed < 40; seed++) {
      const changed = changeByteOfPeriod(json, choice, seed);
      const failed = outcomes(changed!.json).find(({ status }) => status === "failed");
      expect(failed, changed!.sentence).toMatchObject({ subject: { member: changed!.member } });
    }
  });

  const ZERO = `0x${"00".repeat(32)}`;
  it.each<[string, string, (json: PeriodEvidenceJson) => object]>([
    ["a margin that is not left", "margin", ({ opening }) => ({ opening: { ...opening, marginW: 36_001 } })],
    [
      "another sender",
      "margin",
      ({ opening }) => ({ opening: { ...opening, sender: `0x${"11".repeat(20)}` } }),
    ],
    [
      "a deposit too small",
      "demands",
      ({ demands }) => ({ demands: demands.map((demand) => ({ ...demand, depositMicro: "5" })) }),
    ],
    ["another cut", "division", ({ division }) => ({ division: { ...division, cutRemainder: "0" } })],
    ["another price", "auction", ({ auction }) => ({ auction: { ...auction, localPriceMicroPerKw: 1 } })],
    ["another root of the book", "auction", ({ auction }) => ({ auction: { ...auction, bookRoot: ZERO } })],
    ["an auction out of time", "auction", ({ auction }) => ({ auction: { ...auction, timestamp: 1 } })],
    [
      "other readings published",
      "readings",
      ({ publications }) => ({ publications: publications.map((each) => ({ ...each, root: ZERO })) }),
    ],
    [
      "less that came back",
      "money",
      ({ withdrawals }) => ({ withdrawals: withdrawals.map((each) => ({ ...each, amountMicro: "1" })) }),
    ],
  ])("fails with %s", async (_, step, change) => {
    const json = await get<PeriodEvidenceJson>(path);
    const failed = outcomes({ ...json, ...change(json) }).filter(({ status }) => status === "failed");
    expect(failed.map(({ key }) => key)).toContain(step);
  });
});

it("says what a demand needs before a station commits itself, and the worst case", async () => {
  const path = `${AREA_ID}/quota-deposit?demandW=36000&bidW=1000&limitPriceMicroPerKw=25000000`;
  const deposit = await get<z.infer<typeof quotaDepositWire>>(path);
  // 112 tokens a kWh: 18.5 kWh by right, 18 kWh twice as a penalty, 1 kW at 25 tokens.
  expect(deposit).toMatchObject({
    feeMicro: "2072000000",
    penaltyMicro: "4032000000",
    auctionMicro: "25000000",
    depositMicro: "6129000000",
    tariffOfPeriod: THIRD,
  });
  expect(deposit.sentence).toContain("€6,129.00");
});

it("finds periods by number and by an order, tells concerns, and counts", async () => {
  const look = async (q: string) => (await api.app.inject({ url: `/v1/lookup?q=${q}` })).json();
  expect((await look(String(SECOND))).hits).toContainEqual(
    expect.objectContaining({ kind: "quotaPeriod", id: `${AREA_ID}/${SECOND}` }),
  );
  const whole = await get<Whole>(`${AREA_ID}/quota-periods/${FIRST_PERIOD}`);
  const order = whole.book?.bids[0]?.orderId ?? "";
  expect((await look(order)).hits).toEqual([
    expect.objectContaining({ kind: "quotaPeriod", id: `${AREA_ID}/${FIRST_PERIOD}` }),
  ]);
  const metrics = (await api.app.inject({ url: "/metrics" })).body;
  expect(metrics).toMatch(/quota_periods 3\n/);
  expect(metrics).toMatch(/quota_open_deposits 1\n/);
  const headers = await signIn(api.app, keyOf(5));
  const url = `/v1/participants/${accountOf(5)}/concerns`;
  const { concerns } = (await api.app.inject({ url, headers })).json();
  expect(concerns.map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(["aboveQuota", "depositHeld"]),
  );
});
