import { afterEach, describe, expect, it } from "vitest";
import { createIncidents } from "#platform/runtime/incidents.ts";
import { carryQuotas, type WonQuota } from "./carryQuotas.ts";
import { MORNING, openTestSystem, PASSWORD, type TestSystem } from "./ocpp/centralSystem.fixture.ts";
import { type Answer, connectRaw } from "./ocpp/rawStation.fixture.ts";
import { reportStation } from "./stationIncidents.ts";

const PERIOD_SECONDS = 1_800;
const NOW = MORNING / PERIOD_SECONDS;
const time = (seconds: number) => new Date(seconds * 1_000).toISOString();

let system: TestSystem | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

/** A station that answers limits of periods in its own way, but takes the safe one. */
async function connect(answer: Answer = () => ({ status: "Accepted" })) {
  system = await openTestSystem({ answerWithinMs: 200 });
  const answers: Record<string, Answer> = {
    SetChargingProfile: (parameters, count) => {
      const { stackLevel } = parameters.csChargingProfiles as { stackLevel: number };
      return stackLevel === 0 ? { status: "Accepted" } : answer(parameters, count);
    },
  };
  const raw = await connectRaw(system.url, { stationId: "station-1", password: PASSWORD, answers });
  await raw.call("Heartbeat", {});
  await raw.called("SetChargingProfile");
  return raw;
}

function carry(won: readonly WonQuota[], now = MORNING) {
  const ratedW = () => 22_000;
  return carryQuotas(system!.central, {
    quotas: new Map([["station-1", won]]),
    ratedW,
    periodSeconds: PERIOD_SECONDS,
    now,
  });
}

describe("a won quota", () => {
  it("becomes the station's profile of this period and the next", async () => {
    const raw = await connect();
    const won = [
      { period: NOW - 1, quotaW: 1 },
      { period: NOW, quotaW: 7_000 },
      { period: NOW + 1, quotaW: 30_000 },
      { period: NOW + 2, quotaW: null },
    ];
    expect(await carry(won)).toEqual(new Map([["station-1", "accepted"]]));
    expect((await raw.called("SetChargingProfile")).parameters).toMatchObject({
      connectorId: 0,
      csChargingProfiles: {
        validFrom: time(MORNING),
        validTo: time(MORNING + 3_600),
        chargingSchedule: {
          chargingSchedulePeriod: [
            { startPeriod: 0, limit: 7_000 },
            // No more than the station can.
            { startPeriod: 1_800, limit: 22_000 },
          ],
        },
      },
    });
    expect(system!.central.stations()[0]!.countedW).toBe(7_000);
  });

  it("is cleared when it is over, and the safe limit stands", async () => {
    const raw = await connect();
    await carry([{ period: NOW, quotaW: 7_000 }]);
    system!.clock.now = MORNING + PERIOD_SECONDS;
    expect(await carry([{ period: NOW, quotaW: 7_000 }], system!.clock.now)).toEqual(
      new Map([["station-1", "cleared"]]),
    );
    expect((await raw.called("ClearChargingProfile")).parameters).toEqual({ id: 2 });
    expect(system!.central.stations()[0]!.countedW).toBe(4_140);
  });

  it.each<[string, unknown]>([
    ["Rejected", { status: "Rejected" }],
    ["nothing", null],
  ])(
    "that a station answers with %s leaves the safe limit, and an incident until it takes one",
    async (_, given) => {
      const answers = { isWell: false };
      const raw = await connect(() => (answers.isWell ? { status: "Accepted" } : given));
      const incidents = createIncidents(() => system!.clock.now);
      const won = [{ period: NOW, quotaW: 7_000 }];
      expect(await carry(won)).toEqual(new Map([["station-1", "safe"]]));
      expect(system!.central.stations()[0]!.countedW).toBe(4_140);
      for (const event of system!.events) reportStation(incidents, 3, event);
      expect(incidents.list()).toMatchObject([
        { kind: "stationTrouble", areaId: 3, reason: "limitRefused station-1", resolvedAt: null },
      ]);
      expect(incidents.list()[0]!.sentence).toContain("its safe limit, 4140 W, holds instead");
      answers.isWell = true;
      system!.clock.now += 60;
      expect(await carry(won, system!.clock.now)).toEqual(new Map([["station-1", "accepted"]]));
      reportStation(incidents, 3, await system!.told("limitsTaken"));
      expect(incidents.list()).toMatchObject([{ count: 1, resolvedAt: MORNING + 60 }]);
      raw.terminate();
    },
  );
});
