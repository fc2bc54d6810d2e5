import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { sumMovements } from "#domains/accounts/queries/movements.ts";
import {
  idOf,
  invoiceOf,
  PAYEE,
  SESSIONS_FROM,
  SESSIONS_NOW,
  saltOf,
  TOLD,
  tokenOf,
} from "#domains/charging/sessionHistory.fixture.ts";
import type {
  driverSessionWire,
  promiseWire,
  sessionEarningsWire,
  sessionRecordsWire,
  stationVehiclesWire,
} from "#domains/charging/sessionWire.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { AREA_ID, accountOf, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { openSessionsApi } from "./sessionsApi.fixture.ts";

const DAY = 86_400;

let opened: Awaited<ReturnType<typeof openSessionsApi>>;
beforeAll(async () => {
  opened = await openSessionsApi();
});
afterAll(() => opened?.close());

async function get(path: string, member: number | null = PAYEE) {
  const { headers } =
    member === null ? { headers: {} } : { headers: await signIn(opened.api.app, keyOf(member)) };
  const answer = await opened.api.app.inject({
    url: `/v1/areas/${AREA_ID}/${path}`,
    headers: { ...headers },
  });
  return { status: answer.statusCode, text: answer.body };
}

async function body<Wire extends z.ZodType>(path: string): Promise<z.infer<Wire>> {
  const { status, text } = await get(path);
  expect(status, text).toBe(200);
  return JSON.parse(text) as z.infer<Wire>;
}

const OF_PAYEE = `payee=${accountOf(PAYEE)}`;
const PATHS = [
  `session-records?${OF_PAYEE}`,
  `session-records.csv?${OF_PAYEE}`,
  `session-earnings?${OF_PAYEE}`,
  `stations/${PAYEE}/vehicles`,
];

it.each(PATHS)("keeps %s for the owner of the payee", async (path) => {
  expect((await get(path, null)).status).toBe(401);
  expect((await get(path, 5)).status).toBe(403);
  expect((await get(path)).status).toBe(200);
});

it("has the chain's side of each session and that of the book", async () => {
  const { sessions, stations } = await body<typeof sessionRecordsWire>(PATHS[0]!);
  expect(stations).toEqual(["north", "south"]);
  const of = (i: number) => sessions.find(({ id }) => id === idOf(TOLD[i]!))!;
  expect(sessions).toHaveLength(TOLD.length);
  expect(of(0)).toMatchObject({
    sessionStage: "finished",
    driver: accountOf(5),
    paidMicro: `${invoiceOf(TOLD[0]!).totalMicro}`,
    record: { stationId: "north", running: null, invoice: { energyWh: "12345" } },
  });
  expect(of(3)).toMatchObject({
    sessionStage: "held",
    record: { running: { energyWh: "3500", hasEnded: false }, invoice: null },
  });
  expect(of(4).record).toEqual({ stationId: "south", running: null, invoice: null });
});

it("filters by station", async () => {
  const { sessions } = await body<typeof sessionRecordsWire>(`${PATHS[0]}&station=south`);
  expect(new Set(sessions.map(({ id }) => id))).toEqual(new Set([idOf(TOLD[1]!), idOf(TOLD[4]!)]));
});

it("has earnings by day and month that are those of the account, to the micro", async () => {
  const earnings = await body<typeof sessionEarningsWire>(PATHS[2]!);
  const [first, second, third] = TOLD.map((told) => invoiceOf(told).totalMicro) as [bigint, bigint, bigint];
  expect(earnings).toMatchObject({
    earnedMicro: `${first + second}`,
    bookedMicro: `${first + second}`,
    awaitedMicro: `${third}`,
    awaitedSessions: 1,
    months: [{ sessions: 2, paidMicro: `${first + second}` }],
  });
  expect(earnings.days.map(({ paidMicro }) => paidMicro)).toEqual([`${second}`, `${first}`]);
  expect(earnings.days[0]!.from - earnings.days[1]!.from).toBe(DAY);
  const moved = await sumMovements(opened.store.db, { account: accountOf(PAYEE), from: SESSIONS_FROM });
  expect(moved.find(({ kind }) => kind === "sessionPaid")?.marginMicro).toBe(first + second);
});

it("has a table with a line a session, whose unknown cells are empty", async () => {
  const { text } = await get(PATHS[1]!);
  const [head = "", ...lines] = text.trimEnd().split("\r\n");
  const cell = (id: string, name: string) =>
    lines.find((line) => line.startsWith(id))?.split(",")[head.split(",").indexOf(name)];
  expect(lines).toHaveLength(TOLD.length);
  const paid = idOf(TOLD[0]!);
  const parts = ["session_micro", "energy_micro", "time_micro", "idle_micro"].map((name) => cell(paid, name));
  expect(parts.reduce((sum, part) => sum + BigInt(part ?? ""), 0n)).toBe(BigInt(cell(paid, "total_micro")!));
  expect([cell(idOf(TOLD[3]!), "total_micro"), cell(idOf(TOLD[3]!), "station")]).toEqual(["", "north"]);
});

it("says why a vehicle waits", async () => {
  const { now } = await body<typeof stationVehiclesWire>(PATHS[3]!);
  expect(now).toMatchObject({ limitW: 11_000, points: 4, isRationed: true, demandW: 17_000 });
  expect(now?.vehicles.map(({ id, offeredW, waiting }) => [id, offeredW, waiting?.kind ?? null])).toEqual([
    ["hurried", 11_000, null],
    ["patient", 0, "lessSlack"],
  ]);
});

const RUNS = TOLD[3]!;
const CAR = `capacityWh=60000&storedWh=20000&targetWh=48000&mostW=11000&departsAt=${SESSIONS_NOW + 4 * 3_600}`;

async function ofDriver(path: string, headers: Record<string, string>) {
  const url = `/v1/areas/${AREA_ID}/sessions/${idOf(RUNS)}/${path}`;
  const answer = await opened.api.app.inject({ url, headers });
  return { status: answer.statusCode, text: answer.body };
}

it.each(["driver", `promise?${CAR}`])("shows %s to nobody without the session's salt", async (path) => {
  expect((await ofDriver(path, {})).status).toBe(401);
  // The token is the beginning of a name that everybody reads on the chain.
  expect((await ofDriver(path, { "session-salt": tokenOf(RUNS) })).status).toBe(404);
  expect((await ofDriver(path, { "session-salt": saltOf(TOLD[4]!) })).status).toBe(404);
  expect((await ofDriver(path, { "session-salt": saltOf(RUNS) })).status).toBe(200);
});

it("shows a driver its session as it runs, by the tariff that it signed for", async () => {
  const { text } = await ofDriver("driver", { "session-salt": saltOf(RUNS) });
  const shown = JSON.parse(text) as z.infer<typeof driverSessionWire>;
  expect(shown).toMatchObject({
    ...{ stationId: "north", idToken: tokenOf(RUNS), hasPromise: true, invoice: null },
    session: { sessionStage: "held", limitMicro: "20000000" },
    running: { energyWh: "3500", hasEnded: false },
    tariff: { tariffId: "day and night", prices: [{ fromMinute: 0 }, { energyMicroPerKwh: "390000" }] },
  });
});

it("promises by the schedule, and less for less money where others come", async () => {
  const { text } = await ofDriver(`promise?${CAR}`, { "session-salt": saltOf(RUNS) });
  const { alone, crowded, ...rest } = JSON.parse(text) as z.infer<typeof promiseWire>;
  expect(rest).toMatchObject({ others: 2, comers: 1, limitW: 11_000 });
  expect(crowded.energyWh).toBeLessThanOrEqual(alone.energyWh);
  expect(BigInt(crowded.costMicro)).toBeLessThanOrEqual(BigInt(alone.costMicro));
  for (const { energyWh, storedWh, costMicro } of [alone, crowded]) {
    expect(storedWh).toBe(Math.floor(20_000 + energyWh * 0.92));
    // All of it after eight in the morning: 0.35 a session, 0.39 a kWh.
    const feeMicro = energyWh === 0 ? 350_000n : 350_000n + BigInt(energyWh) * 390n;
    expect(BigInt(costMicro) - feeMicro).toBeLessThanOrEqual(1_000n);
  }
});

it("shows everybody what a session costs", async () => {
  const { text } = await get("charging-prices", null);
  expect(JSON.parse(text)).toMatchObject({
    stations: [{ stationId: "north", tariff: { sessionFeeMicro: "350000", idleGraceSeconds: 900 } }],
  });
});
