import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { EXPORTED_TABLES } from "./exportedTables.ts";

let api: ApiFixture;
let operator: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api.close());

const get = (url: string, headers: Partial<SignedIn> = operator) =>
  api.app.inject({ method: "GET", url, headers });

const linesOf = (text: string) => text.trimEnd().split("\r\n");

test("every number of an export has its unit in its name, or is a number or a count of something", () => {
  const units =
    /_(wh|w|micro|micro_per_kwh|micro_per_kw|micro_per_ether|thousandth_micro|unix_s|seconds|minutes|permille|gas)$/;
  const counts = new Set(COUNTS);
  const bare = [...EXPORTED_TABLES.values()].flatMap(({ name, columns }) =>
    columns
      .filter(({ type, name: column }) => type === "INT64" && !units.test(column) && !counts.has(column))
      .map((column) => `${name}.${column.name}`),
  );
  expect(bare).toEqual([]);
});

/** Numbers of things, and how many of them there are. */
const COUNTS = [
  "bids",
  "cut_member",
  "driver",
  "driver_seat",
  "from_seat",
  "intervals",
  "missing",
  "offers",
  "open_deposits",
  "payee",
  "payee_seat",
  "readings_meters",
  "readings_version",
  "stations",
  "steps",
  "tariff_version",
  "to_seat",
  "unpaid",
  "account",
  "area_id",
  "attempt",
  "block",
  "bought",
  "buyer",
  "buyer_member",
  "certificate_number",
  "connector",
  "dso",
  "entity",
  "from_interval",
  "from_period",
  "fund",
  "interval_id",
  "log_index",
  "member",
  "meters",
  "number",
  "orders",
  "page",
  "period",
  "place",
  "pages",
  "seat",
  "seller",
  "seller_member",
  "sequence",
  "station",
  "step",
  "supplied_by",
  "supplied_until",
  "supplier",
  "terms_version",
  "trades",
  "version",
];

test("each table comes as CSV and as Parquet, with the same rows", async () => {
  const { tables } = (await get("/v1/areas/1/exports")).json();
  expect(tables.length).toBe(EXPORTED_TABLES.size);
  let rows = 0;
  for (const { name, columns } of tables as { name: string; columns: { name: string }[] }[]) {
    const csv = await get(`/v1/areas/1/exports/${name}`);
    expect(csv.statusCode, name).toBe(200);
    const [header, ...lines] = linesOf(csv.body);
    expect(header).toBe(columns.map((column) => column.name).join(","));
    const parquet = await get(`/v1/areas/1/exports/${name}?format=parquet`);
    expect(parquet.statusCode, name).toBe(200);
    const bytes = Uint8Array.from(parquet.rawPayload);
    const objects = await parquetReadObjects({ file: bytes.buffer });
    expect(objects.length, name).toBe(lines.length);
    rows += lines.length;
  }
  expect(rows).toBeGreaterThan(50);
});

test("numbers are the same in both, to the unit", async () => {
  const csv = linesOf((await get("/v1/areas/1/exports/bill_lines")).body);
  const names = (csv[0] ?? "").split(",");
  const at = names.indexOf("import_wh");
  const sum = csv.slice(1).reduce((total, line) => total + BigInt(line.split(",")[at] ?? ""), 0n);
  const bytes = Uint8Array.from((await get("/v1/areas/1/exports/bill_lines?format=parquet")).rawPayload);
  const objects = (await parquetReadObjects({ file: bytes.buffer })) as {
    import_wh: bigint;
    starts_at_unix_s: bigint;
  }[];
  expect(objects.reduce((total, { import_wh }) => total + import_wh, 0n)).toBe(sum);
  // 450 and 700 Wh in, in each of two intervals.
  expect(sum).toBe(2_300n);
  expect(objects[0]?.starts_at_unix_s).toBe(90_000n);
});

test("a time is asked for by the start of its intervals", async () => {
  const rows = async (query: string) =>
    linesOf((await get(`/v1/areas/1/exports/bill_lines?${query}`)).body).length - 1;
  expect(await rows("from=90000&to=90900")).toBe(4);
  expect(await rows("from=90001")).toBe(4);
  expect(await rows("to=90000")).toBe(0);
});

test("exports are the operator's (R7.20)", async () => {
  expect((await get("/v1/areas/1/exports/readings", {})).statusCode).toBe(401);
  expect((await get("/v1/areas/1/exports/readings", await signIn(api.app, keyOf(6)))).statusCode).toBe(403);
  expect((await get("/v1/areas/1/exports/passwords")).statusCode).toBe(400);
});
