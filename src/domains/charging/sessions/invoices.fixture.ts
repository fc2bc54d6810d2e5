import fc from "fast-check";
import { createLocalClock } from "#kernel/units/localClock.ts";
import type { ChargingSession } from "./chargingSession.ts";
import { BEGIN } from "./sessionRecords.fixture.ts";
import type { ChargingTariff } from "./tariff.ts";

export const clock = createLocalClock("Europe/Berlin");
export const MINUTE = 60;
const micro = fc.bigInt({ min: 0n, max: 3_000_000n });

/** Of one to five prices a day. */
export const tariff: fc.Arbitrary<ChargingTariff> = fc
  .record({
    sessionFeeMicro: micro,
    idleGraceSeconds: fc.nat(7_200),
    prices: fc.uniqueArray(
      fc.record({
        quarter: fc.nat(95),
        energyMicroPerKwh: micro,
        timeMicroPerHour: micro,
        idleMicroPerHour: micro,
      }),
      { selector: ({ quarter }) => quarter, minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ prices, ...rest }) => ({
    ...rest,
    tariffId: "day",
    currency: "EUR",
    prices: prices
      .sort((one, other) => one.quarter - other.quarter)
      .map(({ quarter, ...price }, i) => ({ ...price, fromMinute: i === 0 ? 0 : quarter * 15 })),
  }));

/** A session with a reading a minute, each rise a whole number of Wh, then minutes without charging. */
export const session: fc.Arbitrary<ChargingSession> = fc
  .record({
    beginMinute: fc.nat(2_880),
    rises: fc.array(fc.integer({ min: 1, max: 366 }), { minLength: 1, maxLength: 400 }),
    idleMinutes: fc.nat(300),
    heldMinutes: fc.nat(60),
  })
  .map(({ beginMinute, rises, idleMinutes, heldMinutes }) => {
    const startedAt = BEGIN + beginMinute * MINUTE;
    const readings = [{ at: startedAt, registerWh: 100n }];
    for (const rise of rises) {
      const { at, registerWh } = readings.at(-1)!;
      readings.push({ at: at + MINUTE, registerWh: registerWh + BigInt(rise) });
    }
    const { at: chargingEndedAt, registerWh } = readings.at(-1)!;
    const from = chargingEndedAt + heldMinutes * MINUTE;
    const endedAt = from + idleMinutes * MINUTE;
    return {
      stationId: "station-1",
      sessionId: "7",
      evseId: 1,
      idToken: "driver-1",
      startedAt,
      endedAt,
      chargingEndedAt,
      idle: idleMinutes === 0 ? [] : [{ from, to: endedAt }],
      readings,
      energyWh: registerWh - 100n,
      notes: [],
    };
  });
