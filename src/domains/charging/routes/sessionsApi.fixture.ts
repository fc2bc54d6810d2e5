import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { sessionSeparator, stationIdOf } from "#domains/charging/rules/signedSession.ts";
import type { StationNow } from "#domains/charging/schedule/stationNow.ts";
import { openSessionDesk, type PricedStation } from "#domains/charging/sessionDesk.ts";
import {
  createSessionHistory,
  fillSessionLedger,
  PARTY,
  PAYEE,
  PUBLISHED,
  runningRecords,
  SESSIONS_DEPLOYMENT,
  SESSIONS_NOW,
  STATIONS_CLOCK,
  TARIFF_OF_DAY,
} from "#domains/charging/sessionHistory.fixture.ts";
import { openSessionLedger } from "#domains/charging/sessionLedger.ts";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { AREA_ID, keyOf, seatIn } from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { project } from "#platform/store/project.ts";
import type { SessionOffice } from "./sessionContext.ts";

/** Whose signatures the desk takes. */
export const SESSIONS_SEPARATOR = sessionSeparator(
  SESSIONS_DEPLOYMENT.chainId,
  SESSIONS_DEPLOYMENT.contracts.chargingSessions,
);
export const WALLET_LEFT_MICRO = 60_000_000n;

const HURRIED = {
  ...{ id: "hurried", from: 0, until: 8, wantedWh: 20_000 },
  ...{ mostW: 11_000, leastW: 4_140, phases: [0, 1, 2] as const },
};

/** Two vehicles at a station that may draw as much as one of them takes. */
export const STATION_NOW: StationNow = {
  ...{ startsAt: SESSIONS_NOW - 900, limitUntil: SESSIONS_NOW + 900, points: 4, offeredW: [11_000, 0] },
  by: { rule: "leastLaxity" },
  vehicles: [HURRIED, { ...HURRIED, id: "patient", until: 40 }],
  site: { limitW: [11_000], phaseLimitW: 20_000, intervalSeconds: 900, mostStartsAnHour: 4 },
};

/** The API over the history of sessions, with the operator's book, and with pages where a folder is given. */
export async function openSessionsApi({
  dashboardDirectory = null,
}: {
  dashboardDirectory?: string | null;
} = {}) {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-records-"));
  const history = createSessionHistory();
  history.tell({
    period: SESSIONS_NOW / 1_800 - 0.5,
    demandsW: { 4: 17_000, 5: 17_000, 6: 17_000 },
    ...{ isCleared: false, isPublished: false, vanished: [4, 5, 6] },
  });
  const store = await openMemoryStore({ deployment: SESSIONS_DEPLOYMENT });
  await project(store, history.events, projectorOf(NO_SOURCES));
  const ledger = openSessionLedger(directory, () => SESSIONS_NOW);
  await fillSessionLedger(ledger);
  const north: PricedStation = {
    ...{ stationId: "north", stationHash: stationIdOf("north"), payee: seatIn(PAYEE) },
    ...{ tariff: TARIFF_OF_DAY, published: PUBLISHED },
  };
  const desk = openSessionDesk({
    ledger,
    stations: new Map([["north", north]]),
    separator: SESSIONS_SEPARATOR,
    signerOf: async (seat) => addressOfKey(keyOf(memberOfSeat(seat))),
    walletMicro: async () => WALLET_LEFT_MICRO,
    isHeld: () => true,
    ...{ clock: STATIONS_CLOCK, now: () => SESSIONS_NOW },
  });
  const office: SessionOffice = {
    ...{ ledger, unsettled: () => [runningRecords()], party: PARTY, clock: STATIONS_CLOCK },
    stations: [north],
    async hold(offer) {
      const answer = await desk.take(offer);
      return "refusal" in answer ? answer : { ...answer, isHeld: true };
    },
  };
  const api = await openApiFixture({
    ...{ store, directory: createDirectory(store.db), now: () => SESSIONS_NOW, dashboardDirectory },
    sessionOffices: new Map([[AREA_ID, office]]),
    stationsNow: new Map([[AREA_ID, async (member: number) => (member === PAYEE ? STATION_NOW : null)]]),
  });
  return {
    api,
    store,
    async close() {
      await api.close();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
