import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { movements } from "#domains/accounts/tables.ts";
import { billLines } from "#domains/billing/tables.ts";
import { intervals, orders } from "#domains/pool/tables.ts";
import type { ApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import { keyOf } from "#platform/store/marketHistory.fixture.ts";
import { LAST_OF_APRIL, openTurnOfMonth, type TurnOfMonth } from "./turnOfMonth.fixture.ts";

let api: ApiFixture;
let home: SignedIn;
let other: SignedIn;
let operator: SignedIn;

let month: TurnOfMonth;

beforeAll(async () => {
  const intervalIds = [LAST_OF_APRIL, LAST_OF_APRIL + 1, LAST_OF_APRIL + 97];
  const accountNames = new Map([[24, `Home "4" <script>alert(1)</script>`]]);
  month = await openTurnOfMonth({ intervalIds, importWh: 1_100, soldWh: 420 }, { accountNames });
  ({ api, home, operator } = month);
  other = await signIn(api.app, keyOf(5));
});
afterAll(() => api?.close());

/** Of a participant, the home's owner by default. */
const get = (path: string, headers: Partial<SignedIn> = home) => month.get(`participants/${path}`, headers);

/** Text of a page without its marks. */
const plain = (html: string) =>
  html
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

/** The figure that stands in the row of a table, by column. */
function figures(html: string, row: string): string[] {
  const found = html.match(/<tr>.*?<\/tr>/gs)?.find((text) => text.includes(`>${row}`)) ?? "";
  return [...found.matchAll(/<t[dh]>([^<]*)<\/t[dh]>/g)].slice(1).map(([, cell]) => cell!);
}

const micro = (text: string) => BigInt(text.replace(".", ""));

test("the statement of a month has the month's intervals by the area's clock, and its sums", async () => {
  const { body } = await get("24/statement?month=2025-05");
  expect(plain(body)).toContain("Statement for May 2025");
  expect(plain(body)).toContain(
    "1 May 2025, 00:00 to 1 Jun 2025, 00:00 (Europe/Berlin), as known on 20 May 2025",
  );
  expect(plain(body)).toContain(
    "0.84 kWh of 2.20 kWh imported came from neighbours; the bill is €0.57, against €0.66 at the tariff alone: €0.09 saved.",
  );
  expect(figures(body, "Bought from neighbours")).toEqual(["0.840", "0.145320"]);
  expect(figures(body, "From the grid")).toEqual(["1.360", "0.408000"]);
  expect(figures(body, "Grid fee")).toEqual(["0.840", "0.016800"]);
  expect(figures(body, "Saving")).toEqual(["", "0.089880"]);
  const parts = ["Bought from", "From the grid", "To the grid", "Grid fee"];
  expect(body.match(/<tbody>.*?<\/tbody>/s)?.[0].match(/<tr>/g)).toHaveLength(parts.length);
  const total = parts.reduce((sum, row) => sum + micro(figures(body, row)[1]!), 0n);
  expect(micro(figures(body, "Paid in all")[1]!)).toBe(total);
  expect(plain((await get("24/statement?month=2025-04")).body)).toContain("0.42 kWh of 1.10 kWh imported");
});

test("each day of the statement has a sentence and leads to its lines", async () => {
  const { body } = await get("24/statement?month=2025-05");
  const days = body.match(/bill\.csv\?from=\d+&amp;to=\d+">[^<]+/g)!;
  expect(days.map((day) => day.split(">")[1])).toEqual(["Thu 1 May", "Fri 2 May"]);
  const link = days[0]!.split('"')[0]!.replace("&amp;", "&");
  const lines = (await get(`24/${link}`)).body.split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain("2025-05-01T00:00:00+02:00");
});

test("opening balance, movements and closing balance add up to what the account has", async () => {
  const { body } = await get("24/statement?month=2025-05");
  const columns = [0, 1, 2].map((column) => {
    const at = (row: string) => micro(figures(body, row)[column]!);
    expect(at("Opening") + at("Reserved for trades") + at("Settled trades")).toBe(at("Closing"));
    return at("Closing");
  });
  const account = (await get("24")).json();
  expect(columns).toEqual([account.freeMicro, account.marginMicro, account.escrowMicro].map(BigInt));
});

test("names are text, and the page can do nothing but show its own style", async () => {
  const answer = await get("24/statement");
  expect(answer.body).not.toContain("<script");
  expect(answer.body).toContain("Home &quot;4&quot; &lt;script&gt;alert(1)&lt;/script&gt;");
  expect(answer.body).toContain("Riverside &lt;b&gt;&amp;");
  const style = /<style>([\s\S]*)<\/style>/.exec(answer.body)![1]!;
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = String(answer.headers["content-security-policy"]);
  expect(policy).toContain(`style-src 'sha256-${hash}'`);
  expect(policy).toContain("default-src 'none'");
  expect(answer.body).not.toMatch(/\s(style|on\w+)="/);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
});

test("the statement is of the current month when none is asked for, and tells how to check it", async () => {
  const { body } = await get("24/statement");
  expect(plain(body)).toContain("Statement for May 2025");
  expect(body).toContain(addressOf(api.store.deployment, "poolMarket"));
  const links = body.match(/\/v1\/intervals\/\d+\/\d+\/evidence/g)!;
  expect(links).toHaveLength(4);
  for (const url of links) expect((await api.app.inject({ url })).statusCode).toBe(200);
});

test("a month without anything is a statement too, up to the calendar's end", async () => {
  for (const month of ["1970-01", "2025-06", "9999-12"])
    expect(plain((await get(`24/statement?month=${month}`)).body)).toContain("Closing balance");
});

test("accounts without meters have a statement of their money alone", async () => {
  const { body } = await get("21/statement?month=2025-05", operator);
  expect(plain(body)).toContain("No energy was metered in this month.");
  expect(plain(body)).toContain("Received as supplier (3)");
});

/** Cells of a CSV, by RFC 4180. */
function parseCsv(text: string): Record<string, string>[] {
  const rows = [...text.matchAll(/((?:"(?:[^"]|"")*"|[^,\r]*)(?:,(?:"(?:[^"]|"")*"|[^,\r]*))*)\r\n/g)].map(
    ([, line]) =>
      [...line!.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) =>
        cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
      ),
  );
  const [names = [], ...lines] = rows;
  return lines.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]!])));
}

test("the bill as CSV has every line of the bill, the oldest first, with its reason", async () => {
  const answer = await get("24/bill.csv");
  expect(answer.headers["content-type"]).toContain("text/csv; charset=utf-8");
  expect(answer.headers["content-disposition"]).toBe('attachment; filename="commonwatt-account-24-bill.csv"');
  const rows = parseCsv(answer.body);
  const { lines } = (await get("24/bill")).json() as { lines: Record<string, string>[] };
  expect(rows.map((row) => Number(row.interval_id))).toEqual(lines.map((line) => line.intervalId).reverse());
  lines.reverse().forEach((line, i) => {
    const row = rows[i]!;
    for (const [column, field] of [
      ["import_wh", "importWh"],
      ["grid_import_wh", "gridImportWh"],
      ["net_micro", "netMicro"],
      ["beyond_micro", "beyondMicro"],
      ["tariff_micro", "tariffMicro"],
      ["member", "member"],
      ["is_reading_missing", "isReadingMissing"],
      ["reason", "reason"],
    ] as const)
      expect(row[column], column).toBe(String(line[field]));
    const charges = line.charges as unknown as { kind: string; energyWh: string; amountMicro: string }[];
    const [trades, fee] = ["pool.trades", "pool.gridFee"].map((kind) =>
      charges.find((charge) => charge.kind === kind),
    );
    expect([row.pool_trades_wh, row.pool_trades_micro]).toEqual([trades?.energyWh, trades?.amountMicro]);
    expect(row.pool_grid_fee_micro).toBe(fee?.amountMicro);
    expect(trades).toBeDefined();
    expect(row.book_root).toMatch(/^0x[0-9a-f]{64}$/);
    expect(row.readings_root).toMatch(/^0x[0-9a-f]{64}$/);
  });
  const last = rows.at(-1)!;
  expect(last.starts_at_utc).toBe("2025-05-01T22:00:00Z");
  expect(last.starts_at_local).toBe("2025-05-02T00:00:00+02:00");
  expect(last.retail_micro_per_kwh).toBe("300000");
});

test("orders as CSV are those of the API, movements sum to the balances", async () => {
  const orders = parseCsv((await get("24/orders.csv")).body);
  const listed = (await get("24/orders?limit=500")).json().orders as { orderId: string; status: string }[];
  expect(orders.map((row) => [row.order_id, row.status]).sort()).toEqual(
    listed.map(({ orderId, status }) => [orderId, status]).sort(),
  );
  const movements = parseCsv((await get("24/movements.csv")).body);
  const { freeMicro, marginMicro, escrowMicro } = (await get("24")).json();
  const sum = (name: string) => movements.reduce((total, row) => total + BigInt(row[name]!), 0n);
  expect([sum("free_micro"), sum("margin_micro"), sum("escrow_micro")].map(String)).toEqual([
    freeMicro,
    marginMicro,
    escrowMicro,
  ]);
});

test("tables of more than one page come whole, in order, and page by page", async () => {
  await fillPages({ member: 7, account: 27 });
  const key = await signIn(api.app, keyOf(7));
  const select = vi.spyOn(api.store.db, "select");
  const queriesOf = async (name: string) => {
    select.mockClear();
    const rows = parseCsv((await get(`27/${name}.csv?from=${FILLED_FROM}&to=${FILLED_TO}`, key)).body);
    return { rows, queries: select.mock.calls.length };
  };
  const bills = await queriesOf("bill");
  expect(bills.rows.map((row) => Number(row.interval_id))).toEqual(FILLED);
  const orders = await queriesOf("orders");
  expect(orders.rows.map((row) => Number(row.interval_id))).toEqual(FILLED);
  const movements = await queriesOf("movements");
  expect(movements.rows.map((row) => `${row.interval_id} ${row.kind}`)).toEqual(
    FILLED.flatMap((id) => [`${id} reserved`, `${id} settled`]),
  );
  expect(bills.queries).toBeGreaterThan(orders.queries);
  expect(movements.queries).toBeGreaterThan(orders.queries);
  select.mockRestore();
});

/** More intervals than two pages hold. */
const FILLED = Array.from({ length: 1_100 }, (_, i) => 10_000 + i);
const FILLED_FROM = 10_000 * 900;
const FILLED_TO = 11_100 * 900;

/** Lines, orders and movements of a member straight into the database: a chain's history of them takes long. */
async function fillPages(whose: { member: number; account: number }): Promise<void> {
  const { db } = api.store;
  const [line] = await db.select().from(billLines).limit(1);
  const [order] = await db.select().from(orders).limit(1);
  const [interval] = await db.select().from(intervals).limit(1);
  const [movement] = await db.select().from(movements).limit(1);
  const of = (intervalId: number) => ({ areaId: 1, intervalId, ...whose, startsAt: intervalId * 900 });
  await insertAll(
    db,
    intervals,
    FILLED.map((id) => ({ ...interval!, ...of(id) })),
  );
  await insertAll(
    db,
    billLines,
    FILLED.map((id) => ({ ...line!, ...of(id) })),
  );
  const digest = (id: number) => `0x${createHash("sha256").update(String(id)).digest("hex")}`;
  await insertAll(
    db,
    orders,
    FILLED.map((id) => ({ ...order!, ...of(id), orderId: digest(id) })),
  );
  const moved = FILLED.flatMap((id) =>
    (["settled", "reserved"] as const).map((kind) => ({
      ...movement!,
      ...of(id),
      kind,
      timestamp: id * 900,
    })),
  );
  await insertAll(
    db,
    movements,
    moved.map((row) => ({ ...row, block: row.intervalId, logIndex: 0 })),
  );
}

test.each([
  ["24/statement", null, 401],
  ["24/bill.csv", null, 401],
  ["24/orders.csv", "other", 403],
  ["24/movements.csv", "other", 403],
  ["24/statement", "other", 403],
  ["99/statement", "operator", 404],
  ["99/bill.csv", "operator", 404],
  ["24/statement?month=2025-13", "home", 400],
  ["24/statement?month=0001-01", "home", 400],
  ["24/statement?month=May", "home", 400],
  ["24/bill.csv?from=-1", "home", 400],
  ["24/bill.csv?limit=1", "home", 400],
])("%s asked by %s is answered %i", async (path, who, status) => {
  const headers = { home, other, operator }[who ?? ""] ?? {};
  const answer = await api.app.inject({ url: `/v1/participants/${path}`, headers });
  expect(answer.statusCode, answer.body).toBe(status);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
});
