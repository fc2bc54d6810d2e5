import type { Command } from "commander";
import { drawStationDay } from "#world/charging/drawStationDay.ts";
import { runStationDay, type StationDayOutcome } from "#world/charging/stationDay.ts";
import { alignColumns } from "./alignColumns.ts";
import { seed, wholeNumber } from "./optionValues.ts";

type Options = {
  readonly seed: number;
  readonly peak: number;
  readonly call: number;
  readonly json?: true;
};

const MOST_KW = 10_000;
const MOST_CENTS = 1_000;
const W_PER_KW = 1_000;
const MICRO_PER_CENT = 10_000n;

const EXAMPLES = `
Examples:
  commonwatt station-day
  commonwatt station-day --seed 7 --peak 30 --call 40
  commonwatt station-day --json
`;

/** Adds `commonwatt station-day`: one station's workday with flexible loads, vehicles that trade, and a call of the grid operator (R5.48, R5.49, R4.4). */
export function registerStationDay(program: Command): void {
  program
    .command("station-day")
    .description("a charging station's workday: a peak to keep, vehicles that trade, a call for energy")
    .option("--seed <number>", "seed of the day", seed, 1)
    .option("--peak <kW>", "building and vehicles are to stay below it", wholeNumber(1, MOST_KW), 30)
    .option(
      "--call <cents>",
      "what the grid operator pays for a kWh from 16:00 to 17:00",
      wholeNumber(0, MOST_CENTS),
      35,
    )
    .option("--json", "print one JSON value instead of a table")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .action(stationDay);
}

function stationDay({ seed, peak, call, json }: Options): void {
  const rules = { peakW: peak * W_PER_KW, callMicroPerKwh: BigInt(call) * MICRO_PER_CENT };
  const outcome = runStationDay(drawStationDay(seed), rules);
  process.stdout.write(
    json
      ? `${JSON.stringify({ seed, ...rules, ...outcome }, (_, value) => (typeof value === "bigint" ? `${value}` : value))}\n`
      : `${renderStationDay(outcome, rules.callMicroPerKwh)}\n`,
  );
}

/** The day in a few lines, for people. */
export function renderStationDay(outcome: StationDayOutcome, callMicroPerKwh: bigint): string {
  const { vehicles, peaksW, trades, call } = outcome;
  const { taking, giving } = vehicles;
  const rows = [
    ["vehicles", `${taking} that want energy, ${giving} with energy to spare`],
    ["peak", `${kw(peaksW.unmanaged)} unmanaged, ${kw(peaksW.planned)} planned, ${kw(peaksW.drawn)} drawn`],
    ["promises kept", `${outcome.promisesKept} of ${taking}, ${kwh(outcome.lackingWh)} lacking`],
    ["loads lowered", `by ${kwh(outcome.loweredWh)}, ${outcome.belowComfort} times below comfort`],
    [
      "vehicle to vehicle",
      `${trades.count} trades, ${kwh(trades.deliveredWh)} for ${cents(trades.paidMicro)}; reserve ${cents(trades.reserveMicroPerKwh)}, market ${cents(trades.marketMicroPerKwh)} a kWh, paid ${span(trades)}`,
    ],
    [
      "call at 16:00",
      `${cents(callMicroPerKwh)} a kWh offered, ${cents(call.costMicroPerKwh)} is what it costs: ${kwh(call.answeredWh)} for ${cents(call.paidMicro)}${refusals(call.refused)}`,
    ],
    ["left to spare", kwh(outcome.spareWh)],
  ];
  return alignColumns(rows, "ll");
}

function span({ lowestMicroPerKwh, highestMicroPerKwh }: StationDayOutcome["trades"]): string {
  if (lowestMicroPerKwh === null || highestMicroPerKwh === null) return "nothing";
  return `${cents(BigInt(lowestMicroPerKwh))} to ${cents(BigInt(highestMicroPerKwh))}`;
}

const REFUSALS = { belowCost: "below its cost", nothingSpare: "nothing to spare" } as const;

function refusals(refused: StationDayOutcome["call"]["refused"]): string {
  const said = Object.entries(REFUSALS).flatMap(([reason, words]) => {
    const count = refused[reason as keyof typeof REFUSALS];
    return count ? [`; ${count} declined: ${words}`] : [];
  });
  return said.join("");
}

function kw(powerW: number): string {
  return `${(powerW / W_PER_KW).toFixed(1)} kW`;
}

function kwh(energyWh: number): string {
  return `${(energyWh / W_PER_KW).toFixed(2)} kWh`;
}

function cents(micro: bigint): string {
  return `${(Number(micro) / Number(MICRO_PER_CENT)).toFixed(1)} ct`;
}
