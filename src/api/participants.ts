import type { z } from "zod";
import {
  findParticipant,
  listDeviceKeys,
  listMovements,
  listParticipants,
  type ParticipantView,
} from "#store/queries/participants.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { NotFoundError } from "./problem.ts";
import { describeRoute } from "./routeSchema.ts";
import {
  accountParams,
  devicesWire,
  movementsWire,
  pageQuery,
  participantsWire,
  participantWire,
} from "./wire.ts";

/** Participants with their balances; who they are stays with the registrar (R2.29). */
export function addParticipants(app: Api, context: ApiContext): void {
  app.get(
    "/v1/participants",
    {
      schema: {
        querystring: pageQuery,
        ...describeRoute("participants", "Participants by account", { body: participantsWire }),
      },
    },
    async ({ query }) => ({
      participants: (await listParticipants(context.store.db, query)).map(participantBody),
    }),
  );
  app.get(
    "/v1/participants/:account",
    {
      schema: {
        params: accountParams,
        ...describeRoute("participants", "One participant", { body: participantWire }),
      },
    },
    async ({ params }) => participantBody(await requireParticipant(context, params.account)),
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
    async ({ params, query }) => {
      await requireParticipant(context, params.account);
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
    async ({ params, query }) => {
      const { meterId } = await requireParticipant(context, params.account);
      return { meterId, devices: meterId === null ? [] : await listDeviceKeys(db, { meterId, ...query }) };
    },
  );
}

/** @throws NotFoundError when nobody has the account */
export async function requireParticipant(
  { store }: Pick<ApiContext, "store">,
  account: number,
): Promise<ParticipantView> {
  const participant = await findParticipant(store.db, account);
  if (participant === null) throw new NotFoundError(`participant with account ${account}`);
  return participant;
}

function participantBody(participant: ParticipantView): z.infer<typeof participantWire> {
  return {
    ...participant,
    freeMicro: String(participant.freeMicro),
    marginMicro: String(participant.marginMicro),
    escrowMicro: String(participant.escrowMicro),
  };
}
