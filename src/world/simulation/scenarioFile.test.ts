import { describe, expect, it } from "vitest";
import { parseScenarioFile, ScenarioFileError } from "./scenarioFile.ts";
import { buildSyntheticScenario } from "./syntheticScenario.ts";

const GOOD = `
title: A street
startsAt: "2025-05-12T09:00"
timeZone: Europe/Berlin
tariff: { feedInMicroPerKwh: 80000, retailMicroPerKwh: 320000 }
synthetic:
  place: { latitudeDeg: 48, longitudeDeg: 11 }
  homes: { count: 3 }
`;

function faultOf(text: string): string {
  try {
    const file = parseScenarioFile(text, "x/scenario.yaml");
    buildSyntheticScenario("x", { ...file, synthetic: file.synthetic! });
  } catch (error) {
    if (error instanceof ScenarioFileError) return error.message;
    throw error;
  }
  return "";
}

describe("a scenario file", () => {
  it("is read with its defaults", () => {
    const file = parseScenarioFile(GOOD, "x/scenario.yaml");
    const scenario = buildSyntheticScenario("x", { ...file, synthetic: file.synthetic! }, { days: 2 });
    expect(scenario).toMatchObject({
      name: "x",
      intervals: 192,
      currency: "EUR",
      retailParts: null,
      intervalSeconds: 900,
      startsAt: Date.UTC(2025, 4, 12, 7) / 1_000,
      terms: {
        pricing: "midpoint",
        floorMicroPerKwh: 80_000n,
        ceilingMicroPerKwh: 320_000n,
        upstreamPriceMicroPerKwh: 320_000n,
        surplusPriceMicroPerKwh: 80_000n,
      },
    });
    expect(scenario.homes.map(({ member }) => member)).toEqual([4, 5, 6]);
    expect(scenario.homes.map(({ connectionW }) => connectionW)).toEqual([17_250, 17_250, 17_250]);
  });

  it.each([
    [
      "a price that is not whole",
      "feedInMicroPerKwh: 80000",
      "feedInMicroPerKwh: 80.5",
      /tariff\.feedInMicroPerKwh` \(micro per kWh/,
    ],
    [
      "a feed-in price above retail",
      "feedInMicroPerKwh: 80000",
      "feedInMicroPerKwh: 400000",
      /feedInMicroPerKwh is above/,
    ],
    ["a currency that is none", "title: A street", "title: A\ncurrency: euro", /`currency`.*ISO 4217/],
    [
      "parts above the retail price",
      "retailMicroPerKwh: 320000",
      "retailMicroPerKwh: 320000, retailParts: { gridFeeMicroPerKwh: 300000, leviesMicroPerKwh: 20001 }",
      /retailParts`.*above retailMicroPerKwh/,
    ],
    ["an unknown key", "title: A street", "title: A street\ncolour: red", /colour/],
    ["a missing key", "title: A street", "", /`title`/],
    ["no homes at all", "{ count: 3 }", "[]", /homes/],
    [
      "an interval that does not divide the day",
      "title: A street",
      "title: A\nintervalMinutes: 7",
      /420 s does not divide/,
    ],
    [
      "a start that no clock showed",
      "2025-05-12T09:00",
      "2025-03-30T02:30",
      /2025-03-30T02:30 is no local time/,
    ],
    [
      "a band that the homes would leave",
      "title: A street",
      "title: A\nmarket: { floorMicroPerKwh: 90000 }",
      /floor 90000/,
    ],
    ["text that is no YAML", "title: A street", "title: [", /scenario\.yaml/],
  ])("with %s is refused by name", (_, good, bad, message) => {
    expect(GOOD).toContain(good);
    expect(faultOf(GOOD.replace(good, bad))).toMatch(message);
  });

  it("needs a community, one", () => {
    expect(faultOf("title: A\ntariff: { feedInMicroPerKwh: 1, retailMicroPerKwh: 2 }")).toMatch(
      /synthetic.*recorded/,
    );
  });

  it("of an unknown zone says so", () => {
    expect(() => faultOf(GOOD.replace("Europe/Berlin", "Europe/Atlantis"))).toThrow(/Europe\/Atlantis/);
  });
});
