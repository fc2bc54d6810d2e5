import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { allMovements } from "#domains/accounts/tables.ts";
import { allCharges } from "#domains/billing/tables.ts";
import type { gridSeriesWire, gridWire } from "#domains/grid/wire.ts";
import { allReadings } from "#domains/metering/tables.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { INTERVAL_SECONDS } from "#platform/store/marketHistory.fixture.ts";
import { sealAll } from "#platform/store/sealed/sealAll.fixture.ts";
import { projectCommunity, randomCommunity } from "./randomMarkets.fixture.ts";

// What the grid operator is told of random markets is what the ledger, the charges and the readings say, in all four shapes of
// the answer: sums, days and months, columns, and the file.

type Grid = z.infer<typeof gridWire>;
type Series = z.infer<typeof gridSeriesWire>;
type Row = Readonly<Record<string, string>>;

const INTERVALS = 25;
const COMMUNITIES = process.env.COMMONWATT_DEEP ? 400 : 6;
const PATIENCE_MS = 1_200_000;
const FIRST_SEED = 20_251_130;

let api: ApiFixture;
let community = randomCommunity(FIRST_SEED, 1);

beforeAll(async () => {
  api = await openApiFixture({ now: () => community.to });
});
afterAll(() => api?.close());

it(
  `agrees with ledger, charges and readings in ${COMMUNITIES * INTERVALS} random markets`,
  async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COMMUNITIES; seed++) {
      community = randomCommunity(seed, INTERVALS);
      await projectCommunity(api.store, community);
      if (seed % 2 === 0) await sealAll(api.store);
      const { from, between, to } = community;
      const spans = [
        { from, to },
        { from, to: between },
        { from: between, to: to + 30 * 86_400 },
      ];
      await expectAgreement(spans[seed % spans.length]!, `seed ${seed}`);
    }
  },
  PATIENCE_MS,
);

type Told = { readonly netWh: number; readonly feeMicro: bigint };

/** Each interval of a time by readings and by the ledger, whose fees are those that members are charged. */
async function toldByLedger({ from, to }: { from: number; to: number }, seed: string) {
  const { db } = api.store;
  const isIn = (intervalId: number | null) => {
    const at = (intervalId ?? -1) * INTERVAL_SECONDS;
    return at >= from && at < to;
  };
  const told = new Map<number, Told>();
  const add = (intervalId: number | null, { netWh, feeMicro }: Partial<Told>) => {
    if (intervalId === null || !isIn(intervalId)) return;
    const known = told.get(intervalId) ?? { netWh: 0, feeMicro: 0n };
    told.set(intervalId, {
      netWh: known.netWh + (netWh ?? 0),
      feeMicro: known.feeMicro + (feeMicro ?? 0n),
    });
  };
  for (const { intervalId, importWh, exportWh } of await db.select().from(allReadings))
    add(intervalId, { netWh: importWh - exportWh });
  const moved = await db.select().from(allMovements).where(eq(allMovements.kind, "gridFee"));
  for (const { intervalId, marginMicro } of moved) add(intervalId, { feeMicro: marginMicro });
  const charged = await db.select().from(allCharges).where(eq(allCharges.kind, "pool.gridFee"));
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  expect(sum(charged.map(({ amountMicro }) => amountMicro)), seed).toBe(
    sum(moved.map(({ marginMicro }) => marginMicro)),
  );
  return [...told].sort(([one], [other]) => one - other).map(([id, each]) => ({ id, ...each }));
}

async function expectAgreement(span: { from: number; to: number }, seed: string): Promise<void> {
  const told = await toldByLedger(span, seed);
  const sum = (valueIn: (each: (typeof told)[number]) => number) =>
    told.reduce((total, each) => total + valueIn(each), 0);
  const fees = told.reduce((total, { feeMicro }) => total + feeMicro, 0n);
  const most = Math.max(0, ...told.map(({ netWh }) => netWh));
  const sums = {
    gridImportWh: String(sum(({ netWh }) => Math.max(netWh, 0))),
    gridExportWh: String(sum(({ netWh }) => Math.max(-netWh, 0))),
    gridFeeMicro: String(fees),
  };
  const grid = await get<Grid>("grid", span);
  expect(grid, seed).toMatchObject({ ...sums, intervals: told.length, peakImportWh: String(most) });
  const first = told.find(({ netWh }) => netWh === most);
  expect(grid.peakImport?.intervalId, seed).toBe(most > 0 ? first?.id : undefined);
  expect(micros(grid.months), seed).toBe(fees);
  expect(micros(grid.days), seed).toBe(fees);
  for (const by of ["interval", "hour", "day", "month"] as const)
    expectColumns(await get<Series>("grid/series", span, `&by=${by}`), sums, seed);
  expectFile(rowsOf(await text("grid.csv", span)), told, seed);
}

function expectColumns(series: Series, sums: Record<string, string>, seed: string): void {
  const sumOf = (column: readonly (number | null)[]) =>
    String(column.reduce<number>((total, value) => total + (value ?? 0), 0));
  expect(
    {
      gridImportWh: sumOf(series.gridImportWh),
      gridExportWh: sumOf(series.gridExportWh),
      gridFeeMicro: String(series.gridFeeMicro.reduce((total, micro) => total + BigInt(micro ?? 0), 0n)),
    },
    `${seed} by ${series.by}`,
  ).toEqual(sums);
}

function expectFile(rows: readonly Row[], told: readonly (Told & { readonly id: number })[], seed: string) {
  expect(
    rows.map((row) => [
      Number(row.interval_id),
      Number(row.grid_import_wh) - Number(row.grid_export_wh),
      BigInt(row.grid_fee_micro || "0"),
    ]),
    seed,
  ).toEqual(told.map(({ id, netWh, feeMicro }) => [id, netWh, feeMicro]));
}

function micros(rows: readonly { readonly gridFeeMicro: string }[]): bigint {
  return rows.reduce((total, { gridFeeMicro }) => total + BigInt(gridFeeMicro), 0n);
}

async function get<Body>(path: string, span: { from: number; to: number }, more = ""): Promise<Body> {
  return JSON.parse(await text(path, span, more)) as Body;
}

async function text(path: string, { from, to }: { from: number; to: number }, more = ""): Promise<string> {
  const answer = await api.app.inject({ url: `/v1/areas/1/${path}?from=${from}&to=${to}${more}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.body;
}

function rowsOf(csv: string): Row[] {
  const [head = "", ...lines] = csv.trim().split("\r\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}
