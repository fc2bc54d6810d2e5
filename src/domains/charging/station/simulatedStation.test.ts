import { afterEach, describe, expect, it } from "vitest";
import { MORNING, openTestSystem, PASSWORD, type TestSystem } from "../ocpp/centralSystem.fixture.ts";
import type { OcppVersion } from "../ocpp/version.ts";
import type { Settled } from "../sessionBook.ts";
import { createSimulatedStation, type SimulatedStation } from "./simulatedStation.ts";

const VEHICLE = {
  capacityWh: 50_000,
  storedWh: 20_000,
  stopsAtWh: 50_000,
  maxPowerW: 11_000,
  phases: 3 as const,
};
const RATED_W = 22_000;
const MINUTE = 60;

let system: TestSystem | undefined;
let station: SimulatedStation | undefined;
afterEach(async () => {
  await station?.disconnect();
  await system?.close();
});

async function open(version: OcppVersion, clockErrorSeconds = 0) {
  system = await openTestSystem();
  const { url, clock } = system;
  station = createSimulatedStation({
    url,
    stationId: "station-1",
    password: PASSWORD,
    version,
    mostA: 32,
    ratedW: RATED_W,
    now: () => clock.now,
    clockErrorSeconds,
    initialRegisterWh: 1_000,
  });
  const run = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      clock.now += MINUTE;
      station?.step(MINUTE);
      await station?.flush();
    }
  };
  return { system, station, clock, run };
}

async function settled({ sessions, clock }: TestSystem) {
  clock.now += 1_000;
  const results: Settled[] = [];
  await sessions.settle({ ratedW: () => RATED_W, deliver: (each) => void results.push(each) });
  const [result] = results;
  if (result?.kind !== "session") throw new Error(`no session: ${JSON.stringify(result)}`);
  return result.session;
}

describe.each(["ocpp1.6", "ocpp2.0.1"] as const)("a simulated station of %s", (version) => {
  it("has a session under its safe limit, then under that of a period, and paused below 6 A", async () => {
    const { system, station, clock, run } = await open(version);
    await station.connect();
    await station.flush();
    await system.central.limitPower("station-1", {
      from: clock.now + 10 * MINUTE,
      periods: [
        { seconds: 10 * MINUTE, limitW: 8_000 },
        { seconds: 10 * MINUTE, limitW: 4_000 },
      ],
    });
    station.plugIn(VEHICLE, "known-1");
    await station.flush();
    const powers: number[] = [];
    for (let i = 0; i < 4; i++) {
      await run(5);
      powers.push(station.view().powerW);
      await run(5);
    }
    expect(powers).toEqual([4_140, 7_590, 0, 4_140]);
    station.unplug();
    await station.flush();
    const session = await settled(system);
    expect(Number(session.energyWh)).toBe(station.view().registerWh - 1_000);
    expect(session).toMatchObject({ startedAt: MORNING, endedAt: MORNING + 2_400, idToken: "known-1" });
  });

  it("keeps what it has to say while it is away, and says it when it is back", async () => {
    const { system, station, run } = await open(version);
    await station.connect();
    await station.flush();
    await station.disconnect();
    await system.told("disconnected");
    station.plugIn(VEHICLE, "known-1");
    await run(180);
    station.unplug();
    expect(system.sessions.unsettled()).toEqual([]);
    await run(120);
    await station.connect();
    await station.flush();
    expect(station.view().waiting).toBe(0);
    const session = await settled(system);
    expect(session).toMatchObject({
      startedAt: MORNING,
      endedAt: MORNING + 180 * MINUTE,
      notes: ["sentLate"],
    });
    expect(Number(session.energyWh)).toBe(station.view().registerWh - 1_000);
  });

  it("sets its clock by the central system's", async () => {
    const { system, station, run } = await open(version, 7_200);
    await station.connect();
    await station.flush();
    station.plugIn(VEHICLE, "known-1");
    await run(20);
    station.unplug();
    await station.flush();
    expect(await settled(system)).toMatchObject({ startedAt: MORNING, notes: [] });
  });

  it("rejects a limit that is not for the whole station, and says so of a message that it does not know", async () => {
    const { system, station } = await open(version);
    await station.connect();
    await station.flush();
    expect(await system.central.trigger("station-1", "MeterValues")).toBe("NotImplemented");
    expect(await system.central.trigger("station-1", "Heartbeat")).toBe("Accepted");
    expect(await system.central.clearLimits("station-1")).toBe("Unknown");
    expect(await system.central.reset("station-1", "hard")).toBe("Accepted");
    expect(station.view().waiting).toBe(1);
  });
});

it("a station says why it cannot connect", async () => {
  system = await openTestSystem();
  const { url } = system;
  const of = (address: string) =>
    createSimulatedStation({
      url: address,
      stationId: "station-1",
      password: "another-password-1",
      version: "ocpp1.6",
      mostA: 32,
      ratedW: RATED_W,
      now: () => MORNING,
    });
  await expect(of(url).connect()).rejects.toThrow(`at ${url}/station-1: Unauthorized`);
  await expect(of("ws://127.0.0.1:9").connect()).rejects.toThrow("ECONNREFUSED");
});
