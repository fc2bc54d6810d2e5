import { afterAll, beforeAll, expect, test } from "vitest";
import { LAST_OF_APRIL, openTurnOfMonth, type TurnOfMonth } from "./turnOfMonth.fixture.ts";

// The account of member 4 trades in the last interval of April, which is settled in May, and in the first two of May.

const MAY = (LAST_OF_APRIL + 1) * 900;
const JUNE = Date.parse("2025-05-31T22:00:00Z") / 1_000;

let month: TurnOfMonth;
let get: TurnOfMonth["get"];

beforeAll(async () => {
  const intervalIds = [LAST_OF_APRIL, LAST_OF_APRIL + 1, LAST_OF_APRIL + 2];
  const accountNames = new Map([[24, "Weir Row 4"]]);
  const retailParts = new Map([[1, { gridFeeMicroPerKwh: 90_000, leviesMicroPerKwh: 50_000 }]]);
  month = await openTurnOfMonth({ intervalIds, importWh: 1_101, soldWh: 421 }, { accountNames, retailParts });
  ({ get } = month);
});
afterAll(() => month?.api.close());

type Money = Record<string, string> & { lines: { name: string; words: string; micro: string }[] };

const inMay = `from=${MAY}&to=${JUNE}`;

test.each([
  ["of April alone", `from=1&to=${MAY}`, ["settledLaterMicro"]],
  ["of May, with what April left", inMay, ["settledForEarlierMicro"]],
  ["of all time", "", []],
])(
  "the bill %s is what went through the account, by the supplier, and what bridges two bills",
  async (_, span, bridges) => {
    const { bill, reconciliation } = (await get(`participants/24/bill?${span}`)).json() as {
      bill: Record<string, string>;
      reconciliation: Money;
    };
    const { lines } = reconciliation;
    expect(lines.map(({ name }) => name)).toEqual(["throughAccountMicro", "bySupplierMicro", ...bridges]);
    const sum = lines.reduce((total, { micro }) => total + BigInt(micro), 0n);
    expect(sum).toBe(BigInt(bill.marketBillMicro!));
    const { sums } = (await get(`participants/24/movements?limit=1&${span}`)).json();
    const settled = sums.find(({ kind }: { kind: string }) => kind === "settled")?.wholeMicro ?? "0";
    expect(BigInt(reconciliation.throughAccountMicro!)).toBe(-BigInt(settled));
  },
);

test("the account reads like a bank's: opening, running balance, closing", async () => {
  const { opening, closing, movements } = (
    await get(`participants/24/movements?only=payments&${inMay}`)
  ).json();
  expect(movements.every(({ wholeMicro }: { wholeMicro: string }) => wholeMicro !== "0")).toBe(true);
  let balance = BigInt(opening.wholeMicro);
  for (const { wholeMicro, balanceMicro } of movements.toReversed()) {
    balance += BigInt(wholeMicro);
    expect(BigInt(balanceMicro)).toBe(balance);
  }
  expect(BigInt(closing.wholeMicro)).toBe(balance);
  const second = (await get(`participants/24/movements?only=payments&limit=1&offset=1&${inMay}`)).json();
  expect(second.movements[0]).toEqual(movements[1]);
});

test("the statement has issuer, number, period, levies, and where the money goes", async () => {
  const { body } = await get("participants/24/statement?month=2025-05");
  for (const text of [
    "Issuer",
    "the operator of Riverside",
    "-24-2025-05<",
    "Period",
    "Where the money goes",
  ])
    expect(body).toContain(text);
  expect(body).toContain(
    "Taxes and levies within the amount from the grid (Riverside &lt;b&gt;&amp;): €0.050 per kWh",
  );
  expect(body).toContain("Settled in this time, of an earlier bill");
});

test("all statements of a month are one page, all bills one table, for the operator alone", async () => {
  const { api, home, operator } = month;
  const { body, headers } = await get("statements?month=2025-05", operator);
  expect(body.match(/<article>/g)).toHaveLength(4);
  expect(body.match(/<h1>/g)).toHaveLength(4);
  expect(body).toContain("<dd>Weir Row 4</dd>");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  const own = (await get("participants/24/statement?month=2025-05", operator)).body;
  const article = own.slice(own.indexOf("<article>"), own.indexOf("</article>"));
  expect(body).toContain(article);

  const csv = (await get("bills.csv?month=2025-05", operator)).body
    .trim()
    .split("\r\n")
    .map((line) => line.split(","));
  const [names = [], ...rows] = csv;
  const { bills } = (await get(`bills?${inMay}`, operator)).json();
  expect(rows.map((row) => row[names.indexOf("bill_micro")])).toEqual(
    bills.map(({ marketBillMicro }: { marketBillMicro: string }) => marketBillMicro),
  );
  expect(rows.map((row) => row[names.indexOf("through_account_micro")])).toEqual(
    bills.map(({ reconciliation }: { reconciliation: Money }) => reconciliation.throughAccountMicro),
  );
  for (const path of ["statements", "bills.csv"])
    expect((await api.app.inject({ url: `/v1/${path}?month=2025-05`, headers: home })).statusCode).toBe(403);
});
