import { describe, expect, it } from "vitest";
import { createEnergyRow } from "#world/households/series.ts";
import { runInMemory } from "#world/simulation/run.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import type { ScenarioOverrides } from "#world/simulation/syntheticScenario.ts";
import { describeImport } from "./importReport.ts";
import { buildRecordedScenario, NoRecordedHomeError, type RecordedFile } from "./recordedScenario.ts";

const YAML = `
title: Recorded
timeZone: Europe/Berlin
tariff: { feedInMicroPerKwh: 50000, retailMicroPerKwh: 410000 }
recorded:
  pv: null
`;

const START = 1_613_343_600;

function build(
  files: Readonly<Record<string, string>>,
  options: { yaml?: string; overrides?: ScenarioOverrides } = {},
) {
  const file = parseScenarioFile(options.yaml ?? YAML, "recorded");
  const list: RecordedFile[] = Object.entries(files).map(([name, text]) => ({ file: name, text }));
  const built = buildRecordedScenario(
    "recorded",
    { ...file, recorded: file.recorded! },
    list,
    options.overrides,
  );
  const row = createEnergyRow(built.scenario.homes.length);
  const rowAt = (index: number) => {
    built.scenario.series.read(index, row);
    return { loadWh: [...row.loadWh], pvWh: [...row.pvWh], quality: [...row.quality] };
  };
  const totalWh = (key: "loadWh" | "pvWh", home = 0) => {
    let sum = 0;
    for (let index = 0; index < built.scenario.intervals; index += 1) sum += rowAt(index)[key][home]!;
    return sum;
  };
  return { ...built, rowAt, totalWh, lines: describeImport(built.report) };
}

/** `count` rows from `start` on, unix seconds. */
function csv(
  header: string,
  count: number,
  step: number,
  cellOf: (index: number) => string,
  start = START,
): string {
  const rows = Array.from({ length: count }, (_, index) => `${start + index * step},${cellOf(index)}`);
  return [header, ...rows, ""].join("\n");
}

describe("recorded households", () => {
  it("are read by their columns: W, kW, Wh and kWh mean the same energy", () => {
    const { rowAt, scenario } = build({
      "a.csv": csv("timestamp,electricity", 96, 900, () => "400"),
      "b.csv": csv("time,load_kw", 96, 900, () => "0.4"),
      "c.csv": csv("date,load_wh", 96, 900, () => "100"),
      "d.csv": csv("datetime,consumption_kwh", 96, 900, () => "0.1"),
      "e.csv": csv(",GC,GG", 96, 900, () => "0.1,0.05"),
      "f.csv": csv("timestamp,load_w,pv_w", 96, 900, () => "400,200"),
    });
    expect(scenario.intervalSeconds).toBe(900);
    expect(scenario.homes.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(rowAt(7).loadWh).toEqual([100, 100, 100, 100, 100, 100]);
    expect(rowAt(7).pvWh).toEqual([0, 0, 0, 0, 50, 50]);
  });

  it("come out alike from unix seconds, milliseconds, ISO with zone and local ISO, BOM, CRLF and semicolons", () => {
    const iso = (index: number) => new Date((START + index * 900) * 1_000).toISOString();
    const local = (index: number) =>
      iso(index + 4)
        .slice(0, 19)
        .replace("T", " ");
    const lines = (header: string, timeOf: (index: number) => string | number, end: string, comma = ",") =>
      [header, ...Array.from({ length: 96 }, (_, index) => `${timeOf(index)}${comma}${index ^ 1}`)].join(end);
    const { rowAt, scenario, report } = build({
      "a.csv": lines("timestamp,load_wh", (index) => START + index * 900, "\n"),
      "b.csv": `\uFEFF${lines("timestamp,load_wh", (index) => `${START + index * 900}.0`, "\r\n")}`,
      "c.csv": lines("timestamp,load_wh", (index) => (START + index * 900) * 1_000, "\n"),
      "d.csv": lines("timestamp,load_wh", iso, "\n"),
      "e.csv": lines("timestamp,load_wh", local, "\n"),
      "f.csv": lines('"timestamp";"load_wh"', (index) => iso(index).replace("Z", "+00:00"), "\n\n", ";"),
    });
    expect(report.refusedFiles).toEqual([]);
    expect(scenario.startsAt).toBe(START);
    for (const index of [0, 50, 95]) expect(rowAt(index).loadWh).toEqual(Array(6).fill(index ^ 1));
  });

  it("of different lengths and steps run over what they share, energy conserved", () => {
    const { scenario, rowAt, totalWh } = build({
      "fine.csv": csv("timestamp,load_wh", 96 * 3, 900, (index) => String(index % 7)),
      "hourly.csv": csv("timestamp,load_wh", 24 * 2, 3_600, () => "401", START + 86_400),
    });
    expect(scenario).toMatchObject({ startsAt: START + 86_400, intervals: 192 });
    expect(rowAt(0).loadWh[1]! + rowAt(1).loadWh[1]! + rowAt(2).loadWh[1]! + rowAt(3).loadWh[1]!).toBe(401);
    expect(totalWh("loadWh", 1)).toBe(48 * 401);
  });

  it("start and end where they are told to", () => {
    const files = { "a.csv": csv("timestamp,electricity", 96 * 5, 900, () => "400") };
    const { scenario } = build(files, { overrides: { from: "2021-02-16", days: 2 } });
    expect(scenario).toMatchObject({ startsAt: START + 86_400, intervals: 192 });
    expect(build(files, { overrides: { days: 99 } }).scenario.intervals).toBe(480);
    expect(() => build(files, { overrides: { from: "2022-01-01" } })).toThrow(/nothing is recorded from/);
  });

  it("report bad cells with file, line, column and unit, and fill them", () => {
    const cells = ["100", "-5", "text", "NaN", "500"];
    const { rowAt, lines } = build({
      "a.csv": csv("timestamp,load_wh", 96, 900, (index) => cells[index] ?? "500"),
    });
    expect([0, 1, 2, 3, 4].map((index) => rowAt(index).loadWh[0])).toEqual([100, 200, 300, 400, 500]);
    expect([0, 1, 4].map((index) => rowAt(index).quality[0])).toEqual([0, 1, 0]);
    expect(lines).toContain("a.csv: line 3: column load_wh (Wh): -5 is negative");
    expect(lines).toContain('a.csv: line 4: column load_wh (Wh): "text" is no number');
    expect(lines.join("\n")).toMatch(/3 estimated, 0 substituted, 3 refused/);
  });

  it("go on when a row has too few cells, no time, an unclosed quote or a time that came before", () => {
    const text = csv("timestamp,load_wh", 96, 900, () => "80").split("\n");
    text[3] = "oops";
    text[5] = `never,80`;
    text[8] = `"${START + 7 * 900},80`;
    text.splice(10, 0, text[9]!);
    const { totalWh, report } = build({ "a.csv": text.join("\n") });
    expect(totalWh("loadWh")).toBe(96 * 80);
    expect(report.read[0]!.refused.map(({ line }) => line)).toEqual([4, 6, 11]);
  });

  it("refuse a file that is none and go on with the others", () => {
    const good = csv("timestamp,electricity", 96, 900, () => "400");
    const { scenario, lines } = build({
      "a.csv": good,
      "empty.csv": "",
      "notes.csv": "what,ever\n1,2\n",
      "words.csv": csv("timestamp,electricity", 96, 900, () => "many"),
      "single.csv": `timestamp,electricity\n${START},1\n`,
      "weather.csv": csv("timestamp,temperature_c", 96, 900, () => "12"),
    });
    expect(scenario.homes).toHaveLength(1);
    expect(lines).toEqual(
      expect.arrayContaining([
        "empty.csv: refused, the file is empty",
        expect.stringMatching(/^notes\.csv: refused, no time column/),
        'words.csv: refused, no value can be read; line 2: column electricity (W): "many" is no number',
        expect.stringMatching(/^single\.csv: refused, fewer than two/),
        expect.stringMatching(/^weather\.csv: refused, no column of known meaning/),
      ]),
    );
  });

  it("need at least one home", () => {
    expect(() => build({})).toThrow(NoRecordedHomeError);
    expect(() => build({ "empty.csv": "" })).toThrow(/empty\.csv: the file is empty/);
  });

  it("leave out a file of another year instead of an empty run", () => {
    const { scenario, lines } = build({
      "a.csv": csv("timestamp,electricity", 960, 900, () => "400"),
      "b.csv": csv("timestamp,electricity", 960, 900, () => "400"),
      "old.csv": csv("timestamp,electricity", 960, 900, () => "400", START - 30_000_000),
    });
    expect(scenario.homes.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(lines.join("\n")).toMatch(/old\.csv: refused, it does not cover/);
  });
});

describe("files that are refused or ask", () => {
  const good = csv("timestamp,electricity", 96 * 2, 900, () => "400");

  it("influence nothing else: a finer file of another year leaves the interval as it is", () => {
    const { scenario, lines } = build({
      "a.csv": good,
      "b.csv": good,
      "old.csv": csv("timestamp,electricity", 600, 60, () => "400", START - 30_000_000),
    });
    expect(scenario).toMatchObject({ intervalSeconds: 900, intervals: 192 });
    expect(lines.join("\n")).toMatch(/old\.csv: refused, it does not cover/);
  });

  it("say what would settle them, and are settled by it", () => {
    const text = csv("timestamp;Leistung (W)", 96 * 2, 900, (index) =>
      index === 70 ? "1.250" : "240",
    ).replaceAll(",", ";");
    const { lines } = build({ "a.csv": good, "b.csv": text });
    expect(lines.join("\n")).toMatch(/b\.csv: to settle it: mapping: decimal: ","/);
    const file = parseScenarioFile(YAML, "recorded");
    const settled = buildRecordedScenario("recorded", { ...file, recorded: file.recorded! }, [
      { file: "b.csv", text, hints: { decimal: "," } },
    ]);
    expect(settled.scenario.homes).toHaveLength(1);
  });

  it("keep meters of one file apart as homes", () => {
    const rows = good
      .split("\n")
      .slice(1, -1)
      .flatMap((row) => [`AT1,${row}`, `AT2,${row}`]);
    const { scenario } = build({ "a.csv": ["Zählpunkt,timestamp,electricity", ...rows].join("\n") });
    expect(scenario.homes.map(({ id }) => id)).toEqual(["a_AT1", "a_AT2"]);
  });
});

describe("daylight saving in local times", () => {
  /** Every half-hour that a clock on the wall shows on some days, as a utility with 48 half-hours a day writes them. */
  function halfHours(days: readonly string[]): string {
    const rows = days.flatMap((day) =>
      Array.from({ length: 48 }, (_, slot) => {
        const time = new Date(slot * 1_800_000).toISOString().slice(11, 16);
        return `${day} ${time}:00,0.1`;
      }),
    );
    return ["date,GC", ...rows].join("\n");
  }

  it("written in 48 half-hours on the day of 23 is standard time, and every Wh stays", () => {
    const days = ["2011-10-01", "2011-10-02", "2011-10-03"];
    const { totalWh, scenario, report } = build(
      { "a.csv": halfHours(days) },
      { overrides: { timeZone: "Australia/Sydney" } },
    );
    expect(scenario.intervals).toBe(144);
    expect(totalWh("loadWh")).toBe(14_400);
    expect(report.read[0]!.estimated).toBe(0);
  });

  it("with one of the two repeated hours leaves one hour to estimate", () => {
    const { scenario, report, totalWh } = build({
      "a.csv": halfHours(["2025-10-25", "2025-10-26", "2025-10-27"]),
    });
    expect(scenario.intervals).toBe(146);
    expect(report.read[0]!.estimated).toBe(2);
    expect(totalWh("loadWh")).toBe(14_600);
  });

  it("with both repeated hours is complete", () => {
    const text = halfHours(["2025-10-25", "2025-10-26", "2025-10-27"]).split("\n");
    const again = text.filter((line) => line.startsWith("2025-10-26 02"));
    text.splice(text.indexOf(again[1]!) + 1, 0, ...again);
    const { scenario, report } = build({ "a.csv": text.join("\n") });
    expect(scenario.intervals).toBe(146);
    expect(report.read[0]).toMatchObject({ estimated: 0, refused: [] });
  });

  it("that skips the hour is whole without it", () => {
    const text = halfHours(["2025-03-29", "2025-03-30", "2025-03-31"])
      .split("\n")
      .filter((line) => !line.startsWith("2025-03-30 02"));
    const { scenario, report } = build({ "a.csv": text.join("\n") });
    expect(scenario.intervals).toBe(142);
    expect(report.read[0]!.estimated).toBe(0);
  });
});

describe("PV, vehicles and prices beside the homes", () => {
  const home = csv("timestamp,electricity", 96 * 2, 900, () => "400");

  it("gives the shared profile to every n-th home, scaled by a seeded size", () => {
    const yaml = YAML.replace("pv: null", "pv: { everyNthHome: 2, leastW: 4000, mostW: 4000 }");
    const { rowAt } = build(
      {
        "household_1.csv": home,
        "household_2.csv": home,
        "household_3.csv": home,
        "pv_1_pu.csv": csv("timestamp,electricity", 96 * 2, 900, () => "0.5"),
      },
      { yaml },
    );
    expect(rowAt(3).pvWh).toEqual([500, 0, 500]);
  });

  it("gives `pv_<home>` to its home and names one without", () => {
    const { rowAt, lines } = build({
      "household_1.csv": home,
      "household_2.csv": home,
      "pv_2.csv": csv("timestamp,electricity", 96 * 2, 900, () => "800"),
      "pv_9.csv": csv("timestamp,electricity", 96 * 2, 900, () => "800"),
    });
    expect(rowAt(3).pvWh).toEqual([0, 200]);
    expect(lines.join("\n")).toMatch(/pv_9\.csv: refused, no home/);
  });

  it("adds a vehicle's charging to a home's load", () => {
    const { totalWh } = build({
      "household_1.csv": home,
      "ev_1.csv": csv(
        "timestamp,availability,energy_consumed",
        96 * 2,
        900,
        (index) => `1,${index === 40 ? 6_000 : 0}`,
      ),
    });
    expect(totalWh("loadWh")).toBe(192 * 100 + 6_000);
  });

  it("adds up the parts of a retailer's price and takes the median where none is recorded", () => {
    const { scenario } = build({
      "household_1.csv": home,
      "retailer_energy.csv": csv("timestamp,energy_price_in,energy_price_out", 10, 900, () => "500,1500"),
      "retailer_grid.csv": csv(
        "timestamp,grid_market_in,grid_market_out,grid_retail_in,grid_retail_out",
        10,
        900,
        () => "400,0,800,0",
      ),
      "retailer_levies.csv": csv("timestamp,levies_price_in,levies_price_out", 10, 900, () => "1800,0"),
    });
    const expected = { feedInMicroPerKwh: 50_000, retailMicroPerKwh: 410_000 };
    expect(scenario.tariff.at(0)).toEqual(expected);
    expect(scenario.tariff.at(150)).toEqual(expected);
    expect(scenario.terms.gridFeeMicroPerKwh).toBe(40_000n);
  });

  it("refuses prices of another currency than the community's", () => {
    const { scenario, lines } = build({
      "household_1.csv": home,
      "prices.csv": csv("timestamp,spot_chf_per_kwh", 48, 3_600, () => "0.5"),
      "spot.csv": csv("timestamp,price (EUR/MWh)", 48, 3_600, () => "100"),
    });
    expect(lines.join("\n")).toMatch(/prices\.csv: .*is in CHF, and the community settles in EUR/);
    expect(scenario.tariff.at(0).feedInMicroPerKwh).toBe(100_000);
  });

  it("reads feed-in and retail per kWh, wholesale per MWh with the tariff's margin, and negative prices", () => {
    const perKwh = build({
      "household_1.csv": home,
      "prices.csv": csv(
        "timestamp,feed_in_per_kwh,retail_per_kwh",
        48,
        3_600,
        (hour) => `0.0${hour % 2},0.3`,
      ),
    }).scenario;
    expect(perKwh.tariff.at(4)).toEqual({ feedInMicroPerKwh: 10_000, retailMicroPerKwh: 300_000 });
    expect(perKwh.terms).toMatchObject({ floorMicroPerKwh: 0n, ceilingMicroPerKwh: 300_000n });
    const wholesale = build({
      "household_1.csv": home,
      "spot.csv": csv("timestamp,price_per_mwh", 48, 3_600, (hour) => String(hour === 0 ? -20 : 100)),
    }).scenario;
    expect(wholesale.tariff.at(0)).toEqual({ feedInMicroPerKwh: -20_000, retailMicroPerKwh: 340_000 });
    expect(runInMemory(wholesale).bills.settledIntervals()).toBe(192);
  });
});
