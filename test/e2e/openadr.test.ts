import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createVenClient } from "#domains/response/openadr/ven/venClient.ts";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/* OpenADR by the program itself: clients registered, a server that is killed, a VEN that follows and reports. */

let directory: string;
let vtn: Running | null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-openadr-"));
  vtn = null;
});
afterEach(async () => {
  vtn?.process.kill("SIGKILL");
  await vtn?.finished;
  rmSync(directory, { recursive: true, force: true });
});

async function register(id: string, role: string): Promise<string> {
  const { stdout } = await commonwatt(["vtn-client", id, "--role", role, "--json"], { directory });
  return JSON.parse(stdout).clientSecret;
}

async function startVtn(): Promise<string> {
  vtn = startCommonwatt(["vtn", "--port", "0"], { directory });
  const [, url = ""] = await vtn.line(/^OpenADR 3\.1 at (\S+),/);
  return url;
}

it("keeps every object that it confirmed when it is killed, and a VEN follows what is asked", async () => {
  const [business, home] = [await register("market", "business"), await register("home", "ven")];
  const market = (url: string) => createVenClient({ url, clientID: "market", secret: business });
  const first = market(await startVtn());
  const program = await first.create("PROGRAM", { programName: "demand response" });
  const event = await first.create("EVENT", {
    programID: program.id,
    intervalPeriod: { start: "2025-05-12T18:00:00Z", duration: "PT1H" },
    intervals: [{ id: 0, payloads: [{ type: "IMPORT_CAPACITY_LIMIT", values: [2] }] }],
  });
  vtn?.process.kill("SIGKILL");
  await vtn?.finished;
  const url = await startVtn();
  expect(await market(url).list("EVENT")).toEqual([event]);
  const args = ["ven", "--url", url, "--id", "home", "--secret", home, "--once", "--json"];
  const { stdout, exitCode, stderr } = await commonwatt(args, { directory });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const followed = JSON.parse(stdout);
  expect(followed).toMatchObject({ eventID: event.id, intervals: [{ usedWh: 2_000 }] });
  const [report, ...more] = await market(url).list("REPORT");
  expect([report?.id, more]).toEqual([followed.reportID, []]);
  vtn?.process.kill("SIGTERM");
  expect((await vtn?.finished)?.exitCode).toBe(0);
});
