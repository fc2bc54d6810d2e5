import { z } from "zod";
import { listMovements } from "#domains/accounts/queries/movements.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { NO_SEAT } from "#domains/accounts/tables.ts";
import { movementsWire } from "#domains/accounts/wire.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams, during, paging } from "#platform/api/wire.ts";

const movementsQuery = z.strictObject({ ...during, ...paging });

/** How the money of an account moved: the provenance of a bill (R6.11). */
export function addMovements(app: Api, context: ApiContext): void {
  app.get(
    "/v1/participants/:account/movements",
    {
      schema: {
        params: accountParams,
        querystring: movementsQuery,
        ...describeRoute("participants", "Movements of money, the latest first", { body: movementsWire }),
      },
    },
    async (request) => {
      const { params, query } = request;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, params.account);
      const movements = await listMovements(context.store.db, { ...params, ...query, areaIds });
      return {
        movements: movements.map((movement) => ({
          ...movement,
          ...placeOf(movement.seat),
          freeMicro: String(movement.freeMicro),
          marginMicro: String(movement.marginMicro),
          escrowMicro: String(movement.escrowMicro),
        })),
      };
    },
  );
}

function placeOf(seat: number): { areaId: number | null; member: number | null } {
  if (seat === NO_SEAT) return { areaId: null, member: null };
  return { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}
