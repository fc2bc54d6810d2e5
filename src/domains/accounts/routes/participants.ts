import type { z } from "zod";
import {
  findParticipant,
  listDeviceKeys,
  listMargins,
  listMovements,
  listParticipants,
  type ParticipantView,
} from "#domains/accounts/queries/participants.ts";
import { devicesWire, movementsWire, participantsWire, participantWire } from "#domains/accounts/wire.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { findViewer, maySee, requireOwner, type Viewer } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams, pageQuery } from "#platform/api/wire.ts";

/** Participants with their balances; who they are stays with the registrar (R2.29), their names with the operator. */
export function addParticipants(app: Api, context: ApiContext): void {
  app.get(
    "/v1/participants",
    {
      schema: {
        querystring: pageQuery,
        ...describeRoute("participants", "Participants by account", { body: participantsWire }),
      },
    },
    async (request) => {
      const viewer = await findViewer(context, request);
      const participants = await listParticipants(context.store.db, request.query);
      const margins = await listMargins(
        context.store.db,
        participants.map(({ account }) => account),
      );
      return {
        participants: participants.map((each) => participantBody(context, { ...each, margins }, viewer)),
      };
    },
  );
  app.get(
    "/v1/participants/:account",
    {
      schema: {
        params: accountParams,
        ...describeRoute("participants", "One participant", { body: participantWire }),
      },
    },
    async (request) => {
      const { account } = request.params;
      const participant = await findParticipant(context.store.db, account);
      if (participant === null) throw new NotFoundError(`participant with account ${account}`);
      const margins = await listMargins(context.store.db, [account]);
      return participantBody(context, { ...participant, margins }, await findViewer(context, request));
    },
  );
}

/** How the money of an account moved, and which devices measure for it: the provenance of a bill (R6.11). */
export function addProvenance(app: Api, context: ApiContext): void {
  const { db } = context.store;
  app.get(
    "/v1/participants/:account/movements",
    {
      schema: {
        params: accountParams,
        querystring: pageQuery,
        ...describeRoute("participants", "Movements of money, the latest first", { body: movementsWire }),
      },
    },
    async (request) => {
      const { params, query } = request;
      await requireOwner(context, request, params.account);
      const movements = await listMovements(db, { ...params, ...query });
      return {
        movements: movements.map((movement) => ({
          ...movement,
          freeMicro: String(movement.freeMicro),
          marginMicro: String(movement.marginMicro),
          escrowMicro: String(movement.escrowMicro),
        })),
      };
    },
  );
  app.get(
    "/v1/participants/:account/devices",
    {
      schema: {
        params: accountParams,
        querystring: pageQuery,
        ...describeRoute("participants", "Keys of the metering device, the latest first", {
          body: devicesWire,
        }),
      },
    },
    async (request) => {
      const { params, query } = request;
      const { meterId } = await requireOwner(context, request, params.account);
      return { meterId, devices: meterId === null ? [] : await listDeviceKeys(db, { meterId, ...query }) };
    },
  );
}

function participantBody(
  { accountNames, demonstration }: ApiContext,
  { margins, ...participant }: ParticipantView & { margins: Awaited<ReturnType<typeof listMargins>> },
  viewer: Viewer | null,
): z.infer<typeof participantWire> {
  const isNamed = demonstration !== null || maySee(viewer, participant);
  return {
    ...participant,
    name: isNamed ? (accountNames.get(participant.account) ?? null) : null,
    freeMicro: String(participant.freeMicro),
    marginMicro: String(participant.marginMicro),
    escrowMicro: String(participant.escrowMicro),
    margins: margins
      .filter(({ account }) => account === participant.account)
      .map(({ market, marginMicro, escrowMicro }) => ({
        market,
        marginMicro: String(marginMicro),
        escrowMicro: String(escrowMicro),
      })),
  };
}
