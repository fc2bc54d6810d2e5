import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { refusalText } from "#domains/accounts/rules/refusalText.ts";
import { listDeviceKeys } from "#domains/metering/queries/members.ts";
import { termsAt } from "#domains/pool/queries/areas.ts";
import { findMemberTrail, type MemberTrail } from "#domains/pool/queries/trails.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { orderParams } from "#domains/pool/wire.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { findViewer, maySee, requireOwner } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { readingParams, trailWire } from "#platform/api/wireAudit.ts";
import { capital, intervalWords } from "#platform/api/words.ts";
import { requireArea } from "./areas.ts";
import { orderWords } from "./marketWords.ts";
import { requireOrder } from "./orders.ts";
import type { PoolContext } from "./poolContext.ts";
import {
  meteredStep,
  money,
  paidWords,
  publishedStep,
  reservedStep,
  settlementSteps,
  type TrailStep,
} from "./trailSteps.ts";

type Trail = z.infer<typeof trailWire>;

/** The way of an order and of a reading from the signature to the payment, with times, transactions and figures (R6.11). */
export function addTrails(app: Api, context: PoolContext): void {
  app.get(
    "/v1/orders/:orderId/trail",
    {
      schema: {
        params: orderParams,
        ...describeRoute("audit", "An order from signature to payment", { body: trailWire }),
      },
    },
    async (request) => orderTrail(context, request, request.params.orderId),
  );
  app.get(
    "/v1/intervals/:areaId/:intervalId/readings/:member/trail",
    {
      schema: {
        params: readingParams,
        ...describeRoute("audit", "A reading from signature to payment; a sealed one for its owner", {
          body: trailWire,
        }),
      },
    },
    async (request) => readingTrail(context, request, request.params),
  );
}

type Order = Awaited<ReturnType<typeof requireOrder>>["body"];

async function orderTrail(context: PoolContext, request: FastifyRequest, digest: string): Promise<Trail> {
  const { body: order } = await requireOrder(context, request, digest);
  const trail = await findMemberTrail(context.store.db, order);
  const area = await requireArea(context, order.areaId);
  const start = { intervalId: order.intervalId, startsAt: startsAt(order.intervalId, area.intervalSeconds) };
  const title = `${capital(orderWords(order, context.currency))} of member ${order.member} (account ${order.account}) for ${intervalWords(context, start)}`;
  const begun = [signedStep(order), receivedStep(order)];
  if (order.status === "refused")
    return {
      title,
      steps: [...begun, refusedStep(order, gateClosesAt(order.intervalId, termsAt(area, order.intervalId)))],
    };
  const abandoned =
    trail.interval !== null && trail.interval.attempt > 0 ? [abandonedStep(trail.interval)] : [];
  const isInAttempt = order.status === "submitted" && order.transactionHash === null;
  if (isInAttempt) return { title, steps: [...begun, ...abandoned] };
  const cleared = [...begun, ...abandoned, submittedStep(order, trail), clearedStep(context, order, trail)];
  if (order.fillWh === "0") return { title, steps: cleared };
  const viewer = await findViewer(context, request);
  const isShown = trail.reading?.proof === "opened" || maySee(viewer, order);
  const after = [reservedStep(context, trail), meteredStep(trail, { isShown, now: context.now() })];
  return { title, steps: [...cleared, ...after, publishedStep(trail), ...settlementSteps(context, trail)] };
}

/** Nobody records when an order is signed; it was there when the desk received it. */
function signedStep({ signer, account, receivedAt, submittedAt }: Order): TrailStep {
  const at = receivedAt ?? submittedAt;
  const by = signer ?? `the signer of account ${account}`;
  return { stage: "signed", at, sentence: `Signed by ${by}.`, transactionHash: null };
}

function receivedStep({ receivedAt, submittedAt }: Order): TrailStep {
  const sentence =
    receivedAt === null
      ? "Received by the desk before the gate closed; its archive does not say when."
      : "Received and checked by the operator's desk, and kept on its disk.";
  return { stage: "received", at: receivedAt ?? submittedAt, sentence, transactionHash: null };
}

function refusedStep({ refusal }: Order, at: number): TrailStep {
  const why = refusalText(refusal ?? "nothing");
  const sentence = `Refused by the chain, since ${why}; the rest of the book was cleared without it.`;
  return { stage: "refused", at, sentence, transactionHash: null };
}

/** An attempt to clear that was given up, and of which nothing counts. */
function abandonedStep({ attempt, abandonedAt }: Interval): TrailStep {
  const times = attempt === 1 ? "A clearing" : `${attempt} clearings`;
  const sentence = `${times} of the interval began and ${attempt === 1 ? "was" : "were"} given up before all was in; what was reserved is given back.`;
  return { stage: "submitted", at: abandonedAt, sentence, transactionHash: null };
}

function submittedStep(order: Order, { interval, clearedIn }: MemberTrail): TrailStep {
  const { status, transactionHash, submittedAt } = order;
  if (transactionHash !== null) {
    const sentence = "Submitted to the contract, which recovered its signature.";
    return { stage: "submitted", at: submittedAt, sentence, transactionHash };
  }
  const isOpen = status === "open";
  const sentence = isOpen
    ? "It waits at the desk for its gate to close."
    : `It got nothing, so it did not have to go to the chain; it is bound by the root of the book ${interval?.bookRoot ?? ""}.`;
  return {
    stage: "submitted",
    at: isOpen ? null : (interval?.clearedAt ?? null),
    sentence,
    transactionHash: isOpen ? null : clearedIn,
  };
}

function clearedStep(context: PoolContext, order: Order, { interval, clearedIn }: MemberTrail): TrailStep {
  const { fillWh, energyWh, exactPayment } = order;
  if (fillWh === null || exactPayment === null) {
    const sentence = "The book of the interval will be cleared once its gate is closed.";
    return { stage: "cleared", at: null, sentence, transactionHash: null };
  }
  const exact = BigInt(exactPayment);
  const worth = money(context, divideRoundingUp(exact < 0n ? -exact : exact, THOUSANDTHS));
  const ofAll = `${formatKwh(BigInt(fillWh))} of its ${formatKwh(BigInt(energyWh))} kWh`;
  return {
    stage: "cleared",
    at: interval?.clearedAt ?? null,
    sentence:
      fillWh === "0"
        ? `None of its ${formatKwh(BigInt(energyWh))} kWh trade.`
        : `${ofAll} trade for ${worth}.`,
    transactionHash: clearedIn,
  };
}

/** Of a micro. */
const THOUSANDTHS = 1_000n;

async function readingTrail(
  context: PoolContext,
  request: FastifyRequest,
  key: z.infer<typeof readingParams>,
): Promise<Trail> {
  const trail = await findMemberTrail(context.store.db, key);
  const { reading, interval, position, line } = trail;
  const nothing = new NotFoundError(`reading of member ${key.member} in interval ${key.intervalId}`);
  if (reading?.proof !== "opened") {
    const account = await accountOfMember(context.store.db, key);
    if (account === null) throw nothing;
    await requireOwner(context, request, account);
  }
  if (reading === null || interval === null) throw nothing;
  const now = context.now();
  const steps = [
    meteredStep(trail, { isShown: true, now }),
    await readingSignedStep(context, reading, interval),
    publishedStep(trail),
    ...(position ? settlementSteps(context, trail) : [untradedStep(context, interval, line)]),
  ];
  return {
    title: `Reading of member ${key.member} (account ${reading.account}) for ${intervalWords(context, interval)}`,
    steps,
  };
}

type Reading = NonNullable<MemberTrail["reading"]>;
type Interval = NonNullable<MemberTrail["interval"]>;

async function readingSignedStep(
  { store }: PoolContext,
  { meterId, signature }: Reading,
  { endsAt }: Interval,
): Promise<TrailStep> {
  const keys = meterId === null ? [] : await listDeviceKeys(store.db, [meterId]);
  const key = keys.find(
    ({ validFrom, validUntil }) => validFrom <= endsAt && (validUntil === null || validUntil > endsAt),
  );
  const sentence =
    signature === null
      ? "Its device's signature is not available; the chain was shown the reading itself."
      : `Signed by the device of meter ${meterId}${key ? `, key ${key.deviceKey}` : ""}.`;
  return { stage: "signed", at: endsAt, sentence, transactionHash: null };
}

function untradedStep(context: PoolContext, { publishedAt }: Interval, line: MemberTrail["line"]): TrailStep {
  const tariff = line?.tariffMicro ?? null;
  const sentence = `The member traded nothing in this interval: its energy is billed at the tariff${tariff === null ? "" : `: ${paidWords(context, tariff)}`}.`;
  return { stage: "paid", at: publishedAt, sentence, transactionHash: null };
}
