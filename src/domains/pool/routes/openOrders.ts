import type { FastifyRequest } from "fastify";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { listAreas } from "#domains/pool/queries/areas.ts";
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

/**
 * The orders at the desk that whoever asks may see, by arrival (decision 010): until the gate of its interval closes, an
 * order is for its owner and the operator of its area alone. For others it is not there.
 */
export async function visibleOpenOrders(
  context: Pick<PoolContext, "store" | "orderDesk" | "now" | "directory">,
  request: FastifyRequest,
  filter: OpenOrderFilter,
): Promise<readonly OpenOrder[]> {
  const wanted = matchingOrders(context, filter);
  if (wanted.length === 0) return wanted;
  const isClosed = await closedGates(context);
  if (wanted.every(isClosed)) return wanted;
  const viewer = await findViewer(context, request);
  return wanted.filter((order) => isClosed(order) || maySeeOpenOrder(viewer, order));
}

/** How many orders wait for their clearing, their gate closed. How many wait for a gate is nobody else's business. */
export async function countUnclearedOrders(
  context: Pick<PoolContext, "store" | "orderDesk" | "now" | "directory">,
): Promise<number> {
  return context.orderDesk.openOrders().filter(await closedGates(context)).length;
}

function matchingOrders(
  { orderDesk }: Pick<PoolContext, "orderDesk">,
  { orderId, areaId, intervalId, account }: OpenOrderFilter,
): readonly OpenOrder[] {
  return orderDesk
    .openOrders(intervalId === undefined ? {} : { intervalId })
    .filter((order) => orderId === undefined || order.orderId === orderId)
    .filter((order) => areaId === undefined || order.areaId === areaId)
    .filter((order) => account === undefined || order.participant === account);
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
    return area !== undefined && gateClosesAt(intervalId, area) <= time;
  };
}

/** Narrower than what is shown of accounts: who operates another area of the account does not see its order here. */
function maySeeOpenOrder(viewer: Viewer | null, { participant, areaId }: OpenOrder): boolean {
  if (viewer === null) return false;
  return (
    viewer.participant?.account === participant || viewer.operatedAreas.some((area) => area.areaId === areaId)
  );
}
