import type { FastifyRequest } from "fastify";
import { findSession, listSessions, type SessionView } from "#domains/charging/queries/sessions.ts";
import type { LedgerEntry } from "#domains/charging/sessionLedger.ts";
import { chargeDetailRecord } from "#domains/charging/sessions/chargeDetailRecord.ts";
import {
  chargeDetailWire,
  saltHeaders,
  sessionInvoiceWire,
  sessionParams,
  sessionsQuery,
  sessionsWire,
} from "#domains/charging/sessionWire.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { type Invoiced, invoiceBody, sessionBody } from "./sessionBodies.ts";
import type { SessionContext, SessionOffice } from "./sessionContext.ts";

/**
 * Charging sessions. What the chain has of them is public, by numbers of accounts. The invoice, which says where and when somebody
 * charged, is for the owner of the payee's account, and for anyone who has the session's salt: the driver.
 */
export function addSessions(app: Api, context: SessionContext): void {
  app.get(
    "/v1/areas/:areaId/sessions",
    {
      schema: {
        params: areaParams,
        querystring: sessionsQuery,
        ...describeRoute("charging", "Charging sessions as the chain has them", { body: sessionsWire }),
      },
    },
    async ({ params, query }) => {
      const rows = await listSessions(context.store.db, { ...params, ...query });
      return { sessions: rows.map(sessionBody) };
    },
  );
  const ofSession = { params: sessionParams, headers: saltHeaders };
  app.get(
    "/v1/areas/:areaId/sessions/:id/invoice",
    {
      schema: {
        ...ofSession,
        ...describeRoute("charging", "A session's invoice, for its payee or by its salt", {
          body: sessionInvoiceWire,
        }),
      },
    },
    async (request) => {
      const { entry } = await requireInvoiced(context, request, request.params);
      return invoiceBody(entry);
    },
  );
  app.get(
    "/v1/areas/:areaId/sessions/:id/cdr",
    {
      schema: {
        ...ofSession,
        ...describeRoute("charging", "A session's charge detail record, for its payee or by its salt", {
          body: chargeDetailWire,
        }),
      },
    },
    async (request) => {
      const { entry, office, session } = await requireInvoiced(context, request, request.params);
      return recordOf(entry, office, session.chargedAt ?? session.heldAt);
    },
  );
}

type Found<Entry> = {
  readonly entry: Entry;
  readonly office: SessionOffice;
  readonly session: SessionView;
};

/**
 * The operator's entry of a session, for the owner of the payee's account and for anyone who has its salt.
 *
 * @throws NotFoundError also for a wrong salt; SignInRequiredError, NotYoursError without one
 */
export async function requireEntry(
  context: SessionContext,
  request: FastifyRequest,
  { areaId, id }: { readonly areaId: number; readonly id: string },
): Promise<Found<LedgerEntry>> {
  const session = await findSession(context.store.db, { areaId, id });
  const unknown = new NotFoundError(`record of session ${id} in area ${areaId}`);
  if (session === null) throw unknown;
  const salt = request.headers["session-salt"];
  if (salt === undefined) await requireOwner(context, request, session.payee);
  const office = context.sessionOffices?.get(areaId);
  const entry = office?.ledger.entry(id as Hex);
  if (office === undefined || !entry || (salt !== undefined && salt !== entry.held.salt)) throw unknown;
  return { entry, office, session };
}

/** @throws NotFoundError as long as it is not invoiced; and as {@link requireEntry} */
async function requireInvoiced(
  context: SessionContext,
  request: FastifyRequest,
  place: { readonly areaId: number; readonly id: string },
): Promise<Found<Invoiced>> {
  const { entry, ...rest } = await requireEntry(context, request, place);
  const { invoiced } = entry;
  if (invoiced === null) throw new NotFoundError(`invoice of session ${place.id} in area ${place.areaId}`);
  return { entry: { ...entry, invoiced }, ...rest };
}

function recordOf({ held, invoiced }: Invoiced, { party, clock }: SessionOffice, settledAt: number) {
  const { session, invoice } = invoiced;
  const record = chargeDetailRecord(session, { invoice, tariff: held.tariff, clock, party, settledAt });
  return record as Record<string, unknown>;
}
