import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { registerClear } from "./clear.ts";
import { runCommand } from "./exit.ts";

const HEADER = "participant,side,energyWh,limitPriceMicroPerKwh";
const STATIONS = [
  "A,offer,3200,25000000",
  "C,offer,9800,22000000",
  "F,offer,7200,19000000",
  "H,offer,6800,16000000",
  "B,bid,6500,24000000",
  "D,bid,10900,26000000",
  "E,bid,3200,28000000",
  "G,bid,5400,20000000",
];

let folder: string;
let exitCodeBefore: typeof process.exitCode;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clear-"));
  exitCodeBefore = process.exitCode;
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = exitCodeBefore;
  rmSync(folder, { recursive: true });
});

/** Runs the command in this process and gives what it printed. */
async function run(...args: string[]) {
  const printed = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed.err += text;
    return true;
  });
  process.exitCode = undefined;
  const program = new Command("commonwatt").exitOverride();
  registerClear(program);
  await runCommand(() => program.parseAsync(["clear", ...args], { from: "user" }));
  vi.restoreAllMocks();
  return { ...printed, exitCode: process.exitCode ?? 0 };
}

function write(text: string): string {
  const file = join(folder, "orders.csv");
  writeFileSync(file, text);
  return file;
}

async function clearJson(lines: readonly string[], pricing: string) {
  const { out, err, exitCode } = await run(
    "--orders",
    write([HEADER, ...lines].join("\n")),
    "--pricing",
    pricing,
    "--json",
  );
  expect({ err, exitCode }).toEqual({ err: "", exitCode: 0 });
  return JSON.parse(out);
}

function payments(report: { participants: Record<string, { paymentMicro: string }> }) {
  return Object.fromEntries(
    Object.entries(report.participants).map(([id, total]) => [id, total.paymentMicro]),
  );
}

describe("commonwatt clear", () => {
  it("gives the uniform column of E9.6 for the stations of R9.21", async () => {
    const report = await clearJson(STATIONS, "uniform");
    expect(payments(report)).toEqual({
      A: "0",
      B: "149500000",
      C: "-151800000",
      D: "250700000",
      E: "73600000",
      F: "-165600000",
      G: "0",
      H: "-156400000",
    });
    expect(report).toMatchObject({
      pricing: "uniform",
      clearingPriceMicroPerKwh: "23000000",
      clearedWh: "20600",
      welfareMicro: "138200000",
      remainderMicro: "0",
      rejected: [],
    });
  });

  it("gives the marginal price, the limit of the offer that is filled in part", async () => {
    const report = await clearJson(STATIONS, "marginal");
    expect(report).toMatchObject({
      pricing: "marginal",
      clearingPriceMicroPerKwh: "22000000",
      remainderMicro: "0",
    });
    expect(payments(report)).toMatchObject({ B: "143000000", C: "-145200000" });
  });

  it("lets nobody trade with itself", async () => {
    const report = await clearJson(["A,bid,10000,300000", "A,offer,10000,100000"], "uniform");
    expect(report).toMatchObject({ trades: [], clearedWh: "0", rejected: [{ line: 3 }] });
  });

  it("gives the pairwise column of E9.6, and the pairs of R9.9", async () => {
    const report = await clearJson(STATIONS, "midpoint");
    expect(payments(report)).toEqual({
      A: "0",
      B: "149500000",
      C: "-151900000",
      D: "240000000",
      E: "70400000",
      F: "-162000000",
      G: "0",
      H: "-146000000",
    });
    expect(report.clearingPriceMicroPerKwh).toBeNull();
    expect(report.trades.slice(0, 2)).toEqual([
      { buyer: "E", seller: "H", energyWh: "3200", priceMicroPerKwh: "22000000", paymentMicro: "70400000" },
      { buyer: "D", seller: "H", energyWh: "3600", priceMicroPerKwh: "21000000", paymentMicro: "75600000" },
    ]);
    expect(report.trades).toHaveLength(5);
  });

  it("prints the same for the lines in another order", async () => {
    expect(await clearJson(STATIONS.toReversed(), "midpoint")).toEqual(await clearJson(STATIONS, "midpoint"));
  });

  it("prices by midpoint when it is not told", async () => {
    const { out } = await run("--orders", write([HEADER, ...STATIONS].join("\n")), "--json");
    expect(JSON.parse(out).pricing).toBe("midpoint");
  });

  it("names bad lines and clears the rest", async () => {
    const report = await clearJson(
      ["__proto__,bid,10,9", "x,bid,-1,9", "", "y,offer,10,7", "z,buy,1,1"],
      "uniform",
    );
    expect(report.rejected).toEqual([
      { line: 3, reason: 'energyWh is "-1", which is negative' },
      { line: 6, reason: 'side is "buy", neither bid nor offer' },
    ]);
    expect(Object.keys(report.participants)).toEqual(["__proto__", "y"]);
    expect(report.clearedWh).toBe("10");
  });

  it("sums payments to the remainder, which rounding left", async () => {
    const report = await clearJson(["a,bid,1,9", "b,bid,1,9", "c,offer,2,8"], "midpoint");
    expect(payments(report)).toEqual({ a: "1", b: "1", c: "0" });
    expect(report.remainderMicro).toBe("2");
    expect(report.trades.map((trade: { paymentMicro: string }) => trade.paymentMicro)).toEqual(["0", "0"]);
  });

  it("gives no price and no trade when nothing meets", async () => {
    const report = await clearJson(["a,bid,5,9", "b,offer,5,10"], "uniform");
    expect(report).toMatchObject({
      clearingPriceMicroPerKwh: null,
      clearedWh: "0",
      trades: [],
      remainderMicro: "0",
    });
    expect(Object.keys(report.participants)).toEqual(["a", "b"]);
  });

  it("accepts a file with nothing but the header", async () => {
    expect(await clearJson([], "uniform")).toMatchObject({ participants: {}, trades: [], rejected: [] });
  });

  it("ends with 1 where every order was refused", async () => {
    const { err, exitCode } = await run("--orders", write(`${HEADER}\na,bid,-5,9\nb,sale,5,9`));
    expect([exitCode, err]).toEqual([1, expect.stringContaining("no order of")]);
    expect(err).toContain("2 refused");
  });

  it("shows an order that is larger than one trade as one trade", async () => {
    const lines = [
      "a,bid,4294967295,9",
      "a,bid,4294967295,9",
      "b,offer,4294967295,8",
      "b,offer,4294967294,8",
    ];
    const report = await clearJson(lines, "midpoint");
    expect(report.trades).toMatchObject([{ buyer: "a", seller: "b", energyWh: "8589934589" }]);
  });

  it("prints aligned tables for people", async () => {
    const { out } = await run(
      "--orders",
      write(`${HEADER}\nÅsa,bid,1500,250000\nb,offer,900,100000\nc,x,1,1\n`),
      "--pricing",
      "uniform",
    );
    expect(out).toBe(
      [
        "pricing          uniform",
        "clearing price  0.175000  currency/kWh",
        "cleared energy       900  Wh",
        "welfare         0.135000  currency",
        "",
        "buyer  seller  energy (Wh)  price (currency/kWh)  payment (currency)",
        "Åsa    b               900              0.175000            0.157500",
        "",
        "participant  bought (Wh)  sold (Wh)  pays (currency)",
        "b                      0        900        -0.157500",
        "Åsa                  900          0         0.157500",
        "total                900        900         0.000000",
        "",
        'line 4 is refused: side is "x", neither bid nor offer',
        "",
      ].join("\n"),
    );
  });

  it.each([
    [
      "is missing",
      undefined,
      /^commonwatt: cannot read the file of orders ".*orders\.csv": there is no such file\n$/,
    ],
    ["is empty", "", /^commonwatt: the file of orders is empty: .*\n$/],
    [
      "has no header",
      "a,bid,5,9\n",
      /^commonwatt: the file of orders starts with "a,bid,5,9" instead of the header .*\n$/,
    ],
  ])("fails with one sentence when the file %s", async (_, text, sentence) => {
    const file = text === undefined ? join(folder, "orders.csv") : write(text);
    const { out, err, exitCode } = await run("--orders", file, "--json");
    expect({ out, exitCode }).toEqual({ out: "", exitCode: 1 });
    expect(err).toMatch(sentence);
  });

  it("fails on a folder", async () => {
    expect(await run("--orders", folder)).toMatchObject({
      out: "",
      exitCode: 1,
      err: expect.stringContaining("it is a folder"),
    });
  });

  it.each([
    ["no file", []],
    ["an unknown pricing", ["--orders", "x.csv", "--pricing", "average"]],
    ["an unknown option", ["--orders", "x.csv", "--fast"]],
    ["an argument too many", ["--orders", "x.csv", "y.csv"]],
  ])("calls %s wrong usage", async (_, args) => {
    const { out, err, exitCode } = await run(...args);
    expect({ out, exitCode }).toEqual({ out: "", exitCode: 2 });
    expect(err).toMatch(/^error: /);
  });
});
