import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSimulatedStation } from "#domains/charging/station/simulatedStation.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/* A charger joins a depot of `up` over OCPP, with what it was told; its session is held, charged and audited on the chain. */

const UP = ["up", "--scenario", "scenarios/depot", "--port", "0", "--ocpp-port", "0", "--speed", "240"];
const JOINING = /--url (\S+) --id (works-gate) --password (\S+) --token (\S+) --module (\S+)/;
const VEHICLE = {
  capacityWh: 60_000,
  storedWh: 20_000,
  stopsAtWh: 60_000,
  maxPowerW: 3_680,
  phases: 1,
} as const;
/** More than a charger could take before a quota is carried to it. */
const ENOUGH_WH = 500;

let directory: string;
let running: Running;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-chargers-"));
});
afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

it("charges with the token that it was told, and pays on the chain (R2.65, R6.13)", {
  timeout: 240_000,
}, async () => {
  running = startCommonwatt(UP, { directory });
  const [, url = "", stationId = "", password = "", token = "", module = ""] = await running.line(JOINING);
  const [page = ""] = await running.line(/http:\/\/127\.0\.0\.1:\d+/);
  const clock = { now: await marketNow(page) };
  const station = createSimulatedStation({
    ...{ url, stationId, password, version: "ocpp2.0.1", mostA: 32, ratedW: 22_000 },
    now: () => clock.now,
    moduleKey: fromHex(module as Hex),
  });
  await station.connect();
  await station.flush();
  station.plugIn(VEHICLE, token);
  while (station.view().registerWh < ENOUGH_WH) {
    const now = await marketNow(page);
    station.step(now - clock.now);
    clock.now = now;
    await station.flush();
  }
  station.unplug();
  await station.flush();
  const charged = await chargedSession(page);
  expect(BigInt(charged.amountMicro)).toBeGreaterThanOrEqual(350_000n);
  expect(BigInt(charged.limitMicro)).toBe(50_000_000n);
  await station.disconnect();
  running.process.kill("SIGKILL");
  await running.finished;
});

it("goes on after a kill, and is clean to an auditor", { timeout: 240_000 }, async () => {
  const { exitCode, stdout, stderr } = await commonwatt([...UP, "--intervals", "4"], { directory });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(JOINING);
  const audit = await commonwatt(["audit"], { directory });
  expect(audit.exitCode).toBe(0);
  expect(audit.stdout).toMatch(/8 +Stations registered/);
  expect(audit.stdout).toMatch(/[1-9]\d* +Sessions charged/);
});

/** The market's time, which the charger's clock goes by, unix seconds. */
async function marketNow(page: string): Promise<number> {
  const answer = await fetch(`${page}/v1/status`);
  return ((await answer.json()) as { marketNow: number }).marketNow;
}

type Session = { readonly sessionStage: string; readonly amountMicro: string; readonly limitMicro: string };

/** The first session that was charged, as the API has it: asked until there is one. */
async function chargedSession(page: string): Promise<Session> {
  for (;;) {
    const answer = await fetch(`${page}/v1/areas/2/sessions?limit=500`);
    const { sessions } = (await answer.json()) as { sessions: readonly Session[] };
    const found = sessions.find(({ sessionStage }) => sessionStage !== "held");
    if (found) return found;
  }
}
