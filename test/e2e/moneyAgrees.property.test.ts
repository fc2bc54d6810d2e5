import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { movementsWire } from "#domains/accounts/wire.ts";
import type { billsWire } from "#domains/billing/wire.ts";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { MICRO_PER_CENT, roundParts } from "#kernel/units/roundedParts.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { memberRows } from "../../dashboard/src/operation/members/memberRows.ts";
import { projectCommunity, type RandomCommunity, randomCommunity } from "./randomMarkets.fixture.ts";

// Money of random markets: what cards, tables, bills, statements, files and the ledger say of one time agrees to the micro,
// and what is shown rounded adds up. The markets are the kernel's and the rules', the rows those of the projection, and every
// surface is asked as a page asks it.

type Bills = z.infer<typeof billsWire>["bills"];
type Bill = z.infer<typeof explainedBillWire>;
type Movements = z.infer<typeof movementsWire>;

const INTERVALS = 25;
const COMMUNITIES = process.env.COMMONWATT_DEEP ? 400 : 8;
/** A deep run takes some minutes. */
const PATIENCE_MS = 1_200_000;
const FIRST_SEED = 20_250_512;
const NOW = Date.parse("2035-01-01T00:00:00Z") / 1_000;

let api: ApiFixture;
let operator: SignedIn;
let community: RandomCommunity;

beforeAll(async () => {
  const tariffOf = (areaId: number, intervalId: number) => community.tariffOf(areaId, intervalId);
  community = randomCommunity(FIRST_SEED, 1);
  api = await openApiFixture({ now: () => NOW, tariffOf });
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api?.close());

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const sumOf = (values: readonly (string | undefined)[]) => sum(values.map((value) => BigInt(value ?? "0")));

it(
  `agrees on all surfaces in ${COMMUNITIES * INTERVALS} random markets`,
  async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COMMUNITIES; seed++) {
      community = randomCommunity(seed, INTERVALS);
      await projectCommunity(api.store, community);
      await expectAgreement(seed);
    }
  },
  PATIENCE_MS,
);

/** Of all time, of a part that ends among the intervals, and of the part that begins there. */
async function expectAgreement(seed: number): Promise<void> {
  const { from, between, to } = community;
  const spans = [
    { from, to },
    { from, to: between },
    { from: between, to: to + 30 * 86_400 },
  ];
  const span = spans[seed % spans.length]!;
  const { bills } = await get<{ bills: Bills }>(`bills?from=${span.from}&to=${span.to}&limit=500`);
  expectTable(bills, seed);
  const random = seededRandom(seed);
  for (const bill of bills) if (random() < 0.5) await expectAccount(bill, span, `seed ${seed}`);
  if (seed % 8 === 0) await expectMonth(seed);
}

async function get<Body>(path: string): Promise<Body> {
  return JSON.parse(await text(path)) as Body;
}

async function text(path: string): Promise<string> {
  const answer = await api.app.inject({ url: `/v1/${path}`, headers: operator });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.body;
}

/** The members' table: rows and columns add up exactly, and as they are shown. */
function expectTable(bills: Bills, seed: number): void {
  if (bills.length === 0) return;
  const rows = memberRows(bills);
  for (const of of ["exact", "shown"] as const) {
    const money = rows.map((row) => row.money.map((each) => each[of]));
    for (const row of money) expect(sum(row.slice(0, -1)), `${of} row, seed ${seed}`).toBe(row.at(-1));
    const columns = [...money.map((row, i) => [...row, ...rows[i]!.energies.map((each) => each[of])])];
    columns[0]!.forEach((_, j) => {
      const parts = columns.slice(0, -1).map((row) => row[j]!);
      expect(sum(parts), `${of} column ${j}, seed ${seed}`).toBe(columns.at(-1)![j]);
    });
  }
  expect(rows.map(({ money }) => money.at(-1)!.exact)).toEqual([
    ...bills.map(({ marketBillMicro }) => BigInt(marketBillMicro)),
    sumOf(bills.map(({ marketBillMicro }) => marketBillMicro)),
  ]);
}

/** One member's bill, lines, account and files of a time. */
async function expectAccount(
  listed: Bills[number],
  { from, to }: { from: number; to: number },
  seed: string,
): Promise<void> {
  const { account } = listed;
  const span = `from=${from}&to=${to}`;
  const { bill, reconciliation, lines } = await get<Bill>(`participants/${account}/bill?${span}&limit=500`);
  expect({ ...bill, reconciliation }, seed).toEqual(listed);
  const total = BigInt(reconciliation.totalMicro);
  expect(BigInt(bill!.marketBillMicro), seed).toBe(total);
  const parts = reconciliation.lines.map(({ micro }) => BigInt(micro));
  expect(sum(parts), seed).toBe(total);
  expect(sum([...roundParts(parts, { unit: MICRO_PER_CENT }).parts]), seed).toBe(
    roundParts(parts, { unit: MICRO_PER_CENT }).total,
  );
  const known = lines.filter(({ beyondMicro }) => beyondMicro !== null);
  expect(sumOf(known.flatMap((line) => [line.netMicro, line.beyondMicro!])), seed).toBe(total);
  await expectLedger({ account, from, to, reconciliation, lines }, seed);
  const csv = rowsOfCsv(await text(`participants/${account}/bill.csv?${span}`));
  expect(sumOf(csv.map((row) => row.bill_micro || "0")), seed).toBe(total);
  expect(sumOf(csv.map((row) => row.net_micro)), seed).toBe(BigInt(bill!.netMicro));
  const money = rowsOfCsv(await text(`participants/${account}/reconciliation.csv?${span}`));
  const ofBill = money.filter(({ part }) => part === "bill").map((row) => BigInt(row.amount_micro!));
  expect([sum(ofBill.slice(0, -1)), ofBill.at(-1)], seed).toEqual([total, total]);
  const ofAccount = money.filter(({ part }) => part === "account").map((row) => BigInt(row.amount_micro!));
  expect(sum(ofAccount.slice(0, -1)), seed).toBe(ofAccount.at(-1));
}

type Told = Pick<Bill, "reconciliation" | "lines"> & { account: number; from: number; to: number };

/**
 * What the reconciliation says of the account is what the ledger has: the settlements in the time; those after it for
 * intervals of the time; those in it for intervals before. Running balances lead from the opening to the closing one.
 */
async function expectLedger({ account, from, to, reconciliation, lines }: Told, seed: string): Promise<void> {
  const path = `participants/${account}/movements`;
  const { opening, closing, sums, movements } = await get<Movements>(
    `${path}?from=${from}&to=${to}&limit=500&only=payments`,
  );
  expect(sumOf([opening.wholeMicro, ...sums.map(({ wholeMicro }) => wholeMicro)]), seed).toBe(
    BigInt(closing.wholeMicro),
  );
  let balance = BigInt(opening.wholeMicro);
  for (const movement of movements.toReversed()) {
    balance += BigInt(movement.wholeMicro);
    expect(BigInt(movement.balanceMicro), seed).toBe(balance);
  }
  expect(balance, seed).toBe(BigInt(closing.wholeMicro));
  const all = rowsOfCsv(await text(`${path}.csv`)).filter(({ kind }) => kind === "settled");
  const paid = (isMeant: (at: number, startsAt: number) => boolean) =>
    -sumOf(
      all
        .filter((row) => isMeant(Date.parse(row.at_utc!) / 1_000, Number(row.interval_id) * 900))
        .map((row) => row.whole_micro),
    );
  const isOf = (startsAt: number) => startsAt >= from && startsAt < to;
  expect(reconciliation, seed).toMatchObject({
    throughAccountMicro: String(paid((at) => at >= from && at < to)),
    settledLaterMicro: String(paid((at, startsAt) => at >= to && isOf(startsAt))),
    settledForEarlierMicro: String(paid((at, startsAt) => at >= from && at < to && startsAt < from)),
  });
  expect(sumOf(lines.map(({ netMicro }) => netMicro)), seed).toBe(paid((_, startsAt) => isOf(startsAt)));
}

/** A month's statements, one by one and together, and its table of bills. */
async function expectMonth(seed: number): Promise<void> {
  const month = new Date(community.between * 1_000).toISOString().slice(0, 7);
  const bills = rowsOfCsv(await text(`bills.csv?month=${month}`));
  const page = await text(`statements?month=${month}`);
  expect(page.match(/<article>/g)?.length ?? 0).toBe(bills.length);
  for (const row of bills) {
    const html = await text(`participants/${row.account}/statement?month=${month}`);
    const figures = tablesOf(html);
    const [energy = [], money = []] = figures;
    const total = BigInt(row.bill_micro!);
    expect([energy.at(-3)?.at(-1), money.at(-1)?.at(-1)], `seed ${seed}`).toEqual([total, total]);
    expect(sum(money.slice(0, -1).map((cells) => cells.at(-1)!)), `seed ${seed}`).toBe(total);
    const balances = figures.at(-1)!;
    balances[0]!.forEach((_, j) => {
      const column = balances.map((cells) => cells[j]!);
      expect(sum(column.slice(0, -1)), `seed ${seed}`).toBe(column.at(-1));
    });
    expect(page).toContain(html.slice(html.indexOf("<article>"), html.indexOf("</article>")));
  }
}

/** Money in the tables of a statement: exact to six digits, row by row; rows without any are left out. */
function tablesOf(html: string): bigint[][][] {
  return [...html.matchAll(/<table[\s\S]*?<\/table>/g)].map(([table]) =>
    [...table.matchAll(/<tr>[\s\S]*?<\/tr>/g)]
      .map(([row]) =>
        [...row.matchAll(/>(-?[\d,]+\.\d{6})</g)].map(([, figure]) => BigInt(figure!.replace(/[.,]/g, ""))),
      )
      .filter((cells) => cells.length > 0),
  );
}

/** Rows of a CSV by their columns' names; cells with commas are quoted. */
function rowsOfCsv(csv: string): Record<string, string>[] {
  const cellsOf = (line: string) =>
    [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) => cell!.replace(/^"|"$/g, ""));
  const [names = [], ...rows] = csv.trim().split("\r\n").map(cellsOf);
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]!])));
}
