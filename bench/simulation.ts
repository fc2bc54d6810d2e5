import { runInMemory } from "#world/simulation/run.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";

/** One measured figure, in the form of `bench/run.ts`. */
export type SimulationBenchRow = {
  readonly bench: "simulation";
  readonly case: string;
  readonly n: number;
  readonly value: number;
  readonly unit: "ms";
  readonly peer: null;
  readonly peerValue: null;
  readonly ratio: null;
};

const HOMES = 1_000;
const DAYS_OF_WARM_UP = 2;
const DAYS_MEASURED = 7;

/**
 * Time of a day of quarter-hours for 1,000 generated homes in memory: forecasts, orders, clearing, delivery,
 * settlement and bills. The first days are left out; they compile the program and fill the forecasts. There is no peer
 * in the same language. A year within 60 s needs 164 ms a day.
 */
export function benchSimulation(): readonly SimulationBenchRow[] {
  const file = parseScenarioFile(DESCRIPTION, "bench");
  if (file.synthetic === undefined) return [];
  const scenario = buildSyntheticScenario("bench", { ...file, synthetic: file.synthetic });
  const perDay = scenario.intervals / (DAYS_OF_WARM_UP + DAYS_MEASURED);
  let startedAt = 0;
  runInMemory(scenario, {
    onInterval: (_, index) => {
      if (index === DAYS_OF_WARM_UP * perDay - 1) startedAt = performance.now();
    },
  });
  const value = Number(((performance.now() - startedAt) / DAYS_MEASURED).toFixed(1));
  return [
    {
      bench: "simulation",
      case: `${HOMES} homes x 1 day in memory`,
      n: HOMES,
      value,
      unit: "ms",
      peer: null,
      peerValue: null,
      ratio: null,
    },
  ];
}

const DESCRIPTION = `
title: A thousand homes
seed: 5
timeZone: Europe/Berlin
startsAt: "2025-05-12T00:00"
days: ${DAYS_OF_WARM_UP + DAYS_MEASURED}
market: { pricing: uniform, gridFeeMicroPerKwh: 30000 }
tariff: { feedInMicroPerKwh: 80000, retailMicroPerKwh: 320000 }
synthetic:
  place: { latitudeDeg: 48.7, longitudeDeg: 11.4 }
  homes: { count: ${HOMES} }
`;
