import { openFile } from "#world/meterFiles/openFile.ts";
import { readMeterFile } from "#world/meterFiles/readMeterFile.ts";
import { summarise } from "#world/meterFiles/report.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const MINUTES_A_YEAR = 525_600;
const FIRST_MINUTE = Date.UTC(2024, 11, 31, 23) / 1_000;
const RUNS = 3;

/** Processor time of importing a year of one-minute means of a home with PV, local times included: bytes to report. At most 2 s. */
export async function benchImport(): Promise<readonly BenchRow[]> {
  const bytes = new TextEncoder().encode(yearOfMinutes());
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = process.cpuUsage();
    const read = readMeterFile(await openFile({ file: "home.csv", bytes }), { zone: "Europe/Berlin" });
    if (read.status === "refused") throw new Error(read.reason);
    read.recordings.forEach(summarise);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  const base = {
    bench: "import",
    n: MINUTES_A_YEAR,
    unit: "s of processor time",
    peer: null,
    peerValue: null,
  };
  return [measuredRow({ ...base, case: "a year of minutes, load and PV, CSV", value: Math.min(...seconds) })];
}

/** Local time of Berlin: the skipped hour has no rows, the repeated hour two of each. */
function yearOfMinutes(): string {
  const rows = ["time,load_w,pv_w"];
  const [summer, winter] = [Date.UTC(2025, 2, 30, 1) / 1_000, Date.UTC(2025, 9, 26, 1) / 1_000];
  for (let minute = 0; minute < MINUTES_A_YEAR; minute += 1) {
    const at = FIRST_MINUTE + minute * 60;
    const offset = at >= summer && at < winter ? 7_200 : 3_600;
    const time = new Date((at + offset) * 1_000).toISOString().slice(0, 16).replace("T", " ");
    const hour = (((at + offset) % 86_400) / 3_600) | 0;
    rows.push(
      `${time},${200 + ((minute * 37) % 811)},${hour > 7 && hour < 18 ? ((minute * 13) % 4_001) + 0.5 : 0}`,
    );
  }
  return rows.join("\n");
}
