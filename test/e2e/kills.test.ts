import { mkdirSync, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadScenario } from "#community/loadScenario.ts";
import { networkFolder, readNetwork } from "#community/workspace.ts";
import { DOMAINS } from "#domains/domains.ts";
import { readings } from "#domains/metering/tables.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { openStore } from "#platform/store/openStore.ts";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/*
 * `up` is killed at random moments of its work, between two writes to its folder; what it said was settled stays settled,
 * and no interval is lost. `npm run test:deep` kills it 20 times.
 */

const KILLS = process.env.COMMONWATT_DEEP ? 20 : 3;
const SEED = Number(process.env.COMMONWATT_SEED ?? 20_250_512);
/** Changes of files from the start of `up` until the kill: from its founding to some intervals later. */
const MAX_CHANGES = 400;

const FOLDER = "scenarios/brooklyn";
const UP = ["up", "--scenario", FOLDER, "--port", "0", "--speed", "3600"];
/** When an interval starts, what was traded, and at which price, in the words of the report. */
const SETTLED = /^(\d+ \w+ \d{4}, \d\d:\d\d) {2}settled: (?:(\d+\.\d\d) kWh|nobody could trade)/gm;

let directory: string;
let running: Running | null = null;
const said = new Map<string, string>();

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-kills-"));
  mkdirSync(networkFolder(directory, "brooklyn"), { recursive: true });
});
afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

function note(stdout: string): void {
  expect(stdout).not.toMatch(/failed:/);
  for (const [, time = "", energy = "0.00"] of stdout.matchAll(SETTLED)) said.set(time, energy);
}

/** Runs `up` until so many changes of its folder, and kills it. */
async function runAndKill(changes: number): Promise<void> {
  const started = startCommonwatt(UP, { directory });
  running = started;
  let seen = 0;
  const watcher = watch(networkFolder(directory, "brooklyn"), { recursive: true }, () => {
    seen += 1;
    if (seen === changes) started.process.kill("SIGKILL");
  });
  const { exitCode, stdout, stderr } = await started.finished;
  watcher.close();
  expect([exitCode, stderr]).toEqual([null, ""]);
  note(stdout);
}

it(`loses nothing in ${KILLS} kills (seed ${SEED})`, { timeout: 60_000 * (KILLS + 2) }, async () => {
  const random = seededRandom(SEED);
  for (let i = 0; i < KILLS; i += 1) await runAndKill(1 + Math.floor(random() * MAX_CHANGES));
  const { exitCode, stdout, stderr } = await commonwatt([...UP, "--intervals", "3"], { directory });
  expect([exitCode, stderr]).toEqual([0, ""]);
  note(stdout);
  expect(said.size).toBeGreaterThanOrEqual(3);
});

it("has every interval that it spoke of in its database, one after the other, with all readings", async () => {
  const { scenario } = await loadScenario({ folder: FOLDER });
  const { deployment } = readNetwork(directory, "brooklyn")!;
  const store = await openStore({
    directory: networkFolder(directory, "brooklyn"),
    deployment,
    domains: DOMAINS,
  });
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: scenario.timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  try {
    const rows = (await store.db.select().from(intervals)).sort((a, b) => a.intervalId - b.intervalId);
    expect(rows.map(({ intervalId }) => intervalId)).toEqual(
      rows.map((_, i) => scenario.firstIntervalId + i),
    );
    const paid = rows.filter(({ stage }) => isPaid(stage));
    const settled = new Map(
      paid.map(({ intervalId, clearedWh }) => [
        clock.format(new Date(startsAt(intervalId, scenario.intervalSeconds) * 1_000)),
        (Number(clearedWh) / 1_000).toFixed(2),
      ]),
    );
    for (const [time, energy] of said) expect([time, settled.get(time)]).toEqual([time, energy]);
    expect(paid.every(({ isBookComplete }) => isBookComplete)).toBe(true);
    const metered = await store.db.select().from(readings);
    expect(metered.every(({ proof }) => proof !== "unproven")).toBe(true);
    for (const { intervalId } of paid)
      expect(metered.filter((reading) => reading.intervalId === intervalId)).toHaveLength(
        scenario.homes.length,
      );
  } finally {
    await store.close();
  }
});

it("is clean to an auditor", async () => {
  await commonwatt([...UP, "--intervals", "1"], { directory });
  const { exitCode, stderr } = await commonwatt(["audit"], { directory });
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
});
