import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeDetailRecord } from "./chargeDetailRecord.ts";
import type { ChargingSession } from "./chargingSession.ts";
import { chargedTimes, invoiceSession, PARTS_OF_A_MICRO } from "./invoice.ts";
import { clock, MINUTE, session, tariff } from "./invoices.fixture.ts";
import { BEGIN } from "./sessionRecords.fixture.ts";
import type { ChargingTariff, DayPrice } from "./tariff.ts";

/** Tariff × meter, second by second, by the plainest means: in 18,000ths of a micro. */
function exactly(of: ChargingSession, { prices, sessionFeeMicro, idleGraceSeconds }: ChargingTariff): bigint {
  const priceAt = (second: number): DayPrice => {
    const local = new Date(second * 1_000).toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin" });
    const [hour = 0, minute = 0] = local.split(":").map(Number);
    return prices.filter(({ fromMinute }) => fromMinute <= hour * 60 + minute).at(-1)!;
  };
  let exact = sessionFeeMicro * 18_000n;
  let grace = idleGraceSeconds;
  for (let second = of.startedAt; second < of.endedAt; second += MINUTE) {
    const price = priceAt(second);
    const i = of.readings.findIndex(({ at }) => at === second);
    const next = of.readings[i + 1];
    if (i >= 0 && next !== undefined)
      exact += (next.registerWh - of.readings[i]!.registerWh) * price.energyMicroPerKwh * 18n;
    if (second < of.chargingEndedAt) exact += 60n * price.timeMicroPerHour * 5n;
    else if (of.idle.some(({ from }) => second >= from)) {
      const free = Math.min(grace, MINUTE);
      grace -= free;
      exact += BigInt(MINUTE - free) * price.idleMicroPerHour * 5n;
    }
  }
  return exact;
}

describe("an invoice", () => {
  it("is tariff × meter exactly, rounded up once", () => {
    fc.assert(
      fc.property(session, tariff, (of, by) => {
        const { totalMicro } = invoiceSession(of, { tariff: by, clock });
        const exact = exactly(of, by);
        expect(totalMicro).toBe((exact + PARTS_OF_A_MICRO - 1n) / PARTS_OF_A_MICRO);
      }),
    );
  });

  it("has lines that add up to its total, each less than a micro from its quantity at its price", () => {
    fc.assert(
      fc.property(session, tariff, (of, by) => {
        const { lines, totalMicro } = invoiceSession(of, { tariff: by, clock });
        expect(lines.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)).toBe(totalMicro);
        for (const line of lines) {
          const parts =
            line.component === "session"
              ? by.sessionFeeMicro * 18_000n
              : line.component === "energy"
                ? line.energyWh * line.priceMicroPerKwh * 18n
                : BigInt(line.seconds) * line.priceMicroPerHour * 5n;
          const error = line.amountMicro * PARTS_OF_A_MICRO - parts;
          expect(error > -PARTS_OF_A_MICRO && error < PARTS_OF_A_MICRO).toBe(true);
        }
      }),
    );
  });

  it("is exported with the same energy, time and money", () => {
    fc.assert(
      fc.property(session, tariff, (of, by) => {
        const invoice = invoiceSession(of, { tariff: by, clock });
        const cdr = chargeDetailRecord(of, {
          invoice,
          tariff: by,
          clock,
          party: {
            countryCode: "DE",
            partyId: "CWT",
            location: {
              id: "depot",
              address: "1",
              city: "B",
              country: "DEU",
              latitude: "52.5",
              longitude: "13.4",
            },
          },
          settledAt: of.endedAt,
        }) as Record<string, unknown> & {
          charging_periods: { dimensions: { type: string; volume: number }[] }[];
        };
        const volumes = (type: string) =>
          cdr.charging_periods
            .flatMap(({ dimensions }) => dimensions)
            .filter((dimension) => dimension.type === type)
            .reduce((sum, { volume }) => sum + volume, 0);
        expect(volumes("ENERGY")).toBeCloseTo(Number(of.energyWh) / 1_000, 9);
        expect(cdr.total_energy).toBe(Number(of.energyWh) / 1_000);
        expect(volumes("TIME") + volumes("PARKING_TIME")).toBeCloseTo((of.endedAt - of.startedAt) / 3_600, 4);
        expect(cdr.total_cost).toEqual({ excl_vat: Number(invoice.totalMicro) / 1_000_000 });
        expect(JSON.parse(JSON.stringify(cdr))).toEqual(cdr);
      }),
    );
  });
});

it("an invoice names each component", () => {
  const prices = [
    { fromMinute: 0, energyMicroPerKwh: 300_000n, timeMicroPerHour: 60_000n, idleMicroPerHour: 6_000_000n },
    { fromMinute: 570, energyMicroPerKwh: 500_000n, timeMicroPerHour: 60_000n, idleMicroPerHour: 6_000_000n },
  ];
  const by = { tariffId: "day", currency: "EUR", sessionFeeMicro: 350_000n, idleGraceSeconds: 600, prices };
  // 09:00 to 10:00 in Berlin, 10 kW evenly; then 20 minutes beside the station.
  const of = {
    stationId: "station-1",
    sessionId: "7",
    evseId: 1,
    idToken: "driver-1",
    startedAt: BEGIN,
    chargingEndedAt: BEGIN + 3_600,
    endedAt: BEGIN + 4_800,
    idle: [{ from: BEGIN + 3_600, to: BEGIN + 4_800 }],
    readings: [
      { at: BEGIN, registerWh: 0n },
      { at: BEGIN + 3_600, registerWh: 10_000n },
    ],
    energyWh: 10_000n,
    notes: [],
  };
  expect(invoiceSession(of, { tariff: by, clock })).toEqual({
    stationId: "station-1",
    sessionId: "7",
    tariffId: "day",
    currency: "EUR",
    lines: [
      { component: "session", amountMicro: 350_000n },
      { component: "energy", energyWh: 5_000n, priceMicroPerKwh: 300_000n, amountMicro: 1_500_000n },
      { component: "energy", energyWh: 5_000n, priceMicroPerKwh: 500_000n, amountMicro: 2_500_000n },
      { component: "time", seconds: 3_600, priceMicroPerHour: 60_000n, amountMicro: 60_000n },
      { component: "idle", seconds: 600, priceMicroPerHour: 6_000_000n, amountMicro: 1_000_000n },
    ],
    totalMicro: 5_410_000n,
  });
  expect(chargedTimes(of, by)[1].spans).toEqual([{ from: BEGIN + 4_200, to: BEGIN + 4_800 }]);
  expect(() => invoiceSession(of, { tariff: { ...by, prices: prices.slice(1) }, clock })).toThrow("from 0");
});
