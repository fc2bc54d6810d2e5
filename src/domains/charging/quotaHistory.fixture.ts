import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { chargePeriod, depositNeededMicro, type MeteredInterval } from "#domains/charging/rules/charges.ts";
import { marginW as marginOf } from "#domains/charging/rules/margin.ts";
import { planQuotaClearing } from "#domains/charging/rules/quotaClearingPlan.ts";
import { bidMicro } from "#domains/charging/rules/quotaOrderFault.ts";
import {
  BOOK_TIMES,
  intervalsOfPeriod,
  type QuotaTerms,
  windowsOf,
} from "#domains/charging/rules/quotaTerms.ts";
import { quotaSeparator, signQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import type { PaymentSubmission } from "#domains/charging/submissions.ts";
import type { DomainEvent } from "#domains/domains.ts";
import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { proveReading, type ReadingProof } from "#domains/metering/rules/readingProof.ts";
import { pageOf, readingLeaf, topOfList } from "#domains/metering/rules/readingTree.ts";
import type { Order, Pricing } from "#kernel/auction/order.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { present } from "#kernel/units/assert.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import {
  AREA_ID,
  createHistory,
  INTERVAL_SECONDS,
  keyOf,
  seatIn,
  WAITING_SECONDS,
} from "#platform/store/marketHistory.fixture.ts";
import { type Published, publication, signReadings, treeOf } from "#platform/store/meteredHomes.fixture.ts";

/*
 * Periods of charging quotas as the contracts would log them, by the rules, on the area of the market's history; test/e2e holds the
 * projection against the contracts themselves.
 */

/** The same deployment with a quota market. */
export const QUOTA_DEPLOYMENT = {
  ...DEPLOYMENT,
  contracts: { ...DEPLOYMENT.contracts, quotaMarket: testAddress(0xa8) },
};

export const QUOTA_TERMS: QuotaTerms = {
  ...BOOK_TIMES,
  ratingW: 60_000,
  floorMicroPerKw: 0,
  ceilingMicroPerKw: 100_000_000,
  penaltyPermille: 2_000,
  pricing: "midpoint",
};

export const TARIFF = 112_000_000n;
const MARKET = QUOTA_DEPLOYMENT.contracts.quotaMarket;
const DSO = 2;
const MARGIN_MICRO = 100_000_000_000n;
const SEPARATOR = quotaSeparator(QUOTA_DEPLOYMENT.chainId, MARKET);

/** The first period of which something is told; it begins when the market's history does some hours later. */
export const FIRST_PERIOD = 970_000;

/**
 * What happens in a period. All by member.
 *
 * @property bids orders of quota besides `offers`, at prices a kW
 * @property importWh what each meter reads in each interval; null of an interval without a reading of the station
 * @property isPublished whether anything is published of the period; else nobody pays before the waiting time is over
 * @property vanished stations for which nobody pays, and that withdraw nothing
 * @property isHidden whether auction and payments reach the market through another contract
 */
export type QuotaStory = {
  readonly period: number;
  readonly demandsW: Readonly<Record<number, number>>;
  readonly orders?: readonly Order<number>[];
  readonly importWh?: Readonly<Record<number, readonly (number | null)[]>>;
  readonly forecastW?: number;
  readonly isDivided?: boolean;
  readonly isCleared?: boolean;
  readonly isPublished?: boolean;
  readonly vanished?: readonly number[];
  readonly isHidden?: boolean;
  readonly extraDepositMicro?: bigint;
};

type Station = { readonly demandW: number; depositMicro: bigint; quotaW: number };

/** A history of periods behind one transformer; `stations` are members with 17.25 kW each. */
export function createQuotaHistory({
  stations = [4, 5, 6, 7],
  pricing = "midpoint",
}: {
  stations?: readonly number[];
  pricing?: Pricing;
} = {}) {
  const history = createHistory({ homes: stations });
  const terms = { ...QUOTA_TERMS, pricing };
  const areaId = AREA_ID;
  history.add(1_350, {
    kind: "quotaTermsAnnounced",
    ...{ areaId, version: 1, fromPeriod: 0, terms },
  });
  for (const member of stations) {
    const account = 20 + member;
    const seat = seatIn(member);
    history.add(1_360, { kind: "deposited", account, amountMicro: MARGIN_MICRO });
    history.add(1_360, { kind: "marginAdded", seat, market: MARKET, amountMicro: MARGIN_MICRO });
  }
  return { ...history, terms, stations, tell: (story: QuotaStory) => tell({ history, terms }, story) };
}

type Teller = { readonly history: ReturnType<typeof createHistory>; readonly terms: QuotaTerms };

/** Tells a period whole; gives what each station has in the end. */
function tell({ history, terms }: Teller, story: QuotaStory): ReadonlyMap<number, Station> {
  const place = { areaId: AREA_ID, period: story.period };
  const windows = windowsOf(story.period, terms);
  const { forecastW = 20_000, isDivided = true, isCleared = true, isPublished = true } = story;
  const reserveW = 4_000;
  const marginW = marginOf({ ratingW: terms.ratingW, forecastW, reserveW });
  const dso = addressOfKey(keyOf(DSO));
  const said = { forecastW, reserveW, tariffMicroPerKwh: TARIFF, cnyMicroPerEther: 20_000_000_000n };
  const add = (
    at: number,
    ...facts: Parameters<typeof history.add> extends [number, ...infer F] ? F : never
  ) => {
    const before = history.events.length;
    history.add(at, ...facts);
    return history.events.slice(before);
  };
  asSender(
    add(windows.opensAt, { kind: "periodInitialized", ...place, termsVersion: 1, marginW, ...said }),
    dso,
  );
  const stations = demand({ history, terms }, story);
  if (!isDivided) {
    if (isPublished) publish({ history, terms }, story, stations);
    withdrawAll({ history, terms }, story, { stations, at: windows.endsAt });
    return stations;
  }
  const demands = [...stations].map(([member, { demandW }]) => ({ member, demandW }));
  const allocation = allocateQuotas({ demands, marginW });
  const { isRationed, totalDemandW, cutRemainder, cutMember } = allocation;
  for (const [member, station] of stations) station.quotaW = allocation.quotasW.get(member) ?? 0;
  add(windows.demandEndsAt, {
    kind: "quotasAllocated",
    ...place,
    ...{ isRationed, totalDemandW, cutRemainder, cutMember },
    auctionOpensAt: isRationed ? windows.allocationEndsAt : null,
  });
  if (isRationed && isCleared) clear({ history, terms }, story, stations);
  const published = isPublished ? publish({ history, terms }, story, stations) : [];
  payAll({ history, terms }, story, { stations, published });
  withdrawAll({ history, terms }, story, { stations, at: windows.endsAt + 2 * WAITING_SECONDS });
  return stations;
}

/** The DSO sends, where the market asks for it. */
function asSender(events: readonly DomainEvent[], sender: string): void {
  for (const event of events) Object.assign(event, { sender });
}

/** What the clearing house logs; nothing where nothing moves. */
function moved(kind: "held" | "released", amountMicro: bigint) {
  return amountMicro === 0n ? [] : [{ kind, market: MARKET, amountMicro } as const];
}

function demand({ history, terms }: Teller, story: QuotaStory): Map<number, Station> {
  const { periodSeconds, penaltyPermille } = terms;
  const prices = { tariffMicroPerKwh: TARIFF, penaltyPermille: BigInt(penaltyPermille) };
  const stations = new Map<number, Station>();
  for (const [number, demandW] of Object.entries(story.demandsW)) {
    const member = Number(number);
    const bids = (story.orders ?? []).filter(
      ({ side, participant }) => side === "bid" && participant === member,
    );
    const boughtW = bids.reduce((sum, { quantity }) => sum + quantity, 0);
    const depositMicro =
      depositNeededMicro({
        prices,
        periodSeconds,
        demandW,
        quotaW: demandW + boughtW,
        auctionMicro: bids.reduce((sum, bid) => sum + bidMicro(bid), 0n),
      }) + (story.extraDepositMicro ?? 0n);
    history.add(windowsOf(story.period, terms).opensAt + 60, ...moved("held", depositMicro), {
      kind: "demandSubmitted",
      areaId: AREA_ID,
      period: story.period,
      ...{ member, demandW, depositMicro },
    });
    stations.set(member, { demandW, depositMicro, quotaW: 0 });
  }
  return stations;
}

function clear({ history, terms }: Teller, story: QuotaStory, stations: Map<number, Station>): void {
  const place = { areaId: AREA_ID, period: story.period };
  const context = { separator: SEPARATOR, ...place };
  // Who offers more than its quota is refused before.
  const taken = (story.orders ?? []).filter(
    ({ side, quantity, participant }) =>
      side === "bid" || quantity <= (stations.get(participant)?.quotaW ?? 0),
  );
  const signed = taken.map((order) => signQuotaOrder(order, context, keyOf(order.participant)));
  const { auction, outcome, book } = planQuotaClearing(signed, terms.pricing, context);
  const { localPrice: localPriceMicroPerKw, clearedW, bookRoot } = outcome;
  const { remainderMicro, positions } = auction;
  const trades = positions.filter(({ boughtW, soldW }) => boughtW + soldW > 0);
  let paidOut = remainderMicro;
  for (const { member, boughtW, soldW, paymentMicro } of trades) {
    const station = present(stations.get(member), "a station that traded");
    station.quotaW += boughtW - soldW;
    if (soldW > 0) paidOut -= paymentMicro;
    else station.depositMicro -= paymentMicro;
  }
  const before = history.events.length;
  history.add(
    windowsOf(story.period, terms).ordersEndAt,
    ...moved("released", paidOut),
    ...trades.map(({ member, boughtW, soldW, paymentMicro }) => ({
      kind: "quotaTraded" as const,
      ...place,
      ...{ member, paymentMicro },
      quotaW: boughtW - soldW,
    })),
    {
      kind: "quotasCleared",
      ...place,
      ...{ localPriceMicroPerKw, clearedW, remainderMicro, bookRoot },
      submission: story.isHidden ? null : book,
    },
  );
  asSender(history.events.slice(before), addressOfKey(keyOf(DSO)));
}

function publish(
  { history, terms }: Teller,
  { period, importWh = {} }: QuotaStory,
  stations: ReadonlyMap<number, Station>,
): (Published | null)[] {
  const intervals = intervalsOfPeriod(period, { ...terms, intervalSeconds: INTERVAL_SECONDS });
  return intervals.map((intervalId, i) => {
    const place = { areaId: AREA_ID, intervalId, version: 1 };
    const metered = Object.entries(importWh).flatMap(([member, of]) => {
      const wh = of[i] ?? null;
      return wh === null ? [] : [[member, [wh, 0]] as const];
    });
    const signed = signReadings(place, Object.fromEntries(metered), keyOf);
    if (signed.length === 0) return null;
    history.readings.push(...signed);
    const told = treeOf(place, signed, new Set(stations.keys()));
    history.add((intervalId + 1) * INTERVAL_SECONDS, publication(place, told));
    return told;
  });
}

type Ends = {
  readonly stations: ReadonlyMap<number, Station>;
  readonly published: readonly (Published | null)[];
};

function payAll({ history, terms }: Teller, story: QuotaStory, { stations, published }: Ends): void {
  const { period, importWh = {}, vanished = [] } = story;
  const prices = { tariffMicroPerKwh: TARIFF, penaltyPermille: BigInt(terms.penaltyPermille) };
  const count = terms.periodSeconds / INTERVAL_SECONDS;
  const { endsAt } = windowsOf(period, terms);
  for (const [member, station] of stations) {
    if (vanished.includes(member)) continue;
    const intervals = Array.from({ length: count }, (_, i): MeteredInterval => {
      const wh = importWh[member]?.[i] ?? null;
      if (!published[i]) return { importWh: 0n };
      return { importWh: wh === null ? null : BigInt(wh) };
    });
    const isWhole = intervals.every(({ importWh: wh }, i) => wh !== null && published[i]);
    const { depositMicro, quotaW } = station;
    const charge = chargePeriod({
      ...{ prices, intervals, depositMicro, quotaW },
      intervalSeconds: INTERVAL_SECONDS,
    });
    const micro = charge.feeMicro + charge.penaltyMicro;
    station.depositMicro -= micro;
    history.add(isWhole ? endsAt + 30 : endsAt + WAITING_SECONDS, ...moved("released", micro), {
      kind: "energyPaid",
      ...{ areaId: AREA_ID, period, member },
      ...charge,
      missing: intervals.filter(({ importWh: wh }) => wh === null).length,
      submission: story.isHidden ? null : broughtBy(member, { intervals, published }),
    });
  }
}

const NO_READING: ReadingProof = {
  reading: 0n,
  list: 0n,
  isSecond: false,
  otherList: 0n,
  otherTop: toHex(wordOf(0)),
  leaves: [],
  nodes: [],
  pages: [],
};
const NO_ABSENCE = { list: 0n, top: toHex(wordOf(0)), otherList: 0n, otherTop: toHex(wordOf(0)), pages: [] };

function broughtBy(
  member: number,
  {
    intervals,
    published,
  }: { intervals: readonly MeteredInterval[]; published: readonly (Published | null)[] },
): PaymentSubmission {
  return intervals.map(({ importWh }, i) => {
    const told = published[i];
    if (!told) return { reading: NO_READING, absence: NO_ABSENCE };
    const { tree, context } = told;
    if (importWh !== null) return { reading: proveReading(tree, context, member), absence: NO_ABSENCE };
    return { reading: NO_READING, absence: absenceOf(told, member) };
  });
}

/** The page of a member with its two lists; all of the history's stations are on one page. */
function absenceOf({ tree, context }: Published, member: number): PaymentSubmission[number]["absence"] {
  const page = tree.pages.find((each) => each.page === pageOf(member));
  if (!page) return NO_ABSENCE;
  const topOf = (words: readonly bigint[]) =>
    toHex(topOfList(words.map((word) => readingLeaf(context, word))));
  const [list, other] = page.lists;
  const bits = (words: readonly bigint[]) =>
    words.reduce((set, word) => set | (1n << BigInt(memberOfReading(word) % 256)), 0n);
  return {
    list: bits(list.words),
    top: topOf(list.words),
    otherList: bits(other.words),
    otherTop: topOf(other.words),
    pages: [],
  };
}

function withdrawAll(
  { history }: Teller,
  { period, vanished = [] }: QuotaStory,
  { stations, at }: { stations: ReadonlyMap<number, Station>; at: number },
): void {
  for (const [member, { depositMicro: amountMicro }] of stations) {
    if (vanished.includes(member)) continue;
    history.add(at, ...moved("released", amountMicro), {
      kind: "depositWithdrawn",
      ...{ areaId: AREA_ID, period, member, amountMicro },
    });
  }
}
