import { runDemonstration } from "#domains/charging/station/demonstration.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const STATIONS = [100, 1_000];
const BYTES_PER_MEBIBYTE = 1_048_576;
const MILLIS_PER_SECOND = 1_000;
/** Has what it came for after two minutes, and stays for half an hour. */
const VEHICLE = {
  capacityWh: 40_000,
  storedWh: 20_000,
  stopsAtWh: 20_100,
  maxPowerW: 11_000,
  phases: 3 as const,
};

/** Messages a second and memory of so many stations at once. */
export async function* benchOcpp(): AsyncGenerator<BenchRow> {
  for (const stations of STATIONS) {
    const { messages, seconds, mostBytes } = await withTemporaryDirectory((directory) =>
      run(stations, directory),
    );
    const row = { bench: "ocpp", n: stations, peer: null, peerValue: null };
    yield measuredRow({ ...row, case: "messages answered", value: messages / seconds, unit: "messages/s" });
    yield measuredRow({
      ...row,
      case: "memory, stations and central system",
      value: mostBytes / BYTES_PER_MEBIBYTE,
      unit: "MiB",
    });
  }
}

async function run(stations: number, directory: string) {
  let mostBytes = 0;
  let began = performance.now();
  let isRunning = false;
  const { messages } = await runDemonstration({
    stations,
    version: "ocpp2.0.1",
    limitW: stations * 4_140,
    vehicle: VEHICLE,
    directory,
    onStep() {
      // Stations connect one after the other before the first step.
      if (!isRunning) began = performance.now();
      isRunning = true;
      mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
    },
  });
  return { messages, seconds: (performance.now() - began) / MILLIS_PER_SECOND, mostBytes };
}
