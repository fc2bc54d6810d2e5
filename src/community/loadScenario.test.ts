import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createEnergyRow } from "#world/households/series.ts";
import { resultToJson } from "#world/simulation/resultJson.ts";
import { runInMemory } from "#world/simulation/run.ts";
import { loadScenario } from "./loadScenario.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const recorded = `${root}scenarios/recorded`;
const hamlet = `${root}../shared/data/hamlet`;
const ausgrid = `${root}../shared/data/ausgrid`;

describe("loading a scenario", () => {
  it("reads the shipped folders", async () => {
    for (const name of ["riverside", "brooklyn"]) {
      const { scenario, lines } = await loadScenario({ folder: `${root}scenarios/${name}` });
      expect(scenario.name).toBe(name);
      expect(lines).toEqual([]);
    }
  });

  it("names a folder that is none", async () => {
    await expect(loadScenario({ folder: `${root}scenarios/nowhere` })).rejects.toThrow(
      /nowhere.*can't be read/,
    );
    await expect(loadScenario({ folder: recorded, dataFolder: `${root}nowhere` })).rejects.toThrow(/nowhere/);
    await expect(loadScenario({ folder: recorded })).rejects.toThrow(/no file of recordings/);
  });
});

describe("the HAMLET recordings", () => {
  it("run a week with ten homes, trading", async (context) => {
    if (!existsSync(hamlet)) return context.skip("skipped: no data");
    const { scenario, lines } = await loadScenario({
      folder: recorded,
      dataFolder: hamlet,
      overrides: { days: 7 },
    });
    expect(scenario).toMatchObject({ intervals: 672, intervalSeconds: 900, startsAt: 1_613_343_600 });
    expect(scenario.homes).toHaveLength(10);
    expect(scenario.tariff.at(0)).toEqual({ feedInMicroPerKwh: 50_000, retailMicroPerKwh: 410_000 });
    expect(lines.filter((line) => line.includes("refused"))).toEqual([]);
    const json = resultToJson(runInMemory(scenario));
    expect(Number(json.community.clearedWh)).toBeGreaterThan(50_000);
  });

  it("keep a household's energy to the Wh", async (context) => {
    if (!existsSync(hamlet)) return context.skip("skipped: no data");
    const { scenario } = await loadScenario({ folder: recorded, dataFolder: hamlet });
    const home = scenario.homes.findIndex(({ id }) => id === "household_3564_0");
    const recordedWh = readFileSync(`${hamlet}/household_3564_0.csv`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .reduce((sum, line) => sum + Number(line.split(",")[1]) / 4, 0);
    const row = createEnergyRow(scenario.homes.length);
    let readWh = 0;
    for (let index = 0; index < scenario.intervals; index += 1) {
      scenario.series.read(index, row);
      readWh += row.loadWh[home]!;
    }
    expect(Math.abs(readWh - recordedWh)).toBeLessThanOrEqual(1);
  });
});

describe("the Ausgrid recording", () => {
  it("runs a year of half-hours with its own PV", async (context) => {
    if (!existsSync(ausgrid)) return context.skip("skipped: no data");
    const { scenario, lines } = await loadScenario({
      folder: recorded,
      dataFolder: ausgrid,
      overrides: { timeZone: "Australia/Sydney" },
    });
    expect(scenario).toMatchObject({ intervals: 17_568, intervalSeconds: 1_800 });
    // Autumn's repeated hour stands once, in two values a column; spring's skipped hour is two blank rows.
    expect(lines[0]).toMatch(/4 estimated, 0 substituted$/);
    expect(lines[1]).toMatch(/2 rows of the hour that spring skips are placeholders/);
    const { bills } = runInMemory(scenario);
    expect(bills.settledIntervals()).toBe(17_568);
    expect(bills.participant(4).importWh).toBeGreaterThan(1_000_000n);
  });
});
