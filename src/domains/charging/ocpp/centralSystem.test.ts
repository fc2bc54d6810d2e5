import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { MORNING, openTestSystem, PASSWORD, type TestSystem } from "./centralSystem.fixture.ts";
import { connectRaw, type RawStation } from "./rawStation.fixture.ts";

const MALFORMED = ["", "{", "null", "7", "[]", "[2]", '[2,"x"]', '[2,7,"Heartbeat",{}]', '[9,"x"]', "[[[["];
const time = (seconds: number) => new Date(seconds * 1_000).toISOString();
const NOTHING = () => null;
const REJECTED = () => ({ status: "Rejected" });
const BOOT_16 = { chargePointVendor: "Acme", chargePointModel: "Wall" };
const BOOT_201 = { chargingStation: { vendorName: "Acme", model: "Wall" }, reason: "PowerUp" };

let system: TestSystem | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

async function station(
  version: "ocpp1.6" | "ocpp2.0.1",
  options: Partial<Parameters<typeof connectRaw>[1]> = {},
): Promise<RawStation> {
  system ??= await openTestSystem();
  return connectRaw(system.url, { stationId: "station-1", password: PASSWORD, version, ...options });
}

describe("a station of OCPP 1.6", () => {
  it("boots, sets its clock by ours, and is laid its safe limit", async () => {
    const raw = await station("ocpp1.6");
    const [type, , answer] = await raw.call("BootNotification", BOOT_16);
    expect([type, answer]).toEqual([3, { status: "Accepted", currentTime: time(MORNING), interval: 300 }]);
    const { parameters } = await raw.called("SetChargingProfile");
    expect(parameters).toMatchObject({
      connectorId: 0,
      csChargingProfiles: {
        chargingProfilePurpose: "ChargePointMaxProfile",
        stackLevel: 0,
        chargingSchedule: {
          chargingRateUnit: "W",
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 4_140 }],
        },
      },
    });
    expect(system?.central.stations()[0]).toMatchObject({
      version: "ocpp1.6",
      name: { vendor: "Acme", model: "Wall" },
      lastSeenAt: MORNING,
    });
  });

  it("has its tokens judged", async () => {
    const raw = await station("ocpp1.6");
    expect((await raw.call("Authorize", { idTag: "known-7" }))[2]).toEqual({
      idTagInfo: { status: "Accepted" },
    });
    expect((await raw.call("Authorize", { idTag: "stranger" }))[2]).toEqual({
      idTagInfo: { status: "Invalid" },
    });
  });

  it("has a session whose records are on the disk when it is answered", async () => {
    const raw = await station("ocpp1.6");
    const start = { connectorId: 1, idTag: "known-7", meterStart: 1_000, timestamp: time(MORNING) };
    const { transactionId } = (await raw.call("StartTransaction", start))[2] as { transactionId: number };
    await raw.call("MeterValues", {
      connectorId: 1,
      transactionId,
      meterValue: [
        {
          timestamp: time(MORNING + 600),
          sampledValue: [
            { value: "1.5009", unit: "kWh", measurand: "Energy.Active.Import.Register" },
            { value: "230", unit: "V", measurand: "Voltage" },
          ],
        },
      ],
    });
    await raw.call("StatusNotification", {
      connectorId: 1,
      errorCode: "NoError",
      status: "SuspendedEV",
      timestamp: time(MORNING + 700),
    });
    const stop = { transactionId, meterStop: 1_501, timestamp: time(MORNING + 900), idTag: "known-7" };
    expect((await raw.call("StopTransaction", stop))[2]).toEqual({ idTagInfo: { status: "Accepted" } });
    const [records] = system!.sessions.unsettled();
    expect(records).toMatchObject([
      { kind: "start", evseId: 1, idToken: "known-7", registers: [{ at: MORNING, registerWh: 1_000n }] },
      { kind: "meter", registers: [{ at: MORNING + 600, registerWh: 1_500n }] },
      { kind: "state", state: "suspendedByVehicle" },
      { kind: "stop", registers: [{ at: MORNING + 900, registerWh: 1_501n }], reason: "Local" },
    ]);
  });

  it("gets the same number for a start that comes again, and another for the next", async () => {
    const raw = await station("ocpp1.6");
    const start = { connectorId: 1, idTag: "known-7", meterStart: 1_000, timestamp: time(MORNING) };
    const numberOf = async (each: object) =>
      ((await raw.call("StartTransaction", each))[2] as { transactionId: number }).transactionId;
    const first = await numberOf(start);
    expect(await numberOf(start)).toBe(first);
    expect(await numberOf({ ...start, timestamp: time(MORNING + 1) })).not.toBe(first);
  });

  it.each([
    [
      "a charging point that it has not",
      "StartTransaction",
      { connectorId: 3, idTag: "known", meterStart: 0, timestamp: time(0) },
      "PropertyConstraintViolation",
    ],
    [
      "a register below nothing",
      "StartTransaction",
      { connectorId: 1, idTag: "known", meterStart: -1, timestamp: time(0) },
      "PropertyConstraintViolation",
    ],
    [
      "a missing field",
      "StartTransaction",
      { connectorId: 1, idTag: "known", meterStart: 1 },
      "OccurrenceConstraintViolation",
    ],
    ["a field of another type", "Authorize", { idTag: 7 }, "TypeConstraintViolation"],
    ["a field too long", "Authorize", { idTag: "x".repeat(21) }, "FormationViolation"],
    ["a method that there is not", "Explode", {}, "NotImplemented"],
    ["no parameters", "Heartbeat", undefined, "TypeConstraintViolation"],
  ])("is answered with the protocol's error for %s", async (_, method, parameters, code) => {
    const raw = await station("ocpp1.6");
    const answer = await raw.call(method, parameters);
    expect(answer[0]).toBe(4);
    expect(answer[2]).toBe(code);
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
  });
});

describe("a station of OCPP 2.0.1", () => {
  it("has a session by its own name", async () => {
    const raw = await station("ocpp2.0.1");
    await raw.call("BootNotification", BOOT_201);
    const event = (eventType: string, seqNo: number, more: object) => ({
      eventType,
      seqNo,
      timestamp: time(MORNING + 60 * seqNo),
      triggerReason: "Authorized",
      transactionInfo: { transactionId: "session-a", chargingState: "Charging" },
      ...more,
    });
    const meter = (value: number, seqNo: number) => ({
      meterValue: [
        {
          timestamp: time(MORNING + 60 * seqNo),
          sampledValue: [{ value, unitOfMeasure: { unit: "Wh", multiplier: 1 } }],
        },
      ],
    });
    const token = { idToken: { idToken: "known-8", type: "ISO14443" } };
    const started = await raw.call(
      "TransactionEvent",
      event("Started", 0, { ...token, ...meter(100, 0), evse: { id: 2 } }),
    );
    expect(started[2]).toEqual({ idTokenInfo: { status: "Accepted" } });
    const updated = await raw.call(
      "TransactionEvent",
      event("Updated", 1, { ...meter(150.5, 1), offline: true }),
    );
    expect(updated[2]).toEqual({});
    await raw.call("TransactionEvent", event("Ended", 2, meter(200, 2)));
    expect(system!.sessions.unsettled()[0]).toMatchObject([
      { kind: "start", sessionId: "session-a", evseId: 2, sequence: 0, registers: [{ registerWh: 1_000n }] },
      { kind: "meter", isOffline: true, registers: [{ registerWh: 1_505n }] },
      { kind: "stop", sequence: 2, registers: [{ registerWh: 2_000n }] },
    ]);
  });

  it("is laid limits, triggered and reset in its own words", async () => {
    const raw = await station("ocpp2.0.1");
    await raw.call("BootNotification", BOOT_201);
    await raw.called("SetChargingProfile");
    const limit = {
      from: MORNING,
      periods: [
        { seconds: 1_800, limitW: 11_000 },
        { seconds: 1_800, limitW: 7_000 },
      ],
    };
    expect(await system!.central.limitPower("station-1", limit)).toBe("accepted");
    expect((await raw.called("SetChargingProfile")).parameters).toEqual({
      evseId: 0,
      chargingProfile: {
        id: 2,
        stackLevel: 1,
        chargingProfilePurpose: "ChargingStationMaxProfile",
        chargingProfileKind: "Absolute",
        validFrom: time(MORNING),
        validTo: time(MORNING + 3_600),
        chargingSchedule: [
          {
            id: 2,
            startSchedule: time(MORNING),
            duration: 3_600,
            chargingRateUnit: "W",
            chargingSchedulePeriod: [
              { startPeriod: 0, limit: 11_000 },
              { startPeriod: 1_800, limit: 7_000 },
            ],
          },
        ],
      },
    });
    const counted = () => system!.central.stations()[0]!.countedW;
    expect(counted()).toBe(11_000);
    system!.clock.now += 1_800;
    expect(counted()).toBe(7_000);
    system!.clock.now += 1_800;
    expect(counted()).toBe(4_140);
    expect(await system!.central.trigger("station-1", "StatusNotification")).toBe("Accepted");
    expect((await raw.called("TriggerMessage")).parameters).toEqual({
      requestedMessage: "StatusNotification",
    });
    expect(await system!.central.reset("station-1", "soft")).toBe("Accepted");
    expect((await raw.called("Reset")).parameters).toEqual({ type: "OnIdle" });
    expect(await system!.central.clearLimits("station-1")).toBe("Accepted");
    expect((await raw.called("ClearChargingProfile")).parameters).toEqual({ chargingProfileId: 2 });
  });
});

describe("a malformed frame", () => {
  it("is answered with the protocol's error, told, and harms no other station", async () => {
    const raw = await station("ocpp1.6");
    const other = await connectRaw(system!.url, { stationId: "station-2", password: PASSWORD });
    for (const text of MALFORMED) raw.send(text);
    expect((await raw.answerTo("-1"))[0]).toBe(4);
    expect((await system!.told("malformedMessage")).stationId).toBe("station-1");
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
    expect((await other.call("Heartbeat", {}))[0]).toBe(3);
  });

  it("ends the connection of who sends nothing else", async () => {
    const raw = await station("ocpp1.6");
    for (let i = 0; i < 30; i++) raw.send("{");
    expect(await raw.closed).toBe(1_002);
  });

  it("ends the connection when it is larger than any message", async () => {
    const raw = await station("ocpp1.6");
    raw.send("x".repeat(300_000));
    expect(await raw.closed).toBe(1_009);
    const again = await station("ocpp1.6");
    expect((await again.call("Heartbeat", {}))[0]).toBe(3);
  });

  it.each(["/%E0%A4%A", "//", "/\u0001"])("in the address %j ends that one connection", async (path) => {
    const raw = await station("ocpp1.6");
    const { port } = new URL(system!.url);
    const socket = connect(Number(port), "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await ended;
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
  });
});

describe("a station that does not take its limit", () => {
  const limit = { from: MORNING, periods: [{ seconds: 1_800, limitW: 11_000 }] };
  /** Refuses what is laid over the safe limit. */
  const refusing = (answer: unknown) => (parameters: Record<string, unknown>) => {
    const { stackLevel } = parameters.csChargingProfiles as { stackLevel: number };
    return stackLevel === 0 ? { status: "Accepted" } : answer;
  };

  it.each([
    ["Rejected", { status: "Rejected" }, "Rejected"],
    ["NotSupported", { status: "NotSupported" }, "NotSupported"],
    ["what fits no schema", { status: "Maybe" }, "error"],
    ["nothing", null, "noAnswer"],
  ])("and answers %s gets the safe limit, and the operator is told", async (_, given, answer) => {
    system = await openTestSystem({ answerWithinMs: 200 });
    const raw = await station("ocpp1.6", { answers: { SetChargingProfile: refusing(given) } });
    await raw.call("BootNotification", BOOT_16);
    await raw.called("SetChargingProfile");
    expect(await system.central.limitPower("station-1", limit)).toBe("safe");
    expect(await system.told("limitRefused")).toMatchObject({
      stationId: "station-1",
      answer,
      safeLimitW: 4_140,
    });
    expect((await raw.called("ClearChargingProfile")).parameters).toEqual({ id: 2 });
    expect(system.central.stations()[0]!.countedW).toBe(4_140);
  });

  it("and refuses the safe limit too is counted with its rating", async () => {
    const raw = await station("ocpp1.6", { answers: { SetChargingProfile: REJECTED } });
    await raw.call("BootNotification", BOOT_16);
    expect(await system!.central.limitPower("station-1", limit)).toBe("uncontrolled");
    expect(await system!.told("uncontrolled")).toMatchObject({ ratedW: 22_000 });
    expect(system!.central.stations()[0]!.countedW).toBe(22_000);
  });

  it("and says nothing to anything is counted with its rating, since nobody knows what stands", async () => {
    system = await openTestSystem({ answerWithinMs: 100 });
    const raw = await station("ocpp1.6", {
      answers: Object.fromEntries([
        ["SetChargingProfile", refusing(null)],
        ["ClearChargingProfile", NOTHING],
      ]),
    });
    await raw.call("BootNotification", BOOT_16);
    expect(await system.central.limitPower("station-1", limit)).toBe("uncontrolled");
    expect(system.central.stations()[0]!.countedW).toBe(22_000);
  });

  it("since it is away falls back by itself, and is told again when it comes", async () => {
    const raw = await station("ocpp1.6");
    await raw.call("BootNotification", BOOT_16);
    await raw.called("SetChargingProfile");
    expect(await system!.central.limitPower("station-1", limit)).toBe("accepted");
    raw.terminate();
    await system!.told("disconnected");
    expect(system!.central.stations()[0]).toMatchObject({ version: null, countedW: 11_000 });
    system!.clock.now += 60;
    const again = await station("ocpp1.6");
    await again.call("Heartbeat", {});
    await again.called("SetChargingProfile");
    const { parameters } = await again.called("SetChargingProfile");
    expect(parameters).toMatchObject({
      csChargingProfiles: { stackLevel: 1, validTo: time(MORNING + 1_800) },
    });
    system!.clock.now = MORNING + 1_800;
    expect(system!.central.stations()[0]!.countedW).toBe(4_140);
  });

  it("since it is no power of the station is refused before anybody is asked", async () => {
    const raw = await station("ocpp1.6");
    await raw.call("Heartbeat", {});
    const impossible = { from: MORNING, periods: [{ seconds: 1_800, limitW: 22_001 }] };
    await expect(system!.central.limitPower("station-1", impossible)).rejects.toThrow("22000 W");
    await expect(system!.central.limitPower("nobody", limit)).rejects.toThrow('no charging station "nobody"');
  });
});
