import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { keyOf } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let home6: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  home6 = await signIn(api.app, keyOf(6));
});
afterAll(() => api.close());

async function get(url: string, headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ method: "GET", url, headers });
  return { status: answer.statusCode, body: answer.json() };
}

test("the first screen has price, components, forecast, flows, suppliers and the day in one answer", async () => {
  const { status, body } = await get("/v1/community");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    areaId: 1,
    homes: 4,
    current: {
      intervalId: 102,
      price: { state: "known", energyMicroPerKwh: "175000", totalMicroPerKwh: "195000" },
    },
    next: { intervalId: 103, price: { state: "pending", energyMicroPerKwh: null } },
    newest: { intervalId: 102 },
    nextForecast: { energyMicroPerKwh: "175000", sentence: expect.stringContaining("newest price") },
    leviesMicroPerKwh: "0",
    retail: { energyMicroPerKwh: "140000", gridFeeMicroPerKwh: "100000", leviesMicroPerKwh: "60000" },
  });
});

test("flows behind the meters balance, and meet the readings that were signed (R6.10)", async () => {
  const { flow } = (await get("/v1/community")).body;
  expect(flow).toMatchObject({
    intervalId: 101,
    pvWh: "920",
    loadWh: "1270",
    chargedWh: "50",
    dischargedWh: "0",
  });
  const [pv, discharged, gridImport, load, charged, gridExport, local] = [
    flow.pvWh,
    flow.dischargedWh,
    flow.gridImportWh,
    flow.loadWh,
    flow.chargedWh,
    flow.gridExportWh,
    flow.localWh,
  ].map(Number) as [number, number, number, number, number, number, number];
  expect(pv + discharged + gridImport).toBe(load + charged + gridExport);
  // The meters of the interval: 450 and 700 Wh in, 650 and 100 Wh out.
  expect(gridImport + local).toBe(1_150);
  expect(gridExport + local).toBe(750);
});

test("who supplies whom adds up to the newest clearing", async () => {
  const { supply } = (await get("/v1/community")).body;
  const { body: interval } = await get(`/v1/intervals/1/${supply.intervalId}`);
  const sum = supply.pairs.reduce(
    (total: number, { energyWh }: { energyWh: string }) => total + Number(energyWh),
    0,
  );
  expect(sum).toBe(Number(interval.clearedWh));
});

test("today's saving is the sum of all bills of the day (R3.9)", async () => {
  const { today } = (await get("/v1/community")).body;
  const { body } = await get("/v1/participants/26/bills", home6);
  // Seconds 90,000 to 91,800 are past one in the morning of the second of January 1970 in Berlin.
  expect(today.from).toBe(82_800);
  expect(today.intervals).toBe(2);
  expect(Number(today.savingMicro)).toBe(Number(today.tariffBillMicro) - Number(today.marketBillMicro));
  expect(Number(today.exportWh)).toBeGreaterThan(Number(body.bill.exportWh));
  expect(today.localShare).toBeCloseTo(Number(today.localWh) / Number(today.importWh), 12);
});

test("an area that there is not is named", async () => {
  expect(await get("/v1/community?areaId=9")).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining("9") },
  });
});

test("the columns of a participant are those of its bill, with its sub-meters where they are known", async () => {
  const { status, body } = await get("/v1/participants/26/series?from=0&to=100000", home6);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    account: 26,
    areaId: 1,
    intervalSeconds: 900,
    startsAt: [90_000, 90_900],
    exportWh: [650, 650],
    pvWh: [null, 800],
    loadWh: [null, 100],
    storedWh: [null, 1_250],
  });
  const { body: bills } = await get("/v1/participants/26/bills", home6);
  const cost = body.costMicro.reduce((sum: bigint, micro: string) => sum + BigInt(micro), 0n);
  expect(String(cost)).toBe(bills.bill.marketBillMicro);
});

test("columns are the owner's, go forward, and over a year at most", async () => {
  const path = (account: number, from: number, to: number) =>
    `/v1/participants/${account}/series?from=${from}&to=${to}`;
  expect((await get(path(26, 0, 900))).status).toBe(401);
  expect((await get(path(24, 0, 900), home6)).status).toBe(403);
  expect((await get(path(26, 900, 0), home6)).body).toMatchObject({ reason: "seriesRange", status: 422 });
  expect((await get(path(26, 0, 400 * 86_400), home6)).body).toMatchObject({ reason: "seriesRange" });
});
