import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Order } from "#domains/pool/rules/order.ts";
import { MICRO_PER_FINE, roundToNearest } from "#kernel/units/roundedParts.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { accountOf, homeOrder, keyOf } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let homes: Record<number, SignedIn>;

const order = (
  side: "bid" | "offer",
  participant: number,
  energyWh: number,
  price: number,
): Order<number> => ({ side, participant, energyWh, limitPriceMicroPerKwh: price * 1_000, sequence: 0 });

beforeAll(async () => {
  api = await openApiFixture();
  const { history } = api;
  const sign = (intervalId: number, orders: readonly Order<number>[]) =>
    orders.map((each) => homeOrder(intervalId, each));
  // 103: offers are sold out. 104: nobody offers. 105: the bid is too low. 106: no clearing. 107: given back, and read later.
  const soldOut = history.clear(103, sign(103, [order("bid", 4, 900, 200), order("offer", 6, 420, 146)]));
  history.publish(103, { 4: [1_100, 0], 5: [300, 0], 6: [0, 500], 7: [0, 0] });
  history.settle(soldOut);
  history.clear(104, sign(104, [order("bid", 4, 900, 200)]));
  history.publish(104, { 4: [1_100, 0] });
  history.clear(105, sign(105, [order("bid", 4, 900, 150), order("offer", 6, 420, 180)]));
  history.publish(105, { 4: [800, 0], 6: [0, 400] });
  history.publish(106, { 4: [100, 0] });
  const undone = history.clear(107, sign(107, [order("bid", 4, 900, 200), order("offer", 6, 420, 146)]));
  history.returnPage(undone);
  history.publish(107, { 4: [500, 0], 6: [0, 420] });
  // 108: no reading of member 4 came in time, nor did a supplier stand for it. 109: the clearing was given up.
  const trade = (intervalId: number) =>
    sign(intervalId, [order("bid", 4, 900, 200), order("offer", 6, 420, 146)]);
  const unread = history.clear(108, trade(108), { isSupplied: false });
  history.publish(108, { 6: [0, 420] });
  history.settle(unread);
  history.abandon(history.clear(109, trade(109), { maxStepOrders: 1, onlySteps: 1 }));
  history.publish(109, { 4: [300, 0], 6: [0, 420] });
  // 110: as 108, but the reading comes at last.
  const late = history.clear(110, trade(110));
  history.publish(110, { 6: [0, 420] });
  history.settle(late);
  history.publish(110, { 4: [300, 0], 6: [0, 420] });
  await api.follow();
  homes = Object.fromEntries(
    await Promise.all([4, 5, 6, 7].map(async (member) => [member, await signIn(api.app, keyOf(member))])),
  );
});
afterAll(() => api?.close());

const WH_PER_KWH = 1_000;
type Line = Record<string, string> & { intervalId: number };

async function bill(member: number, query = "") {
  const url = `/v1/participants/${accountOf(member)}/bill${query}`;
  const answer = await api.app.inject({ url, headers: homes[member] ?? {} });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { bill: object; summary: string; lines: Line[]; from: number; to: number };
}

async function reasonOf(member: number, intervalId: number): Promise<string> {
  const { lines } = await bill(member);
  return lines.find((line) => line.intervalId === intervalId)!.reason!;
}

test.each([
  [
    103,
    4,
    "0.42 kWh of 1.10 kWh imported were bought locally at €0.173; 0.68 kWh came from the grid at €0.300: 0.48 since local offers were sold out at 02:45, 0.20 since more was used than the 0.90 ordered; the grid fee on 0.42 kWh was €0.020 a kWh. Paid in all: €0.285.",
  ],
  [103, 5, "0.30 kWh came from the grid at €0.300, since no order was placed. Paid in all: €0.090."],
  [
    103,
    6,
    "0.42 kWh of 0.50 kWh exported were sold locally at €0.173; 0.08 kWh went to the grid at €0.080, since more was fed in than the 0.42 ordered. Received in all: €0.079.",
  ],
  [103, 7, "Nothing was imported, exported or traded."],
  [
    104,
    4,
    "1.10 kWh came from the grid at €0.300: 0.90 since nobody offered energy, 0.20 since more was used than the 0.90 ordered. Paid in all: €0.330.",
  ],
  [
    105,
    4,
    "0.80 kWh came from the grid at €0.300, since the bid of €0.150 was below €0.180, the lowest offer left. Paid in all: €0.240.",
  ],
  [
    105,
    6,
    "0.40 kWh went to the grid at €0.080, since the offer of €0.180 was above €0.150, the highest bid left. Received in all: €0.032.",
  ],
  [106, 4, "0.10 kWh came from the grid at €0.300, since the interval had no market. Paid in all: €0.030."],
  [
    107,
    4,
    "0.50 kWh came from the grid at €0.300, since the market of the interval was given back, as its readings did not come in time. Paid in all: €0.150.",
  ],
  [
    100,
    4,
    "0.50 kWh were bought locally at €0.175; all 0.45 kWh imported were part of it; 0.05 kWh bought were not used and credited at €0.080; the grid fee on 0.45 kWh was €0.020 a kWh. Paid in all: €0.093.",
  ],
  [
    100,
    7,
    "0.30 kWh were sold locally at €0.175; all 0.10 kWh exported were part of it; 0.20 kWh sold were not delivered and charged at €0.330. Paid in all: €0.014.",
  ],
  [
    108,
    4,
    "No reading came in time, so that the settlement counted zero; 0.42 kWh were bought locally at €0.173; 0.42 kWh bought were not used and earn nothing, as no supplier stood for the interval. Paid in all: €0.073.",
  ],
  [
    110,
    4,
    "No reading came in time, so that the settlement counted zero; 0.42 kWh were bought locally at €0.173; 0.30 kWh came from the grid at €0.300, since its reading came after the settlement; 0.42 kWh bought were not used and credited at €0.080. Paid in all: €0.129.",
  ],
  [
    109,
    4,
    "0.30 kWh came from the grid at €0.300, since the clearing of the interval was given up. Paid in all: €0.090.",
  ],
])("the line of interval %i of member %i says why", async (intervalId, member, sentence) => {
  expect(await reasonOf(member, intervalId)).toBe(sentence);
});

test("each sentence names the line's energies and money, to the Wh and the thousandth", async () => {
  for (const member of [4, 5, 6, 7]) {
    for (const line of (await bill(member)).lines) {
      const { reason, importWh, exportWh, gridImportWh, gridExportWh, netMicro, beyondMicro } = line;
      const text = reason!;
      expect(namedWh(text, /([\d.]+) kWh came from the grid/)).toBe(Number(gridImportWh));
      expect(namedWh(text, /([\d.]+) kWh went to the grid/)).toBe(Number(gridExportWh));
      const localImport = namedWh(text, /([\d.]+) kWh (of [\d.]+ kWh )?imported were (bought|part)/);
      const localExport = namedWh(text, /([\d.]+) kWh (of [\d.]+ kWh )?exported were (sold|part)/);
      expect(localImport + Number(gridImportWh), text).toBe(Number(importWh));
      expect(localExport + Number(gridExportWh), text).toBe(Number(exportWh));
      const [, way, amount] = /(Paid|Received) in all: €(\d+\.\d{3})\./.exec(text) ?? [];
      const named = BigInt((amount ?? "0").replace(".", "")) * (way === "Received" ? -1n : 1n);
      const exact = BigInt(netMicro ?? 0) + BigInt(beyondMicro ?? 0);
      expect(named * MICRO_PER_FINE, text).toBe(roundToNearest(exact, MICRO_PER_FINE));
    }
  }
});

function namedWh(text: string, pattern: RegExp): number {
  return Math.round(Number(pattern.exec(text)?.[1] ?? 0) * WH_PER_KWH);
}

test("lines come latest first, by pages, with the whole time in one sentence", async () => {
  const all = await bill(4, "?from=90000&to=93600");
  expect(all.lines.map(({ intervalId }) => intervalId)).toEqual([103, 101, 100]);
  expect([all.from, all.to]).toEqual([90_000, 93_600]);
  expect(all.summary).toBe(
    "1.32 kWh of 2.00 kWh imported came from neighbours; the bill is €0.47, against €0.60 at the tariff alone: €0.13 saved.",
  );
  const page = await bill(4, "?from=90000&to=93600&limit=1&offset=1");
  expect(page.lines).toEqual([all.lines[1]]);
  expect(page.bill).toEqual(all.bill);
});

test("a time without a line has no bill", async () => {
  expect(await bill(4, "?from=1&to=2")).toMatchObject({
    bill: null,
    summary: null,
    from: 1,
    to: 2,
    lines: [],
  });
});

test("a page of lines takes as many queries as one line", async () => {
  const select = vi.spyOn(api.store.db, "select");
  const queriesFor = async (limit: number) => {
    select.mockClear();
    expect((await bill(4, `?limit=${limit}`)).lines).toHaveLength(limit);
    return select.mock.calls.length;
  };
  const one = await queriesFor(1);
  expect(one).toBeGreaterThan(3);
  expect(await queriesFor(8)).toBe(one);
  select.mockRestore();
});

test.each([
  ["/v1/participants/24/bill", null, 401],
  ["/v1/participants/24/bill", 5, 403],
  ["/v1/participants/99/bill", 4, 404],
  ["/v1/participants/24/bill?from=x", 4, 400],
  ["/v1/participants/24/bill?limit=501", 4, 400],
])("%s asked by %s is answered %i", async (url, member, status) => {
  const headers = member === null ? {} : homes[member]!;
  expect((await api.app.inject({ url, headers })).statusCode).toBe(status);
});
