import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { DeskAnswer, DeskRefusal, SubmittedOrder } from "#domains/pool/orderDesk.ts";
import { listAreas } from "#domains/pool/queries/areas.ts";
import { findOrder, listBook, listOrders, type OrderView } from "#domains/pool/queries/orders.ts";
import {
  newOrderWire,
  orderParams,
  ordersQuery,
  ordersWire,
  orderWire,
  participantOrdersQuery,
  receiptWire,
} from "#domains/pool/wire.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { readSignature } from "#kernel/crypto/readSignature.ts";
import { startsAt } from "#kernel/units/interval.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError, sendProblem } from "#platform/api/problem.ts";
import { describeRoute, PROBLEMS } from "#platform/api/routeSchema.ts";
import { accountParams, intervalParams, pageQuery } from "#platform/api/wire.ts";
import { requireInterval } from "./intervals.ts";
import { type OwnedOrder, visibleOpenOrders } from "./openOrders.ts";
import type { PoolContext } from "./poolContext.ts";

/** Signed orders: taken here until the gate closes, and shown with what became of them (R5.46). */
export function addOrders(app: Api, context: PoolContext): void {
  addNewOrders(app, context);
  addSingleOrders(app, context);
  addOrderLists(app, context);
  addBooks(app, context);
}

function addNewOrders(app: Api, { orderDesk }: PoolContext): void {
  app.post(
    "/v1/orders",
    {
      schema: {
        body: newOrderWire,
        tags: ["orders"],
        summary: "Send a signed order",
        response: {
          201: receiptWire.describe("Accepted; the order waits for its gate to close"),
          ...PROBLEMS,
        },
      },
    },
    async ({ body }, reply) => {
      const answer = await orderDesk.submit(readOrder(body));
      if (answer.status === "refused") return answerRefusal(reply, answer);
      const { status, orderId, receivedAt } = answer;
      return reply
        .code(201)
        .header("location", `/v1/orders/${orderId}`)
        .send({ status, orderId, receivedAt });
    },
  );
}

function addSingleOrders(app: Api, context: PoolContext): void {
  app.get(
    "/v1/orders/:orderId",
    {
      schema: {
        params: orderParams,
        ...describeRoute("orders", "One order; an open one for its owner and the operator", {
          body: orderWire,
        }),
      },
    },
    async (request) => (await requireOrder(context, request, request.params.orderId)).body,
  );
}

function addOrderLists(app: Api, context: PoolContext): void {
  app.get(
    "/v1/orders",
    {
      schema: {
        querystring: ordersQuery,
        ...describeRoute("orders", "Orders, first those open ones that you may see", { body: ordersWire }),
      },
    },
    async (request) => ({ orders: await findOrders(context, request, request.query) }),
  );
  app.get(
    "/v1/participants/:account/orders",
    {
      schema: {
        params: accountParams,
        querystring: participantOrdersQuery,
        ...describeRoute("participants", "Orders of a participant", { body: ordersWire }),
      },
    },
    async (request) => ({
      orders: await findOrders(context, request, { ...request.params, ...request.query }),
    }),
  );
}

function addBooks(app: Api, context: PoolContext): void {
  app.get(
    "/v1/intervals/:areaId/:intervalId/orders",
    {
      schema: {
        params: intervalParams,
        querystring: pageQuery,
        ...describeRoute("intervals", "The book of an interval", { body: ordersWire }),
      },
    },
    async ({ params, query }) => {
      await requireInterval(context, params);
      return { orders: (await listBook(context.store.db, { ...params, ...query })).map(closedBody) };
    },
  );
}

/** An order as it goes over HTTP, and as the database knows it; `closed` is null while it waits at the desk. */
type KnownOrder = { readonly body: OrderBody; readonly closed: OrderView | null };

type OrderSources = Pick<PoolContext, "store" | "orderDesk" | "now" | "directory">;

/** An order by its digest; null when the database does not know it and the desk has none that the reader may see. */
export async function lookUpOrder(
  context: OrderSources,
  request: FastifyRequest,
  digest: string,
): Promise<KnownOrder | null> {
  const orderId = digest.toLowerCase();
  const closed = await findOrder(context.store.db, orderId);
  if (closed) return { body: closedBody(closed), closed };
  const [open] = await visibleOpenOrders(context, request, { orderId });
  return open ? { body: openBody(open), closed: null } : null;
}

/** @throws NotFoundError where {@link lookUpOrder} finds none, so that nobody learns that another's order is there */
export async function requireOrder(
  context: OrderSources,
  request: FastifyRequest,
  digest: string,
): Promise<KnownOrder> {
  const order = await lookUpOrder(context, request, digest);
  if (order === null) throw new NotFoundError(`order ${digest.toLowerCase()}`);
  return order;
}

type Filter = z.infer<typeof ordersQuery> & Pick<z.infer<typeof participantOrdersQuery>, "from" | "to">;

/** Open orders from the desk, then those of closed books; one list as far as paging goes. */
async function findOrders(context: OrderSources, request: FastifyRequest, filter: Filter) {
  const { status, limit, offset } = filter;
  const isOpenAsked = status === undefined || status === "open";
  const open = isOpenAsked ? await openDuring(context, request, filter) : [];
  const first = open.slice(offset, offset + limit).map(openBody);
  const rest = limit - first.length;
  if (rest === 0 || status === "open") return first;
  const page = { limit: rest, offset: Math.max(0, offset - open.length) };
  const closed = await listOrders(context.store.db, { ...filter, status, ...page });
  return [...first, ...closed.map(closedBody)];
}

/** Those at the desk whose interval starts in the time that is asked for. */
async function openDuring(context: OrderSources, request: FastifyRequest, filter: Filter) {
  const open = await visibleOpenOrders(context, request, filter);
  const { from = 0, to = Number.POSITIVE_INFINITY } = filter;
  if (open.length === 0 || (filter.from === undefined && filter.to === undefined)) return open;
  const areas = await listAreas(context.store.db);
  const lengths = new Map(areas.map(({ areaId, intervalSeconds }) => [areaId, intervalSeconds]));
  return open.filter(({ areaId, intervalId }) => {
    const start = startsAt(intervalId, lengths.get(areaId) ?? 0);
    return start >= from && start < to;
  });
}

function readOrder(body: z.infer<typeof newOrderWire>): SubmittedOrder {
  const { member, signature, ...order } = body;
  return { ...order, participant: member, signature: readSignature(signature) };
}

/** What the state of the book forbids is a conflict; what the order itself says wrongly can't be processed. */
const CONFLICTS: ReadonlySet<DeskRefusal> = new Set(["duplicateId", "bothSides", "gateClosed", "bookFull"]);

function answerRefusal(
  reply: FastifyReply,
  { reason, detail, orderId }: Extract<DeskAnswer, { status: "refused" }>,
): FastifyReply {
  const status = CONFLICTS.has(reason) ? 409 : 422;
  return sendProblem(reply, { status, title: "Order refused", reason, detail, orderId });
}

type OrderBody = z.infer<typeof orderWire>;

function openBody(order: OwnedOrder): OrderBody {
  return {
    orderId: order.orderId,
    areaId: order.areaId,
    intervalId: order.intervalId,
    member: order.participant,
    account: order.account,
    side: order.side,
    limitPriceMicroPerKwh: String(order.limitPriceMicroPerKwh),
    energyWh: String(order.energyWh),
    sequence: order.sequence,
    signature: toHex(order.signature),
    signer: null,
    status: "open",
    refusal: null,
    receivedAt: order.receivedAt,
    submittedAt: null,
    fillWh: null,
    exactPayment: null,
    transactionHash: null,
  };
}

function closedBody(order: OrderView): OrderBody {
  const { fillWh, exactPayment } = order;
  return {
    orderId: order.orderId,
    areaId: order.areaId,
    intervalId: order.intervalId,
    member: order.member,
    account: order.account,
    side: order.side,
    limitPriceMicroPerKwh: String(order.limitPriceMicroPerKwh),
    energyWh: String(order.energyWh),
    sequence: order.sequence,
    signature: order.signature,
    signer: order.signer,
    status: statusOf(order),
    refusal: order.refusal,
    receivedAt: order.receivedAt,
    submittedAt: order.submittedAt,
    fillWh: fillWh === null ? null : String(fillWh),
    exactPayment: exactPayment === null ? null : String(exactPayment),
    transactionHash: order.transactionHash,
  };
}

/** What became of an order of a closed book. */
export function statusOf({ refusal, fillWh, energyWh }: OrderView): OrderBody["status"] {
  if (refusal !== null) return "refused";
  if (fillWh === null) return "submitted";
  if (fillWh === 0) return "unfilled";
  return fillWh < energyWh ? "partlyFilled" : "filled";
}
