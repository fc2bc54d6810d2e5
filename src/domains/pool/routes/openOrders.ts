import type { FastifyRequest } from "fastify";
import { accountsOfSeats } from "#domains/accounts/queries/seats.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { listAreas, termsAt } from "#domains/pool/queries/areas.ts";
import { listSignedFor } from "#domains/pool/queries/signedFor.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { findViewer, type Viewer } from "#platform/api/identity/access.ts";
import type { PoolContext } from "./poolContext.ts";

/** Which of the desk's orders are asked for; an id is the lower-case digest. */
export type OpenOrderFilter = {
  readonly orderId?: string | undefined;
  readonly areaId?: number | undefined;
  readonly intervalId?: number | undefined;
  readonly account?: number | undefined;
};

/** An order at the desk, and whose it is. */
export type OwnedOrder = OpenOrder & { readonly account: number };

/**
 * The orders at the desk that the reader may see, by arrival (decision 010): until the gate of its interval closes, an
 * order is for its account's owner, for the entity that signs for it, and for the operator of its area alone. For others it
 * is not there.
 */
export async function visibleOpenOrders(
  context: Pick<PoolContext, "store" | "orderDesk" | "now" | "directory">,
  request: FastifyRequest,
  filter: OpenOrderFilter,
): Promise<readonly OwnedOrder[]> {
  const wanted = await matchingOrders(context, filter);
  if (wanted.length === 0) return wanted;
  const isClosed = await closedGates(context);
  if (wanted.every(isClosed)) return wanted;
  const viewer = await findViewer(context, request);
  const own = viewer?.participant?.account;
  const signedFor = own === undefined ? NOBODY : await listSignedFor(context.store.db, own);
  return wanted.filter((order) => isClosed(order) || maySeeOpenOrder({ viewer, signedFor }, order));
}

/** How many orders wait for their clearing, their gate closed. How many wait for a gate is nobody else's business. */
export async function countUnclearedOrders(
  context: Pick<PoolContext, "store" | "orderDesk" | "now" | "directory">,
): Promise<number> {
  return context.orderDesk.openOrders().filter(await closedGates(context)).length;
}

const NOBODY: ReadonlySet<number> = new Set();

async function matchingOrders(
  { orderDesk, store }: Pick<PoolContext, "orderDesk" | "store">,
  { orderId, areaId, intervalId, account }: OpenOrderFilter,
): Promise<readonly OwnedOrder[]> {
  const open = orderDesk
    .openOrders(intervalId === undefined ? {} : { intervalId })
    .filter((order) => orderId === undefined || order.orderId === orderId)
    .filter((order) => areaId === undefined || order.areaId === areaId);
  const accounts = await accountsOfSeats(store.db, [...new Set(open.map(seatOfOrder))]);
  return open
    .flatMap((order) => {
      const owner = accounts.get(seatOfOrder(order));
      return owner === undefined ? [] : [{ ...order, account: owner }];
    })
    .filter((order) => account === undefined || order.account === account);
}

function seatOfOrder({ areaId, participant: member }: OpenOrder): number {
  return seatOf({ areaId, member });
}

/** Tells an order whose gate is closed. An area that is not on the chain has no gate that could close. */
async function closedGates({
  store,
  now,
}: Pick<PoolContext, "store" | "now">): Promise<(order: OpenOrder) => boolean> {
  const areas = new Map((await listAreas(store.db)).map((area) => [area.areaId, area]));
  const time = now();
  return ({ areaId, intervalId }) => {
    const area = areas.get(areaId);
    return area !== undefined && gateClosesAt(intervalId, termsAt(area, intervalId)) <= time;
  };
}

/** Narrower than what is shown of accounts: who operates another area of the account does not see its order here. */
function maySeeOpenOrder(
  { viewer, signedFor }: { viewer: Viewer | null; signedFor: ReadonlySet<number> },
  { account, areaId }: OwnedOrder,
): boolean {
  if (viewer === null) return false;
  const isOwn = viewer.participant?.account === account || signedFor.has(account);
  return isOwn || viewer.operatedAreas.some((area) => area.areaId === areaId);
}
