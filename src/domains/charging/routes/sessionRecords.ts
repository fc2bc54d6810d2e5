import type { FastifyRequest } from "fastify";
import { sumMovements } from "#domains/accounts/queries/movements.ts";
import { sendCsv } from "#domains/billing/routes/csvExports.ts";
import {
  listEarnings,
  listSessions,
  type QuarterEarnings,
  type SessionView,
  sumAwaited,
} from "#domains/charging/queries/sessions.ts";
import type { LedgerEntry } from "#domains/charging/sessionLedger.ts";
import type { InvoiceLine } from "#domains/charging/sessions/invoice.ts";
import { type RunningSession, runningSession } from "#domains/charging/sessions/runningSession.ts";
import {
  payeeQuery,
  sessionEarningsWire,
  sessionRecordsQuery,
  sessionRecordsWire,
} from "#domains/charging/sessionWire.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { periodStart } from "#kernel/units/localPeriods.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { utcIsoText } from "#platform/api/localTime.ts";
import { describeRoute, describeText } from "#platform/api/routeSchema.ts";
import { areaParams, MAX_LIMIT } from "#platform/api/wire.ts";
import { invoiceBody, sessionBody } from "./sessionBodies.ts";
import type { SessionContext, SessionOffice } from "./sessionContext.ts";

const EXAMPLE = "session_id,stage,driver,…\r\n0x5a…,finished,12,…\r\n";
/** Days over which earnings are told. */
const EARNINGS_DAYS = 400;
const SECONDS_PER_DAY = 86_400;
/** Sessions of a station that a filter looks through; more than it has in the days that the book remembers. */
const MAX_IDS = 10_000;

/** Sessions as who is paid for them has them: the chain's side with that of its own book. For the owner of the payee's account. */
export function addSessionRecords(app: Api, context: SessionContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/areas/:areaId/session-records",
    {
      schema: {
        params: areaParams,
        querystring: sessionRecordsQuery,
        ...describeRoute("charging", "Sessions with what their payee's own book has of them", {
          body: sessionRecordsWire,
        }),
      },
    },
    async (request) => {
      const { params, query } = request;
      await requireOwner(context, request, query.payee);
      const office = context.sessionOffices?.get(params.areaId);
      const ids = query.station === undefined ? undefined : idsOf(office, query.station);
      const rows = await listSessions(context.store.db, { ...params, ...query, ids });
      const records = recordsOf(office);
      return {
        sessions: rows.map((row) => ({ ...sessionBody(row), record: records(row.id) })),
        stations: stationsOf(office),
      };
    },
  );
  app.get(
    "/v1/areas/:areaId/session-records.csv",
    {
      schema: {
        params: areaParams,
        querystring: payeeQuery,
        ...describeText("charging", "Sessions with their payee's own book, as CSV", "text/csv", EXAMPLE),
      },
    },
    async (request, reply) => {
      const place = await requirePayee(context, request, { ...request.params, ...request.query });
      const table = csvText(COLUMNS, rowsOf(context, place));
      return sendCsv(reply, `commonwatt-area-${place.areaId}-sessions.csv`, table);
    },
  );
  app.get(
    "/v1/areas/:areaId/session-earnings",
    {
      schema: {
        params: areaParams,
        querystring: payeeQuery,
        ...describeRoute("charging", "What sessions paid, by day and month", { body: sessionEarningsWire }),
      },
    },
    async (request) => {
      const place = await requirePayee(context, request, { ...request.params, ...request.query });
      return earningsOf(context, place, clock);
    },
  );
}

type Place = { readonly areaId: number; readonly payee: number };

async function requirePayee(context: SessionContext, request: FastifyRequest, place: Place): Promise<Place> {
  await requireOwner(context, request, place.payee);
  return place;
}

function idsOf(office: SessionOffice | undefined, station: string): readonly string[] {
  const own = office?.ledger.entries().filter(({ held }) => held.stationId === station) ?? [];
  return own.map(({ held }) => held.id).slice(-MAX_IDS);
}

function stationsOf(office: SessionOffice | undefined): readonly string[] {
  return [...new Set(office?.ledger.entries().map(({ held }) => held.stationId))].sort();
}

/** The book's side of sessions, by their names. */
function recordsOf(office: SessionOffice | undefined) {
  const running = runningByToken(office);
  return (id: string) => {
    const entry = office?.ledger.entry(id as Hex);
    return entry ? recordBody(entry, running.get(entry.held.idToken) ?? null) : null;
  };
}

/** What stations say of sessions, by what the drivers showed: each token is good for one. */
export function runningByToken(office: SessionOffice | undefined): ReadonlyMap<string, RunningSession> {
  const sessions = (office?.unsettled() ?? []).flatMap((records) => runningSession(records) ?? []);
  return new Map(sessions.flatMap((each) => (each.idToken === null ? [] : [[each.idToken, each] as const])));
}

function recordBody(entry: LedgerEntry, running: RunningSession | null) {
  const { held, invoiced } = entry;
  return {
    stationId: held.stationId,
    running: invoiced === null && running !== null ? runningBody(running) : null,
    invoice: invoiced === null ? null : invoiceBody({ ...entry, invoiced }),
  };
}

/** What the station says of a session meanwhile. */
export function runningBody({ startedAt, energyWh, heardAt, hasEnded }: RunningSession) {
  return { startedAt, energyWh: energyWh === null ? null : String(energyWh), heardAt, hasEnded };
}

/** Sums of the sessions' ends beside those of the account's movements: both say what came of the same events. */
async function earningsOf({ store, now }: SessionContext, place: Place, clock: LocalClock) {
  const to = Math.floor(now()) + 1;
  const since = periodStart(clock, Math.max(0, to - EARNINGS_DAYS * SECONDS_PER_DAY), "month");
  const quarters = await listEarnings(store.db, { ...place, from: since, to });
  const awaited = await sumAwaited(store.db, place);
  const booked = await sumMovements(store.db, {
    account: place.payee,
    areaIds: [place.areaId],
    from: since,
    to,
  });
  const paid = booked.find(({ kind }) => kind === "sessionPaid");
  return {
    days: earningsBy(quarters, (at) => periodStart(clock, at, "day")),
    months: earningsBy(quarters, (at) => periodStart(clock, at, "month")),
    earnedMicro: String(sumOf(quarters)),
    bookedMicro: String(paid?.marginMicro ?? 0n),
    awaitedMicro: String(awaited.amountMicro),
    awaitedSessions: awaited.sessions,
    since,
  };
}

function sumOf(quarters: readonly QuarterEarnings[]): bigint {
  return quarters.reduce((sum, { paidMicro }) => sum + paidMicro, 0n);
}

function earningsBy(quarters: readonly QuarterEarnings[], startOf: (at: number) => number) {
  const byStart = new Map<number, QuarterEarnings[]>();
  for (const quarter of quarters) {
    const from = startOf(quarter.at);
    byStart.set(from, [...(byStart.get(from) ?? []), quarter]);
  }
  return [...byStart]
    .sort(([one], [other]) => other - one)
    .map(([from, own]) => ({
      from,
      sessions: own.reduce((sum, { sessions }) => sum + sessions, 0),
      paidMicro: String(sumOf(own)),
    }));
}

type Row = { readonly session: SessionView; readonly entry: LedgerEntry | null };

async function* rowsOf({ store: { db }, sessionOffices }: SessionContext, place: Place) {
  const ledger = sessionOffices?.get(place.areaId)?.ledger;
  for (let offset = 0; ; offset += MAX_LIMIT) {
    const sessions = await listSessions(db, { ...place, limit: MAX_LIMIT, offset });
    yield sessions.map((session): Row => ({ session, entry: ledger?.entry(session.id as Hex) ?? null }));
    if (sessions.length < MAX_LIMIT) return;
  }
}

/** What is not known, or not known yet, is an empty cell. */
const COLUMNS: CsvColumns<Row> = [
  ["session_id", ({ session }) => session.id],
  ["stage", ({ session }) => session.stage],
  ["driver_account", ({ session }) => session.driver],
  ["station", ({ entry }) => entry?.held.stationId ?? null],
  ["held_at_utc", ({ session }) => utcIsoText(session.heldAt)],
  ["started_at_utc", ({ entry }) => timeText(entry?.invoiced?.session.startedAt)],
  ["ended_at_utc", ({ entry }) => timeText(entry?.invoiced?.session.endedAt)],
  ["energy_wh", ({ entry }) => entry?.invoiced?.session.energyWh ?? null],
  ["session_micro", (row) => componentOf(row, "session")],
  ["energy_micro", (row) => componentOf(row, "energy")],
  ["time_micro", (row) => componentOf(row, "time")],
  ["idle_micro", (row) => componentOf(row, "idle")],
  ["total_micro", ({ entry }) => entry?.invoiced?.invoice.totalMicro ?? null],
  ["limit_micro", ({ session }) => session.limitMicro],
  ["charged_micro", ({ session }) => session.amountMicro],
  ["disputable_until_utc", ({ session }) => timeText(session.disputableUntil)],
  ["proven_micro", ({ session }) => session.provenMicro],
  ["paid_micro", ({ session }) => session.paidMicro],
  ["returned_micro", ({ session }) => session.returnedMicro],
  ["finished_at_utc", ({ session }) => timeText(session.finishedAt)],
];

function timeText(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : utcIsoText(at);
}

/** A component that an invoice has no line of cost nothing; without an invoice it is not known. */
function componentOf({ entry }: Row, component: InvoiceLine["component"]): bigint | null {
  if (!entry?.invoiced) return null;
  return entry.invoiced.invoice.lines
    .filter((line) => line.component === component)
    .reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
}
