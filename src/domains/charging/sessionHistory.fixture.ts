import type { Hex } from "#kernel/crypto/hex.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import { seatIn } from "#platform/store/marketHistory.fixture.ts";
import { createQuotaHistory, FIRST_PERIOD, QUOTA_DEPLOYMENT } from "./quotaHistory.fixture.ts";
import { chainSessionId, sessionCommitment, stationIdOf } from "./rules/signedSession.ts";
import type { SessionLedger } from "./sessionLedger.ts";
import type { ChargingSession } from "./sessions/chargingSession.ts";
import { invoiceSession } from "./sessions/invoice.ts";
import { invoiceHash, publishTariff, tariffHash } from "./sessions/publishedTariff.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";
import { statementOf } from "./sessions/sessionStatement.ts";
import type { ChargingTariff } from "./sessions/tariff.ts";

/*
 * Sessions as the contract would log them, on the area of the quotas' history, with the operator's book of them: member 4 is paid, 5 and 6
 * drive.
 */

export const SESSIONS_DEPLOYMENT = {
  ...QUOTA_DEPLOYMENT,
  contracts: { ...QUOTA_DEPLOYMENT.contracts, chargingSessions: testAddress(0xa9) },
};
export const PAYEE = 4;
export const TARIFF_OF_DAY: ChargingTariff = {
  tariffId: "day and night",
  currency: "EUR",
  sessionFeeMicro: 350_000n,
  idleGraceSeconds: 900,
  prices: [
    { fromMinute: 0, energyMicroPerKwh: 290_000n, timeMicroPerHour: 0n, idleMicroPerHour: 0n },
    { fromMinute: 480, energyMicroPerKwh: 390_000n, timeMicroPerHour: 0n, idleMicroPerHour: 6_000_000n },
  ],
};
/** A quarter past ten in the morning, by the clocks of Berlin: the first session begins. */
export const SESSIONS_FROM = FIRST_PERIOD * 1_800 + 900;
export const LIMIT_MICRO = 20_000_000n;
const WALLET_MICRO = 100_000_000n;
const DAY = 86_400;
const HOLD_SECONDS = 7 * DAY;
const DISPUTE_SECONDS = 3 * DAY;
const CLOCK = createLocalClock("Europe/Berlin");
export const PUBLISHED = publishTariff(TARIFF_OF_DAY, {
  clock: CLOCK,
  from: SESSIONS_FROM,
  until: SESSIONS_FROM + 400 * DAY,
});

/** A session of the history: how far it came, and where. */
type Told = {
  readonly salt: number;
  readonly driver: number;
  readonly station: string;
  readonly startsAt: number;
  readonly energyWh: bigint;
  readonly end: "held" | "charged" | "finished";
};

/** Finished on two days, one that can be disputed, one that runs, and one that nobody plugged in for. */
export const TOLD: readonly Told[] = [
  { salt: 1, driver: 5, station: "north", startsAt: SESSIONS_FROM, energyWh: 12_345n, end: "finished" },
  { salt: 2, driver: 6, station: "south", startsAt: SESSIONS_FROM + DAY, energyWh: 7_001n, end: "finished" },
  {
    salt: 3,
    driver: 5,
    station: "north",
    startsAt: SESSIONS_FROM + 4 * DAY,
    energyWh: 9_000n,
    end: "charged",
  },
  { salt: 4, driver: 6, station: "north", startsAt: SESSIONS_FROM + 5 * DAY, energyWh: 0n, end: "held" },
  { salt: 5, driver: 5, station: "south", startsAt: SESSIONS_FROM + 5 * DAY, energyWh: 0n, end: "held" },
];
/** Half an hour into the session that runs. */
export const SESSIONS_NOW = SESSIONS_FROM + 5 * DAY + 1_800;

export const saltOf = ({ salt }: Pick<Told, "salt">): Hex => toHex(wordOf(salt));
export const tokenOf = (told: Told): string => idOf(told).slice(2, 22);

export function idOf({ salt, driver, station }: Told): Hex {
  return chainSessionId(seatIn(driver), commitmentOf({ salt, station }));
}

function commitmentOf({ salt, station }: Pick<Told, "salt" | "station">): Hex {
  const stationId = stationIdOf(station);
  return sessionCommitment({ salt: saltOf({ salt }), stationId, tariffHash: tariffHash(PUBLISHED) });
}

/** The history of quotas with these sessions in it. */
export function createSessionHistory() {
  const history = createQuotaHistory();
  const contract = "chargingSessions" as const;
  const market = SESSIONS_DEPLOYMENT.contracts.chargingSessions;
  for (const member of [5, 6]) {
    const account = 20 + member;
    history.add(1_400, { kind: "deposited", account, amountMicro: WALLET_MICRO });
    history.add(1_400, { kind: "marginAdded", seat: seatIn(member), market, amountMicro: WALLET_MICRO });
  }
  for (const [i, station] of ["north", "south"].entries()) {
    const place = { stationId: stationIdOf(station), seat: seatIn(PAYEE + i) };
    const module = { moduleKey: testAddress(0xb1), number: 1n };
    history.add(1_500, { contract, kind: "stationRegistered", ...place, ...module } as never);
    const announced = { stationId: place.stationId, version: 1, tariffHash: tariffHash(PUBLISHED) };
    history.add(1_500, { contract, kind: "tariffAnnounced", ...announced } as never);
  }
  const facts = TOLD.flatMap((told) => factsOf(told)).sort((one, other) => one.at - other.at);
  for (const { at, ...fact } of facts) history.add(at, { contract, ...fact } as never);
  return history;
}

function factsOf(told: Told) {
  const { startsAt, driver, end, salt, station } = told;
  const id = idOf(told);
  const hold = {
    ...{ driver: seatIn(driver), payee: seatIn(PAYEE), limitMicro: LIMIT_MICRO },
    ...{ expiresAt: startsAt + HOLD_SECONDS, session: commitmentOf({ salt, station }) },
  };
  const chargedAt = startsAt + 3 * 3_600;
  const disputableUntil = chargedAt + DISPUTE_SECONDS;
  const amountMicro = invoiceOf(told).totalMicro;
  const hash = { invoiceHash: hashOf(told) };
  return [
    { at: startsAt - 60, kind: "walletHeld", id, ...hold, signature: null },
    ...(end === "held"
      ? []
      : [{ at: chargedAt, kind: "sessionCharged", id, amountMicro, ...hash, disputableUntil }]),
    ...(end === "finished"
      ? [{ at: disputableUntil, kind: "sessionFinished", id, paidMicro: amountMicro, returnedMicro: 0n }]
      : []),
  ];
}

/** Two hours of charging and one of standing there. */
function sessionOf(told: Told): ChargingSession {
  const { startsAt, energyWh, station, salt } = told;
  const [half, full, gone] = [3_600, 7_200, 10_800].map((seconds) => startsAt + seconds) as [
    number,
    number,
    number,
  ];
  return {
    ...{ stationId: station, sessionId: String(salt), evseId: 1, idToken: tokenOf(told), notes: [] },
    ...{ startedAt: startsAt, chargingEndedAt: full, endedAt: gone, energyWh },
    idle: [{ from: full, to: gone }],
    readings: [
      { at: startsAt, registerWh: 10_000n },
      { at: half, registerWh: 10_000n + energyWh / 2n },
      { at: full, registerWh: 10_000n + energyWh },
    ],
  };
}

/** What a session of the history came to. */
export function invoiceOf(told: Told) {
  return invoiceSession(sessionOf(told), { tariff: TARIFF_OF_DAY, clock: CLOCK });
}

function hashOf(told: Told): Hex {
  const { totalMicro } = invoiceOf(told);
  const session = commitmentOf(told);
  return invoiceHash({ salt: saltOf(told), session, totalMicro, statement: statementOf(sessionOf(told)) });
}

/** The operator's own book of the sessions. */
export async function fillSessionLedger(ledger: SessionLedger): Promise<void> {
  for (const told of TOLD) {
    const { driver, station, startsAt, end } = told;
    const id = idOf(told);
    const session = commitmentOf(told);
    const hold = {
      ...{ driver: seatIn(driver), payee: seatIn(PAYEE), limitMicro: LIMIT_MICRO, session },
      ...{ expiresAt: startsAt + HOLD_SECONDS, signature: "0x" as Hex },
    };
    const place = { stationId: station, stationHash: stationIdOf(station), salt: saltOf(told) };
    await ledger.hold({
      ...{ id, idToken: tokenOf(told), hold, tariff: TARIFF_OF_DAY, published: PUBLISHED },
      ...place,
    });
    if (end === "held") continue;
    const invoice = invoiceOf(told);
    await ledger.invoice({
      ...{ id, session: sessionOf(told), statement: statementOf(sessionOf(told)), invoice },
      ...{ amountMicro: invoice.totalMicro, invoiceHash: hashOf(told) },
    });
    await ledger.sign({ id, moduleKey: testAddress(0xb1), signature: `0x${"7c".repeat(64)}` });
  }
}

/** What the station says of the session that runs: 3.5 kWh so far. */
export function runningRecords(): SessionRecord[] {
  const told = TOLD[3]!;
  const common = {
    ...{ stationId: told.station, sessionId: "4", evseId: 1, isOffline: null, idToken: tokenOf(told) },
    ...{ state: null, reason: null },
  };
  const of = (kind: "start" | "meter", sequence: number, at: number, registerWh: bigint): SessionRecord => ({
    ...{ ...common, kind, sequence, at, receivedAt: at, registers: [{ at, registerWh }] },
  });
  return [of("start", 0, told.startsAt, 20_000n), of("meter", 1, told.startsAt + 1_500, 23_500n)];
}

/** Who runs the stations, in OCPI. */
export const PARTY = {
  countryCode: "DE",
  partyId: "CWT",
  location: {
    ...{ id: "depot", address: "Riverside 1", city: "Riverside", country: "DEU" },
    ...{ latitude: "52.5200", longitude: "13.4050" },
  },
};
export const STATIONS_CLOCK = CLOCK;
