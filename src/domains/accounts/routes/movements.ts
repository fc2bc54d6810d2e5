import type { z } from "zod";
import {
  type BalanceChange,
  listMovements,
  type MovementRange,
  type MovementView,
  sumAfter,
  sumChanges,
  sumMovements,
  wholeOf,
} from "#domains/accounts/queries/movements.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { NO_SEAT } from "#domains/accounts/tables.ts";
import { movementsQuery, movementsWire } from "#domains/accounts/wire.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** How the money of an account moved: the provenance of a bill (R6.11), as a bank's statement lists it. */
export function addMovements(app: Api, context: ApiContext): void {
  app.get(
    "/v1/participants/:account/movements",
    {
      schema: {
        params: accountParams,
        querystring: movementsQuery,
        ...describeRoute("participants", "Movements of money, the latest first, with the running balance", {
          body: movementsWire,
        }),
      },
    },
    async (request) => {
      const { account } = request.params;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const { limit, offset, only, from, to } = request.query;
      const { db } = context.store;
      const range = { account, areaIds, from, to };
      const before =
        from === undefined ? [] : await sumMovements(db, { ...range, from: undefined, to: from });
      const sums = await sumMovements(db, range);
      const closing = sumChanges([...before, ...sums]);
      const movements = await listMovements(db, { ...range, limit, offset, only });
      const newestMicro = await balanceAfter(db, { range, movement: movements[0], closing });
      return {
        opening: balanceBody(sumChanges(before)),
        closing: balanceBody(closing),
        sums: sums.map(({ kind, count, ...change }) => ({ kind, count, ...balanceBody(change) })),
        movements: withBalances(movements, newestMicro),
      };
    },
  );
}

/** What the account held in all after the newest movement of a page. */
async function balanceAfter(
  db: Queryable,
  {
    range,
    movement,
    closing,
  }: { range: MovementRange; movement: MovementView | undefined; closing: BalanceChange },
): Promise<bigint> {
  if (movement === undefined) return wholeOf(closing);
  return wholeOf(closing) - (await sumAfter(db, { ...range, after: movement }));
}

/** Movements that are left out between two of a page change nothing in all. */
function withBalances(
  movements: readonly MovementView[],
  newestMicro: bigint,
): z.infer<typeof movementsWire>["movements"] {
  let balanceMicro = newestMicro;
  return movements.map((movement) => {
    const after = balanceMicro;
    balanceMicro -= wholeOf(movement);
    return {
      ...movement,
      ...placeOf(movement.seat),
      ...balanceBody(movement),
      balanceMicro: String(after),
    };
  });
}

function balanceBody(balance: BalanceChange) {
  return {
    freeMicro: String(balance.freeMicro),
    marginMicro: String(balance.marginMicro),
    escrowMicro: String(balance.escrowMicro),
    wholeMicro: String(wholeOf(balance)),
  };
}

function placeOf(seat: number): { areaId: number | null; member: number | null } {
  if (seat === NO_SEAT) return { areaId: null, member: null };
  return { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}
