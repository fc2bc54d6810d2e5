import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { packCalls } from "#platform/chain/packCalls.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import type { Done, Duty, Spent } from "#platform/runtime/duty.ts";
import { meteredProofs, type PublishedInterval, type PublishedSource } from "./meteredProofs.ts";
import type { OpenQuotaOrder, QuotaDesk } from "./quotaDesk.ts";
import {
  allocateCall,
  clearQuotasCall,
  initializeCall,
  payEnergyCall,
  quotaCallsTogether,
  withdrawDepositCall,
} from "./quotaMarket.ts";
import type { QuotaStations } from "./quotaStations.ts";
import type { QuotaTermsSchedule, QuotaView } from "./quotaView.ts";
import { allocateQuotas } from "./rules/allocateQuotas.ts";
import { planQuotaClearing } from "./rules/quotaClearingPlan.ts";
import { intervalsOfPeriod, type PeriodId, windowsOf } from "./rules/quotaTerms.ts";
import { quotaSeparator } from "./rules/signedQuotaOrder.ts";

/** What the DSO says of a period: conventional load and the reserve against its forecast's error, W, and the prices (R9.4, R9.12). */
export type PeriodOpening = {
  readonly forecastW: number;
  readonly reserveW: number;
  readonly tariffMicroPerKwh: bigint;
  readonly cnyMicroPerEther: bigint;
};

/** What the DSO of an area works with. `sender` is its own; who divides, pays and gives back may be anybody: it is the DSO too. */
export type QuotaRoles = {
  readonly areaId: number;
  /** Of the area, seconds; how long a reading is waited for after its period. */
  readonly area: { readonly intervalSeconds: number; readonly waitingSeconds: number };
  readonly deployment: Deployment;
  readonly sender: Sender;
  readonly terms: QuotaTermsSchedule;
  readonly now: () => number;
  readonly view: QuotaView;
  readonly stations: QuotaStations;
  readonly openingOf: (period: PeriodId) => PeriodOpening | Promise<PeriodOpening>;
  readonly desk: Pick<QuotaDesk, "takeBook">;
  /** The orders of a period that were accepted and not dropped, from the archive. */
  readonly standingOrders: (period: PeriodId) => readonly OpenQuotaOrder[];
  /** Makes known which orders the chain refused before the rest is submitted. */
  readonly keepDropped: (orders: readonly OpenQuotaOrder[], refusal: string) => Promise<void>;
  readonly publishedOf: PublishedSource;
};

const DAY_SECONDS = 86_400;
/** After a reading was waited for, the contract pays without a proof in so long (QuotaSettlementLib). */
const LAST_RESORT_SECONDS = 14 * DAY_SECONDS;
/** After that it is tried for a day. */
const LAST_TRIES_SECONDS = DAY_SECONDS;

/**
 * What is owed for a period of quotas, by its number: to say its margin, to divide it, to clear the auction, each within its window
 * and not after it; and when delivery is over to have each station pay and get its deposit back, tried until it is done.
 */
export function quotaDuties(roles: QuotaRoles): Record<"initialize" | "allocate" | "clear" | "settle", Duty> {
  const { areaId, area, terms } = roles;
  const common = { role: "gridOperator", areaId } as const;
  const windows = (period: PeriodId) => windowsOf(period, terms.of(period));
  return {
    initialize: {
      ...common,
      name: "initialize",
      standsOn: "newest",
      dueAt: (period) => windows(period).opensAt,
      triesUntil: (period) => windows(period).demandEndsAt,
      run: (period) => initialize(roles, period),
    },
    allocate: {
      ...common,
      name: "allocate",
      standsOn: "newest",
      dueAt: (period) => windows(period).demandEndsAt,
      triesUntil: (period) => windows(period).allocationEndsAt,
      run: (period) => allocate(roles, period),
    },
    clear: {
      ...common,
      name: "clear",
      standsOn: "newest",
      dueAt: (period) => windows(period).ordersEndAt,
      triesUntil: (period) => windows(period).clearingEndsAt,
      run: (period) => clear(roles, period),
    },
    settle: {
      ...common,
      name: "settle",
      dueAt: (period) => windows(period).endsAt,
      triesUntil: (period) =>
        windows(period).endsAt + area.waitingSeconds + LAST_RESORT_SECONDS + LAST_TRIES_SECONDS,
      run: (period) => settle(roles, period),
    },
  };
}

async function initialize(roles: QuotaRoles, period: PeriodId): Promise<Done> {
  const { areaId, deployment, sender, terms, now, view, openingOf } = roles;
  await terms.refresh();
  if (now() >= windowsOf(period, terms.of(period)).demandEndsAt) return NOTHING;
  if ((await view.periodOf(period)).stage !== "none") return NOTHING;
  const opening = await openingOf(period);
  const { gasUsed } = await sender.send(initializeCall(deployment, { areaId, period, ...opening }));
  return done(`said the margin of period ${period}`, { gasUsed, transactions: 1 });
}

async function allocate(roles: QuotaRoles, period: PeriodId): Promise<Done> {
  const { areaId, deployment, sender, terms, now, view, stations } = roles;
  if (now() >= windowsOf(period, terms.of(period)).allocationEndsAt) return NOTHING;
  const { stage, marginW } = await view.periodOf(period);
  if (stage !== "open") return NOTHING;
  const demands = await stations.demandingIn(period);
  if (demands.length === 0) return NOTHING;
  const allocation = allocateQuotas({ demands, marginW });
  const { gasUsed } = await sender.send(allocateCall(deployment, { areaId, period }, allocation));
  return done(`divided the margin of period ${period}`, { gasUsed, transactions: 1 });
}

/** Clears the auction, without the stations whose orders the chain does not take; without any order nothing has to be said. */
async function clear(roles: QuotaRoles, period: PeriodId): Promise<Done> {
  const { terms, now, view, desk, standingOrders } = roles;
  const atDesk = desk.takeBook(period);
  if (now() >= windowsOf(period, terms.of(period)).clearingEndsAt) return NOTHING;
  if ((await view.periodOf(period)).stage !== "rationed") return NOTHING;
  // What a run that failed took from the desk stands in the archive, without what the chain refused.
  let book = atDesk.length > 0 ? atDesk : standingOrders(period);
  while (book.length > 0) {
    const submitted = await submit(roles, period, book);
    if ("gasUsed" in submitted) return done(`cleared the quotas of period ${period}`, submitted);
    const { member, refusal } = submitted;
    const dropped = book.filter(({ participant }) => participant === member);
    await roles.keepDropped(dropped, refusal);
    book = book.filter(({ participant }) => participant !== member);
  }
  return NOTHING;
}

type RefusedStation = { readonly member: number; readonly refusal: string };

/** Gives what it took, or for whose sake the chain refused it. */
async function submit(
  { areaId, deployment, sender, terms }: QuotaRoles,
  period: PeriodId,
  book: readonly OpenQuotaOrder[],
): Promise<Spent | RefusedStation> {
  const separator = quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket"));
  const plan = planQuotaClearing(book, terms.of(period).pricing, { separator, areaId, period });
  try {
    const { gasUsed } = await sender.send(clearQuotasCall(deployment, plan));
    return { gasUsed, transactions: 1 };
  } catch (error) {
    if (!(error instanceof ContractRefusalError)) throw error;
    const member = Number(error.values.member);
    if (!book.some(({ participant }) => participant === member)) throw error;
    return { member, refusal: error.refusal };
  }
}

/**
 * Has each station pay by its readings and gives the rest of its deposit back: at once where each interval has its reading, the others
 * when the waiting time is over; all of it where the margin was not divided.
 */
async function settle(roles: QuotaRoles, period: PeriodId): Promise<Done> {
  const { areaId, area, deployment, now, sender, stations, terms, view } = roles;
  const held = (await stations.demandingIn(period)).filter(({ isWithdrawn }) => !isWithdrawn);
  if (held.length === 0) return NOTHING;
  const { stage } = await view.periodOf(period);
  const isDivided = stage !== "open";
  const published = isDivided ? await publishedIn(roles, period) : [];
  const isWaitedFor = now() < windowsOf(period, terms.of(period)).endsAt + area.waitingSeconds;
  const calls: Call[] = [];
  let waiting = 0;
  for (const station of held) {
    const { member } = station;
    const isOwing = isDivided && !station.isPaid;
    const proofs = isOwing ? meteredProofs(published, { member, isWaitedFor }) : [];
    if (proofs === null) waiting += 1;
    else {
      const place = { areaId, period, member };
      if (isOwing) calls.push(payEnergyCall(deployment, place, proofs));
      calls.push(withdrawDepositCall(deployment, place));
    }
  }
  const receipts = await sender.sendAll(
    packCalls(calls).map((together) => quotaCallsTogether(deployment, together)),
  );
  const gasUsed = receipts.reduce((sum, receipt) => sum + receipt.gasUsed, 0n);
  const spent = { gasUsed, transactions: receipts.length };
  if (waiting === 0) return done(settledWords(period, { isDivided }), spent);
  const againAt = now() + area.intervalSeconds;
  return {
    status: "waiting",
    for: `readings of ${waiting} of the stations in period ${period}`,
    againAt,
    spent,
  };
}

function settledWords(period: PeriodId, { isDivided }: { readonly isDivided: boolean }): string {
  if (isDivided) return `settled the energy of period ${period}`;
  return `gave the deposits of period ${period} back, as its margin was not divided`;
}

/** What is published of the intervals of a period. At the last resort nothing has to be shown of what can't be opened any more. */
async function publishedIn(
  { area, now, publishedOf, stations, terms }: QuotaRoles,
  period: PeriodId,
): Promise<readonly PublishedInterval[]> {
  const { periodSeconds } = terms.of(period);
  const { intervalSeconds, waitingSeconds } = area;
  const demanded = new Set((await stations.demandingIn(period)).map(({ member }) => member));
  const lastResortAt = startsAt(period + 1, periodSeconds) + waitingSeconds + LAST_RESORT_SECONDS;
  const read = (intervalId: IntervalId) =>
    publishedOf(intervalId, demanded).catch((error: unknown) => {
      if (now() < lastResortAt) throw error;
      return null;
    });
  return Promise.all(intervalsOfPeriod(period, { periodSeconds, intervalSeconds }).map(read));
}

const NOTHING: Done = { status: "nothingToDo" };

function done(work: string, { gasUsed, transactions }: Spent): Done {
  return { status: "done", work, spent: { gasUsed, transactions } };
}
