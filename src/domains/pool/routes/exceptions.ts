import { refusalText } from "#domains/accounts/rules/refusalText.ts";
import { type AreaView, termsAt } from "#domains/pool/queries/areas.ts";
import {
  type IntervalRow,
  listAbandoned,
  listKnown,
  listMissingReadings,
  listRefusedOrders,
  listReturned,
  listUnfinished,
  listUnsupplied,
} from "#domains/pool/queries/operator.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { waitedUntil } from "#domains/pool/rules/settlementTiming.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { ReadinessCheck } from "#platform/api/apiContext.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import { accountWords, capital, countWords, intervalWords } from "#platform/api/words.ts";
import { type Exception, exceptionsOfIncidents, NO_SUBJECT } from "./incidentExceptions.ts";
import { orderWords } from "./marketWords.ts";
import type { PoolContext } from "./poolContext.ts";

/** More exceptions than a person can look through; they repeat the same cause. */
const MAX_EXCEPTIONS = 200;
/** Readings and refusals are looked for over a day; what is older was seen or is told by an interval that is open. */
const DAY_SECONDS = 86_400;
/** Missing readings that are read: of a community of 200 without any, ten intervals. */
const MAX_MISSING = 2_000;
/** Names that a sentence lists. */
const MAX_NAMES = 5;
const RESTART = "Start the community again: it goes on where it stopped.";

/** What needs a person, what is urgent first, then the newest first. */
export async function findExceptions(
  context: PoolContext,
  { areas, checks }: { areas: readonly AreaView[]; checks: readonly ReadinessCheck[] },
): Promise<Exception[]> {
  const now = context.now();
  const ofAreas = await Promise.all(areas.map((area) => exceptionsOfArea(context, area, now)));
  const [area, ...others] = areas;
  return [
    ...checks.filter(({ isReady }) => !isReady).map((check) => roleDown(check, now)),
    ...ofAreas.flat(),
    ...exceptionsOfIncidents(context, others.length > 0 ? undefined : area),
  ]
    .sort((a, b) => urgency(a) - urgency(b) || b.at - a.at)
    .slice(0, MAX_EXCEPTIONS);
}

function urgency({ severity }: Exception): number {
  return severity === "act" ? 0 : 1;
}

function roleDown({ name, detail }: ReadinessCheck, now: number): Exception {
  return {
    kind: "roleDown",
    severity: "act",
    at: now,
    title: `The ${name} is not ready`,
    detail: `${detail}.`,
    whatToDo: `Look at what the program said. ${RESTART}`,
    subject: NO_SUBJECT,
  };
}

async function exceptionsOfArea(context: PoolContext, area: AreaView, now: number): Promise<Exception[]> {
  const { db } = context.store;
  const { areaId, intervalSeconds } = area;
  const [limit, from] = [MAX_EXCEPTIONS, Math.max(0, now - DAY_SECONDS)];
  const unfinished = await listUnfinished(db, { areaId, now, limit });
  const returned = await listReturned(db, { areaId, from, limit });
  const abandoned = await listAbandoned(db, { areaId, from, now, limit });
  const unsupplied = await listUnsupplied(db, { areaId, from, limit });
  const fromIntervalId = intervalAt(from, intervalSeconds);
  const refused = await listRefusedOrders(db, { areaId, fromIntervalId, limit });
  return [
    ...unfinished.map((interval) => unfinishedInterval(context, { area, interval, now })),
    ...returned.map((interval) => returnedInterval(context, interval)),
    ...abandoned.map((interval) => abandonedInterval(context, interval)),
    ...unsuppliedIntervals(context, unsupplied),
    ...(await lateReadings(context, area, { now, from })),
    ...(await missingReadings(context, { areaId, fromIntervalId })),
    ...refused.map((order) => refusedOrder(context, area, order)),
  ];
}

/** What is open of an interval whose delivery is over, by the stage in which it stands. */
function unfinishedInterval(
  context: PoolContext,
  { area, interval, now }: { area: AreaView; interval: IntervalRow; now: number },
): Exception {
  const { areaId, intervalId, stage, publishedAt } = interval;
  const words = intervalWords(context, interval);
  const common = { at: interval.endsAt, subject: { ...NO_SUBJECT, areaId, intervalId } };
  const over = `Delivery ended ${Math.round((now - interval.endsAt) / 60)} min ago`;
  const isSettling = stage === "cleared" || stage === "settling";
  if (!isSettling) {
    return {
      ...common,
      kind: "failedInterval",
      severity: "act",
      title: halfTitle(words, interval),
      detail: `${over}; ${heldText(interval)} reserved money that is still in escrow.`,
      whatToDo: `${RESTART} What was reserved is given back then.`,
    };
  }
  const until = waitedUntil(intervalId, area);
  const isWaiting = publishedAt !== null && now < until;
  const traded = `${formatKwh(interval.clearedWh)} kWh in ${countWords(interval.trades, "trade")}`;
  return {
    ...common,
    kind: "unsettledInterval",
    severity: isWaiting ? "watch" : "act",
    title: `${capital(words)} is not settled`,
    detail: `${over}; ${stage === "cleared" ? "nothing" : "a part"} of ${traded} is paid, the rest is in escrow; its readings are ${publishedAt === null ? "not " : ""}published.`,
    whatToDo: afterUnsettled({
      isPublished: publishedAt !== null,
      isWaiting,
      until: dateTimeText(until, context.timeZone),
    }),
  };
}

function halfTitle(words: string, { stage }: IntervalRow): string {
  if (stage === "clearing") return `The clearing of ${words} stopped`;
  return stage === "returning"
    ? `${capital(words)} is given back in part`
    : `A clearing of ${words} that was given up is not given back`;
}

function heldText({ stage, steps, orders }: IntervalRow): string {
  if (stage !== "clearing" && stage !== "returning") return "its steps";
  return `${countWords(steps, "step")} with ${countWords(orders, "order")}`;
}

function afterUnsettled({
  isPublished,
  isWaiting,
  until,
}: {
  isPublished: boolean;
  isWaiting: boolean;
  until: string;
}): string {
  if (!isPublished) return "See that the meter gateway publishes its readings; payment follows.";
  return isWaiting
    ? `Look at the meters whose readings are missing; from ${until} on they count as zero, and all is paid.`
    : RESTART;
}

function returnedInterval(context: PoolContext, interval: IntervalRow): Exception {
  const { areaId, intervalId } = interval;
  const traded = `${formatKwh(interval.clearedWh)} kWh in ${countWords(interval.trades, "trade")}`;
  return {
    kind: "failedInterval",
    severity: "watch",
    at: interval.returnedAt ?? interval.endsAt,
    title: `${capital(intervalWords(context, interval))} was given back`,
    detail: `Its readings did not come in time: ${traded} do not count; all of its energy is billed at the tariff.`,
    whatToDo: "Tell the participants; nothing is left to settle.",
    subject: { ...NO_SUBJECT, areaId, intervalId },
  };
}

function abandonedInterval(context: PoolContext, interval: IntervalRow): Exception {
  const { areaId, intervalId } = interval;
  return {
    kind: "failedInterval",
    severity: "watch",
    at: interval.abandonedAt ?? interval.startsAt,
    title: `${capital(intervalWords(context, interval))} has no market`,
    detail: `Its clearing was given up before all was in, and none followed before delivery began; all of its energy is billed at the tariff.`,
    whatToDo:
      "Read why transactions failed at that time; if it comes again, mend it before the next gate closes.",
    subject: { ...NO_SUBJECT, areaId, intervalId },
  };
}

/** One exception for all intervals of the day: they have the same cause. */
function unsuppliedIntervals(context: PoolContext, intervals: readonly IntervalRow[]): Exception[] {
  const [newest] = intervals;
  if (!newest) return [];
  const { areaId, intervalId, startsAt: at } = newest;
  return [
    {
      kind: "unsuppliedIntervals",
      severity: "watch",
      at,
      title: `${countWords(intervals.length, "interval")} of the last day went unsupplied`,
      detail: `No supplier stood for them, the last ${intervalWords(context, newest)}: what was bought and not used earned nothing.`,
      whatToDo: "Ask the supplier to accept the terms in force, or to add margin.",
      subject: { ...NO_SUBJECT, areaId, intervalId },
    },
  ];
}

/** Intervals of the day that are over for longer than their length and have no root; one exception for each run of them. */
async function lateReadings(
  context: PoolContext,
  { areaId, intervalSeconds }: AreaView,
  { now, from }: { now: number; from: number },
): Promise<Exception[]> {
  const limit = Math.ceil((now - from) / intervalSeconds) + 1;
  const { first, known } = await listKnown(context.store.db, { areaId, from, limit });
  if (first === null) return [];
  const published = new Set(known.filter((row) => row.publishedAt !== null).map((row) => row.intervalId));
  // An interval that began before the span is not among the known ones.
  const begin = Math.max(first, intervalAt(from + intervalSeconds - 1, intervalSeconds));
  const end = intervalAt(now - 1, intervalSeconds) - 1;
  return gapsOf(published, { begin, end }).map((gap): Exception => {
    const late = known.filter(({ intervalId }) => intervalId >= gap.first && intervalId <= gap.last);
    const isOwed = late.some(({ stage }) => stage === "cleared" || stage === "settling");
    const start = { intervalId: gap.first, startsAt: startsAt(gap.first, intervalSeconds) };
    const minutes = Math.round((now - endsAt(gap.first, intervalSeconds)) / 60);
    return {
      kind: "lateReadings",
      severity: isOwed ? "act" : "watch",
      at: endsAt(gap.last, intervalSeconds),
      title: `The readings of ${countWords(gap.last - gap.first + 1, "interval")} are late`,
      detail: `No root is published from ${intervalWords(context, start)} on, whose delivery ended ${minutes} min ago.`,
      whatToDo: isOwed
        ? "See that the meter gateway runs and hears the meters: trades wait for it."
        : "See that the meter gateway ran; without readings this energy is not billed.",
      subject: { ...NO_SUBJECT, areaId, intervalId: gap.first },
    };
  });
}

type Gap = { readonly first: number; readonly last: number };

/** Runs of numbers in `[begin, end)` that the set does not hold. */
function gapsOf(held: ReadonlySet<number>, { begin, end }: { begin: number; end: number }): Gap[] {
  const gaps: Gap[] = [];
  for (let at = begin; at < end; at += 1) {
    if (held.has(at)) continue;
    const before = gaps.at(-1);
    if (before?.last === at - 1) gaps[gaps.length - 1] = { first: before.first, last: at };
    else gaps.push({ first: at, last: at });
  }
  return gaps;
}

async function missingReadings(
  context: PoolContext,
  { areaId, fromIntervalId }: { areaId: number; fromIntervalId: number },
): Promise<Exception[]> {
  const rows = await listMissingReadings(context.store.db, { areaId, fromIntervalId, limit: MAX_MISSING });
  const ofIntervals = new Map<number, MissingRow[]>();
  for (const row of rows) ofIntervals.set(row.intervalId, [...(ofIntervals.get(row.intervalId) ?? []), row]);
  return [...ofIntervals.values()].flatMap((missing): Exception[] => {
    const [row] = missing;
    if (!row) return [];
    const { intervalId, meters, publishedAt } = row;
    const names = missing
      .slice(0, MAX_NAMES)
      .map(({ account }) => accountWords(context.accountNames, account));
    const more = missing.length > MAX_NAMES ? ` and ${missing.length - MAX_NAMES} more` : "";
    const account = missing.length === 1 ? row.account : null;
    return [
      {
        kind: "missingReadings",
        severity: "watch",
        at: publishedAt ?? row.startsAt,
        title: `${countWords(missing.length, "reading")} missing: ${names.join(", ")}${more}`,
        detail: `The root of ${intervalWords(context, row)} holds ${countWords(meters ?? 0, "reading")}; ${missing.length} enrolled besides sent none.`,
        whatToDo: "Look at the meter and its connection; without a reading its energy is not billed.",
        subject: { ...NO_SUBJECT, areaId, intervalId, account },
      },
    ];
  });
}

type MissingRow = Awaited<ReturnType<typeof listMissingReadings>>[number];
type RefusedRow = Awaited<ReturnType<typeof listRefusedOrders>>[number];

function refusedOrder(context: PoolContext, area: AreaView, order: RefusedRow): Exception {
  const { areaId, intervalId, account, orderId, refusal } = order;
  const who = accountWords(context.accountNames, account);
  const start = { intervalId, startsAt: startsAt(intervalId, area.intervalSeconds) };
  return {
    kind: "refusedOrder",
    severity: "watch",
    at: gateClosesAt(intervalId, termsAt(area, intervalId)),
    title: `The chain refused an order of ${who}`,
    detail: `${capital(orderWords(order, context.currency))} for ${intervalWords(context, start)} was left out, since ${refusalText(refusal ?? "nothing")}.`,
    whatToDo:
      refusal === "MarginsFallShort"
        ? `Ask ${who} to add margin: what is there does not cover the order.`
        : "Look into the reason; the order took part in nothing.",
    subject: { ...NO_SUBJECT, areaId, intervalId, account, orderId },
  };
}
