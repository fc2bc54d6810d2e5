import type { z } from "zod";
import {
  findParticipant,
  listMargins,
  listParticipants,
  type ParticipantView,
} from "#domains/accounts/queries/participants.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { participantsWire, participantWire } from "#domains/accounts/wire.ts";
import { listMeteredAreas, type MeteredArea } from "#domains/metering/queries/areas.ts";
import { listDeviceKeys, listMembers } from "#domains/metering/queries/members.ts";
import { devicesWire } from "#domains/metering/wire.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { findViewer, maySeeAccount, requireOwner, type Viewer } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams, pageQuery } from "#platform/api/wire.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/**
 * Participants with their members and balances; who they are stays with the registrar (R2.29), their names with the
 * operator.
 */
export function addParticipants(app: Api, context: ApiContext): void {
  const { db } = context.store;
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
      const participants = await listParticipants(db, request.query);
      const holdings = await holdingsOf(
        db,
        participants.map(({ account }) => account),
      );
      return { participants: participants.map((each) => participantBody(context, each, holdings, viewer)) };
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
      const participant = await findParticipant(db, account);
      if (participant === null) throw new NotFoundError(`participant with account ${account}`);
      const holdings = await holdingsOf(db, [account]);
      return participantBody(context, participant, holdings, await findViewer(context, request));
    },
  );
}

/** Which devices measure for an account: the provenance of its readings (R6.11). */
export function addDevices(app: Api, context: ApiContext): void {
  const { db } = context.store;
  app.get(
    "/v1/participants/:account/devices",
    {
      schema: {
        params: accountParams,
        ...describeRoute("participants", "Metering points and the keys of their devices", {
          body: devicesWire,
        }),
      },
    },
    async (request) => {
      const { account } = request.params;
      await requireOwner(context, request, account);
      const members = await listMembers(db, [account]);
      const meters = members.flatMap((each) => (each.meterId === null ? [] : [each.meterId]));
      const keys = await listDeviceKeys(db, meters);
      return {
        meters: members.flatMap(({ meterId, ...member }) =>
          meterId === null
            ? []
            : [{ ...member, meterId, devices: keys.filter((key) => key.meterId === meterId) }],
        ),
      };
    },
  );
}

/** What accounts are in areas and have in markets. */
type Holdings = {
  readonly members: Awaited<ReturnType<typeof listMembers>>;
  readonly margins: Awaited<ReturnType<typeof listMargins>>;
  readonly areas: readonly MeteredArea[];
};

async function holdingsOf(db: Queryable, accounts: readonly number[]): Promise<Holdings> {
  return {
    members: await listMembers(db, accounts),
    margins: await listMargins(db, accounts),
    areas: await listMeteredAreas(db),
  };
}

function participantBody(
  { accountNames, demonstration }: ApiContext,
  participant: ParticipantView,
  holdings: Holdings,
  viewer: Viewer | null,
): z.infer<typeof participantWire> {
  const { account } = participant;
  const isOwn = (row: { readonly account: number }) => row.account === account;
  const members = holdings.members.filter(isOwn);
  const areaIds = members.map(({ areaId }) => areaId);
  const isNamed = demonstration !== null || maySeeAccount(viewer, { ...participant, areaIds });
  return {
    ...participant,
    name: isNamed ? (accountNames.get(account) ?? null) : null,
    members: members.map(({ areaId, member, meterId, capacityW }) => ({
      areaId,
      member,
      meterId,
      capacityW,
      party: partyOf(holdings.areas, { areaId, member }),
    })),
    freeMicro: String(participant.freeMicro),
    marginMicro: String(participant.marginMicro),
    escrowMicro: String(participant.escrowMicro),
    margins: holdings.margins.filter(isOwn).map(({ seat, market, marginMicro, escrowMicro }) => ({
      market,
      areaId: areaOfSeat(seat),
      member: memberOfSeat(seat),
      marginMicro: String(marginMicro),
      escrowMicro: String(escrowMicro),
    })),
  };
}

const PARTIES = ["supplier", "dso", "fund"] as const;

/** Which party of its area a member is; null for none. */
function partyOf(
  areas: readonly MeteredArea[],
  { areaId, member }: { readonly areaId: number; readonly member: number },
): (typeof PARTIES)[number] | null {
  const area = areas.find((each) => each.areaId === areaId);
  return PARTIES.find((party) => area?.[party] === member) ?? null;
}
