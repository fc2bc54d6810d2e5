import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { type CentralSystem, openCentralSystem } from "../ocpp/centralSystem.ts";
import { enrolStation } from "../ocpp/station.ts";
import type { StationEvent } from "../ocpp/stationEvent.ts";
import { openStationSecurity } from "../ocpp/stationSecurity.ts";
import type { OcppVersion } from "../ocpp/version.ts";
import { openSessionBook, type SessionBook, type Settled } from "../sessionBook.ts";
import { type CdrParty, chargeDetailRecord } from "../sessions/chargeDetailRecord.ts";
import type { ChargingSession, SessionException } from "../sessions/chargingSession.ts";
import { type Invoice, invoiceSession } from "../sessions/invoice.ts";
import type { ChargingTariff } from "../sessions/tariff.ts";
import { createSimulatedStation, type SimulatedStation, type StationSight } from "./simulatedStation.ts";
import type { Vehicle } from "./vehicle.ts";

/** Stations behind one connection, each with a vehicle. */
export type DemonstrationOptions = {
  readonly stations: number;
  readonly version: OcppVersion;
  /** What all together may draw, W. */
  readonly limitW: number;
  /** Each stays half an hour longer than it charges. */
  readonly vehicle: Vehicle;
  /** Where the sessions' records are kept. */
  readonly directory: string;
  /** At each step of a minute; the demonstration waits for it. */
  readonly onStep: (step: DemonstrationStep) => Promise<void> | void;
};

export type DemonstrationStep = { readonly at: number; readonly sights: readonly StationSight[] };

export type DemonstrationResult = {
  readonly sessions: readonly { readonly session: ChargingSession; readonly invoice: Invoice }[];
  readonly exceptions: readonly SessionException[];
  readonly peakW: number;
  readonly messages: number;
  readonly refusals: readonly StationEvent[];
};

/** What the demonstration's sessions cost. */
export const DEMONSTRATION_TARIFF: ChargingTariff = {
  tariffId: "demonstration",
  currency: "EUR",
  sessionFeeMicro: 350_000n,
  idleGraceSeconds: 900,
  prices: [
    { fromMinute: 0, energyMicroPerKwh: 290_000n, timeMicroPerHour: 0n, idleMicroPerHour: 0n },
    { fromMinute: 360, energyMicroPerKwh: 390_000n, timeMicroPerHour: 0n, idleMicroPerHour: 6_000_000n },
    { fromMinute: 1_320, energyMicroPerKwh: 290_000n, timeMicroPerHour: 0n, idleMicroPerHour: 0n },
  ],
};
const DEMONSTRATION_PARTY: CdrParty = {
  countryCode: "DE",
  partyId: "CWT",
  location: {
    id: "demonstration",
    address: "Riverside 1",
    city: "Riverside",
    country: "DEU",
    latitude: "52.5200",
    longitude: "13.4050",
  },
};
export const DEMONSTRATION_ZONE = "Europe/Berlin";
/** Monday, 5 January 2026, 18:00 in Berlin. */
const BEGIN = 1_767_632_400;
const STEP_SECONDS = 60;
const PERIOD_SECONDS = 1_800;
/** A vehicle that has its energy stays so long, s. */
const STAY_SECONDS = 1_800;
const MOST_SECONDS = 86_400;
/** Longer than a settled session waits for late messages. */
const AFTERWARDS_SECONDS = 1_000;
const RATED_W = 22_000;
const MOST_A = 32;
const SAFE_W = 4_140;
const PASSWORD_BYTES = 16;
const ANSWER_MS = 30_000;
const HEARTBEAT_SECONDS = 300;

type Site = {
  readonly options: DemonstrationOptions;
  readonly clock: { now: number };
  readonly central: CentralSystem;
  readonly book: SessionBook;
  readonly stations: readonly SimulatedStation[];
  readonly refusals: StationEvent[];
};

/**
 * Lets vehicles charge at simulated stations of a central system on loopback, in a time of its own. Each half-hour the limit is
 * shared evenly among those that charge; the safe limits together are within it too.
 */
export async function runDemonstration(options: DemonstrationOptions): Promise<DemonstrationResult> {
  const site = await openSite(options);
  try {
    for (const [i, station] of site.stations.entries()) station.plugIn(options.vehicle, `driver-${i + 1}`);
    const peakW = await charge(site);
    await flushAll(site);
    site.clock.now += AFTERWARDS_SECONDS;
    const settled: Settled[] = [];
    await site.book.settle({ ratedW: () => RATED_W, deliver: (each) => void settled.push(each) });
    const messages = site.stations.reduce((sum, station) => sum + station.view().answered, 0);
    return { ...invoicesOf(settled), peakW, messages, refusals: site.refusals };
  } finally {
    await Promise.all(site.stations.map((station) => station.disconnect()));
    await site.central.close();
  }
}

/** A result as a value for JSON: money in micro and energy in Wh as text, and each session's record of OCPI. */
export function demonstrationRecord({ sessions, exceptions, peakW, messages }: DemonstrationResult): object {
  const prices = { tariff: DEMONSTRATION_TARIFF, clock: createLocalClock(DEMONSTRATION_ZONE) };
  return {
    sessions: sessions.map(({ session, invoice }) => ({
      stationId: session.stationId,
      sessionId: session.sessionId,
      startedAt: session.startedAt,
      endedAt: session.endedAt,
      energyWh: session.energyWh.toString(),
      notes: session.notes,
      invoice: {
        currency: invoice.currency,
        lines: invoice.lines.map((line) =>
          Object.fromEntries(
            Object.entries(line).map(([key, value]) => [key, typeof value === "bigint" ? `${value}` : value]),
          ),
        ),
        totalMicro: invoice.totalMicro.toString(),
      },
      chargeDetailRecord: chargeDetailRecord(session, {
        ...prices,
        invoice,
        party: DEMONSTRATION_PARTY,
        settledAt: session.endedAt,
      }),
    })),
    exceptions,
    peakW,
    messages,
  };
}

async function openSite(options: DemonstrationOptions): Promise<Site> {
  const clock = { now: BEGIN };
  const now = () => clock.now;
  const refusals: StationEvent[] = [];
  const book = openSessionBook(options.directory, now);
  const password = randomBytes(PASSWORD_BYTES).toString("hex");
  const enrolled = Array.from({ length: options.stations }, (_, i) =>
    enrolStation({
      stationId: `station-${i + 1}`,
      password,
      securityProfile: 1,
      evses: 1,
      ratedW: RATED_W,
      safeLimitW: Math.min(SAFE_W, Math.floor(options.limitW / options.stations)),
    }),
  );
  const central = await openCentralSystem({
    listeners: [{ host: "127.0.0.1", port: 0, security: { profile: 1 } }],
    stations: enrolled,
    sessions: book,
    security: openStationSecurity(join(options.directory, "security.json")),
    authorise: async () => "accepted",
    now,
    tell: (event) => void (event.kind === "limitRefused" && refusals.push(event)),
    answerWithinMs: ANSWER_MS,
    heartbeatSeconds: HEARTBEAT_SECONDS,
  });
  const [url = ""] = central.urls;
  const stations = enrolled.map(({ stationId }) =>
    createSimulatedStation({
      url,
      stationId,
      password,
      version: options.version,
      mostA: MOST_A,
      ratedW: RATED_W,
      now,
    }),
  );
  const site = { options, clock, central, book, stations, refusals };
  for (const station of stations) {
    await station.connect();
    await station.flush();
  }
  return site;
}

/** Until every vehicle has left; gives the most that all drew at once, W. */
async function charge(site: Site): Promise<number> {
  const { options, clock, stations } = site;
  const doneAt = new Map<number, number>();
  let peakW = 0;
  while (clock.now < BEGIN + MOST_SECONDS && stations.some((station) => station.view().charge !== null)) {
    if ((clock.now - BEGIN) % PERIOD_SECONDS === 0) await shareLimit(site);
    const sights = stations.map((station) => station.view());
    peakW = Math.max(
      peakW,
      sights.reduce((sum, { powerW }) => sum + powerW, 0),
    );
    await options.onStep({ at: clock.now, sights });
    clock.now += STEP_SECONDS;
    for (const [i, station] of stations.entries()) {
      station.step(STEP_SECONDS);
      if (!station.view().isSatisfied) continue;
      const since = doneAt.get(i) ?? clock.now;
      doneAt.set(i, since);
      if (clock.now >= since + STAY_SECONDS) station.unplug();
    }
    await flushAll(site);
  }
  return peakW;
}

async function shareLimit({ options, clock, central, stations }: Site): Promise<void> {
  const charging = stations.flatMap((station, i) => (station.view().charge === null ? [] : [i]));
  const limitW = Math.min(RATED_W, Math.floor(options.limitW / Math.max(1, charging.length)));
  const limit = { from: clock.now, periods: [{ seconds: PERIOD_SECONDS, limitW }] };
  await Promise.all(charging.map((i) => central.limitPower(`station-${i + 1}`, limit)));
}

async function flushAll({ stations }: Site): Promise<void> {
  await Promise.all(stations.map((station) => station.flush()));
}

function invoicesOf(settled: readonly Settled[]): Pick<DemonstrationResult, "sessions" | "exceptions"> {
  const prices = { tariff: DEMONSTRATION_TARIFF, clock: createLocalClock(DEMONSTRATION_ZONE) };
  return {
    sessions: settled.flatMap((each) =>
      each.kind === "session"
        ? [{ session: each.session, invoice: invoiceSession(each.session, prices) }]
        : [],
    ),
    exceptions: settled.flatMap((each) => (each.kind === "exception" ? [each.exception] : [])),
  };
}
