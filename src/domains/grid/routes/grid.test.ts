import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { accountOf, keyOf, OPERATOR_KEY, WAITING_SECONDS } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let clock = NOW;

/** Intervals 100 and 101 took 400 Wh each; 103 gives back, and member 7 sent no reading for it. */
beforeAll(async () => {
  api = await openApiFixture({ now: () => clock });
  api.history.publish(103, { 4: [0, 0], 5: [0, 0], 6: [0, 900] });
  await api.follow();
});
afterAll(() => api.close());

async function get(path: string, headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ method: "GET", url: `/v1/areas/${path}`, headers });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() };
}

const SPAN = "from=0&to=1000000";
const STARTS_100 = 100 * 900;
const STARTS_103 = 103 * 900;
/** Member 2 gets the grid fees. */
const GRID_OPERATOR = 2;

it("sums what the area exchanged, energy between neighbours netted, with its peaks", async () => {
  expect((await get(`1/grid?${SPAN}`)).json()).toMatchObject({
    intervals: 3,
    gridImportWh: "800",
    gridExportWh: "900",
    importSeconds: 1_800,
    exportSeconds: 900,
    peakImport: { intervalId: 100, startsAt: STARTS_100, energyWh: "400", powerW: 1_600 },
    peakExport: { intervalId: 103, startsAt: STARTS_103, energyWh: "900", powerW: 3_600 },
    days: [{ date: "1970-01-02", gridExportWh: "900", peakExportWh: "900" }],
  });
});

it("has the fees that the settlements paid, by days and months", async () => {
  const { intervals } = (await api.app.inject("/v1/intervals?status=settled&limit=10")).json();
  const paid = intervals
    .map((interval: { gridFeeMicro: string }) => BigInt(interval.gridFeeMicro))
    .reduce((sum: bigint, micro: bigint) => sum + micro, 0n);
  expect(paid).toBeGreaterThan(0n);
  expect((await get(`1/grid?${SPAN}`)).json()).toMatchObject({
    gridFeeMicro: String(paid),
    days: [{ date: "1970-01-02", gridFeeMicro: String(paid) }],
    months: [{ month: "1970-01", gridFeeMicro: String(paid) }],
  });
});

it("measures the loading against the connections, or against a limit that is stated", async () => {
  expect((await get(`1/grid?${SPAN}`)).json()).toMatchObject({
    limit: { powerW: 4 * 17_250, basis: "connections" },
    peakExport: { loading: 3_600 / 69_000 },
    overLimitSeconds: 0,
  });
  expect((await get(`1/grid?${SPAN}&limitW=1800`)).json()).toMatchObject({
    limit: { powerW: 1_800, basis: "stated" },
    peakExport: { loading: 2 },
    overLimitSeconds: 900,
  });
});

it("counts missing readings to everybody, and says which to the grid operator and the operator", async () => {
  const meters = [
    { member: 7, account: accountOf(7), intervals: 1, firstAt: STARTS_103, lastAt: STARTS_103 },
  ];
  const missing = { readings: 1, intervals: 1, unreadIntervals: 0 };
  const missingFor = async (key: Uint8Array | null) =>
    (await get(`1/grid?${SPAN}`, key ? await signIn(api.app, key) : {})).json().missing;
  expect(await missingFor(null)).toEqual({ ...missing, meters: null });
  expect(await missingFor(keyOf(6))).toEqual({ ...missing, meters: null });
  expect(await missingFor(keyOf(GRID_OPERATOR))).toEqual({ ...missing, meters });
  expect(await missingFor(OPERATOR_KEY)).toEqual({ ...missing, meters });
});

it("tells the grid operator that it is one", async () => {
  const session = async (key: Uint8Array) =>
    (await api.app.inject({ url: "/v1/session", headers: await signIn(api.app, key) })).json().session;
  expect(await session(keyOf(GRID_OPERATOR))).toMatchObject({
    roles: ["participant", "gridOperator"],
    hasMeter: false,
  });
  expect((await session(keyOf(6))).roles).toEqual(["participant"]);
});

it("has each interval as columns and as CSV", async () => {
  const series = (await get(`1/grid/series?${SPAN}&by=interval`)).json();
  expect(series).toMatchObject({
    intervalSeconds: 900,
    startsAt: [100, 101, 102, 103].map((id) => id * 900),
    gridImportWh: [400, 400, null, 0],
    gridExportWh: [0, 0, null, 900],
  });
  expect(series.gridFeeMicro.map((micro: string | null) => micro !== null)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const { text, headers } = await get(`1/grid.csv?${SPAN}`);
  expect(headers["content-type"]).toContain("text/csv");
  const [head, ...lines] = text.trim().split("\r\n");
  expect(head).toBe(
    "starts_at_utc,starts_at_local,area_id,interval_id,grid_import_wh,grid_export_wh,grid_import_w,grid_export_w," +
      "meters_read,readings_missing,grid_fee_micro",
  );
  expect(lines[0]).toBe(
    `1970-01-02T01:00:00Z,1970-01-02T02:00:00+01:00,1,100,400,0,1600,0,4,0,${series.gridFeeMicro[0]}`,
  );
  expect(lines[2]).toBe("1970-01-02T01:45:00Z,1970-01-02T02:45:00+01:00,1,103,0,900,0,3600,3,1,");
});

it("puts intervals together by hours, days and months of the zone, with the peaks within", async () => {
  const fee = (await get(`1/grid?${SPAN}`)).json().gridFeeMicro;
  const sums = { gridImportWh: [800], gridExportWh: [900], peakImportWh: [400], peakExportWh: [900] };
  const of = async (query: string) => (await get(`1/grid/series?${query}`)).json();
  expect(await of(`${SPAN}&by=hour`)).toMatchObject({ ...sums, startsAt: [90_000], gridFeeMicro: [fee] });
  // The second of January begins in Berlin an hour before it does in Greenwich.
  const [midnight, later] = [82_800, 169_200];
  const days = await of(`from=${midnight}&to=${later + 1}&by=day`);
  expect(days).toMatchObject({ ...sums, startsAt: [midnight], by: "day" });
  expect(await of(`${SPAN}&by=month`)).toMatchObject({ ...sums, startsAt: [0], by: "month" });
  expect(await of("from=0&to=0&by=month")).toMatchObject({ startsAt: [] });
});

it("takes intervals for a month and hours for a longer time, unless it is asked for something else", async () => {
  const byOf = async (days: number, by = "") =>
    (await get(`1/grid/series?from=0&to=${days * 86_400}${by}`)).json().by;
  expect(await byOf(32)).toBe("interval");
  expect(await byOf(33)).toBe("hour");
  expect(await byOf(366, "&by=interval")).toBe("interval");
  expect((await get("1/grid/series?from=0&to=1&by=week")).status).toBe(400);
});

it("counts intervals of which nobody sent a reading, once none is waited for", async () => {
  const readAt = 104 * 900;
  const unread = async (now: number) => {
    clock = now;
    return (await get(`1/grid?${SPAN}`)).json().missing.unreadIntervals;
  };
  expect(await unread(readAt)).toBe(0);
  expect(await unread(readAt + WAITING_SECONDS)).toBe(1);
  expect(await unread(readAt + WAITING_SECONDS + 2 * 900)).toBe(3);
  expect(await unread(readAt + 10_000_000)).toBe(Math.ceil(1_000_000 / 900) - 100 - 3);
});

it("forgets that a reading was missing when it comes", async () => {
  api.history.publish(103, { 4: [0, 0], 5: [0, 0], 6: [0, 900], 7: [100, 0] });
  await api.follow();
  expect((await get(`1/grid?${SPAN}`)).json()).toMatchObject({
    missing: { readings: 0 },
    peakExport: { energyWh: "800" },
  });
});

it("refuses an area that is not there, and a time that goes back or is too long", async () => {
  expect((await get(`9/grid?${SPAN}`)).status).toBe(404);
  for (const path of ["grid", "grid/series", "grid.csv"]) {
    expect((await get(`1/${path}?from=900&to=0`)).json()).toMatchObject({
      reason: "seriesRange",
      status: 422,
    });
    expect((await get(`1/${path}?from=0&to=40000000`)).json()).toMatchObject({ reason: "seriesRange" });
    expect((await get(`1/${path}?from=0`)).status).toBe(400);
  }
  expect((await get(`1/grid?${SPAN}&limitW=0`)).status).toBe(400);
});
