import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/* A charger joins a depot of `up` over OCPP, with what it was told; its session is held, charged and audited on the chain. */

const UP = ["up", "--scenario", "scenarios/depot", "--port", "0", "--ocpp-port", "0", "--speed", "240"];
/** The line that a newcomer copies. */
const JOINING =
  /^commonwatt (charge-point --url \S+ --id works-gate --password \S+ --token \S+ --module \S+)$/m;
/** A vehicle that a small quota is enough for: 1 % of 60 kWh, on one phase. */
const VEHICLE = ["--phases", "1", "--charge", "40", "--target", "41"];

let directory: string;
let running: Running;
let charger: Running | undefined;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-chargers-"));
});
afterAll(async () => {
  charger?.process.kill("SIGKILL");
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

it("charges with the token that it was told, and pays on the chain (R2.65, R6.13)", {
  timeout: 600_000,
}, async () => {
  running = startCommonwatt(UP, { directory });
  const [, line = ""] = await running.line(JOINING);
  const [page = ""] = await running.line(/http:\/\/127\.0\.0\.1:\d+/);
  charger = startCommonwatt([...line.split(" "), ...VEHICLE], { directory });
  const { exitCode, stdout, stderr } = await charger.finished;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("its module has signed the session");
  const charged = await chargedSession(page);
  expect(BigInt(charged.amountMicro)).toBeGreaterThanOrEqual(350_000n);
  expect(BigInt(charged.limitMicro)).toBe(50_000_000n);
  running.process.kill("SIGKILL");
  await running.finished;
});

it("goes on after a kill, and is clean to an auditor", { timeout: 600_000 }, async () => {
  const { exitCode, stdout, stderr } = await commonwatt([...UP, "--intervals", "4"], { directory });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(JOINING);
  const audit = await commonwatt(["audit"], { directory });
  expect(audit.exitCode).toBe(0);
  expect(audit.stdout).toMatch(/8 +Stations registered/);
  expect(audit.stdout).toMatch(/[1-9]\d* +Sessions charged/);
});

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
