import { expect, it } from "vitest";
import { present } from "#kernel/units/assert.ts";
import { runInMemory } from "./run.ts";
import { parseScenarioFile, ScenarioFileError } from "./scenarioFile.ts";
import { buildSyntheticScenario } from "./syntheticScenario.ts";

const textWith = (attitude: string) => `
title: Four homes
seed: 3
startsAt: "2025-06-10T00:00"
days: 4
forecast: perfect
market: { pricing: uniform }
tariff: { feedInMicroPerKwh: 80000, retailMicroPerKwh: 320000 }
synthetic:
  place: { latitudeDeg: 48.7, longitudeDeg: 11.4 }
  homes:
    - { id: sun, kwhPerYear: 2000, pv: { peakW: 9000 }${attitude} }
    - { id: sun-too, kwhPerYear: 2500, pv: { peakW: 5000 } }
    - { id: large, kwhPerYear: 9000 }
    - { id: small, kwhPerYear: 3000 }
`;

function soldPrices(attitude: string): number[] {
  const file = parseScenarioFile(textWith(attitude), "homes");
  const scenario = buildSyntheticScenario("homes", {
    ...file,
    synthetic: present(file.synthetic, "the homes"),
  });
  const member = present(scenario.homes[0], "the home that may learn").member;
  const prices: number[] = [];
  runInMemory(scenario, {
    onInterval: ({ positions }) => {
      const position = positions.get(member);
      if (position !== undefined && position.soldWh > 0n)
        prices.push(Number(-position.exactPayment) / Number(position.soldWh));
    },
  });
  return prices;
}

it("a home of a scenario may learn its prices, and does so the same each time (R7.6)", () => {
  const learned = soldPrices(", attitude: { bidder: deepQ }");
  expect(learned.length).toBeGreaterThan(20);
  expect(learned).toEqual(soldPrices(", attitude: { bidder: deepQ }"));
  expect(learned).not.toEqual(soldPrices(""));
  expect(learned).not.toEqual(soldPrices(", attitude: { bidder: deepQWithState }"));
  expect(learned.every((price) => price >= 80_000 && price <= 320_000)).toBe(true);
  expect(soldPrices(", attitude: { bidder: experience }")).toEqual(soldPrices(""));
});

it("refuses a bidder that there is not", () => {
  expect(() => parseScenarioFile(textWith(", attitude: { bidder: oracle }"), "homes")).toThrow(
    ScenarioFileError,
  );
});
