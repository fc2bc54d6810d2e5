import type { z } from "zod";
import { listPublications, placesOfTransactions } from "#domains/charging/queries/quotaEvidence.ts";
import {
  listBrought,
  listQuotaOrders,
  listQuotaTerms,
  listStationsOf,
  type QuotaOrderView,
  type QuotaPeriodView,
  type QuotaStationView,
  type QuotaTermsView,
} from "#domains/charging/queries/quotaPeriods.ts";
import { windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { packQuotaOrders, type SignedQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import { quotaPeriodParams } from "#domains/charging/wire.ts";
import { quotaEvidenceWire } from "#domains/charging/wireEvidence.ts";
import { type MembershipEvent, membershipsAt } from "#domains/metering/areaState.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { listMembershipEvents } from "#domains/metering/queries/membershipEvents.ts";
import type { Side } from "#kernel/auction/order.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { requireQuotaPeriod } from "./quotaPeriods.ts";

type Body = z.infer<typeof quotaEvidenceWire>;

/** All that a browser needs to check a period itself: nobody has to trust the grid operator (R6.3). */
export function addQuotaEvidence(app: Api, context: ApiContext): void {
  app.get(
    "/v1/areas/:areaId/quota-periods/:period/evidence",
    {
      schema: {
        params: quotaPeriodParams,
        ...describeRoute("charging", "Everything that proves a period", { body: quotaEvidenceWire }),
      },
    },
    async ({ params }) => quotaEvidenceOf(context, await requireQuotaPeriod(context, params)),
  );
}

type Found = {
  readonly period: QuotaPeriodView;
  readonly terms: QuotaTermsView;
  readonly stations: readonly QuotaStationView[];
  readonly orders: readonly QuotaOrderView[];
  readonly places: Awaited<ReturnType<typeof placesOfTransactions>>;
  readonly membershipsIn: (block: number) => ReturnType<typeof membershipsAt>;
};

/** A period's evidence as it goes over HTTP, from the rows and the log. */
export async function quotaEvidenceOf(
  context: Pick<ApiContext, "store">,
  period: QuotaPeriodView,
): Promise<Body> {
  const { db, deployment } = context.store;
  const found = await findAll(context, period);
  const { areaId } = period;
  const area = await meteredAreaOf(db, areaId);
  const { registry, areas } = found.membershipsIn(blockOf(found, period.initializedIn));
  const dsoAccount = areas.memberOf({ areaId, member: period.dso })?.account ?? 0;
  const brought = await listBrought(db, period);
  return {
    chainId: deployment.chainId,
    deployedAtBlock: deployment.deployedAtBlock,
    quotaMarket: addressOf(deployment, "quotaMarket"),
    meterLedger: addressOf(deployment, "meterLedger"),
    areaId,
    period: period.period,
    intervalSeconds: area.intervalSeconds,
    waitingSeconds: area.waitingSeconds,
    dsoOwner: registry.ownerOf(dsoAccount),
    version: found.terms.version,
    terms: termsBody(found.terms),
    opening: {
      timestamp: period.initializedAt,
      sender: senderOf(found, period.initializedIn),
      termsVersion: period.termsVersion,
      marginW: period.marginW,
      forecastW: period.forecastW,
      reserveW: period.reserveW,
      tariffMicroPerKwh: String(period.tariffMicroPerKwh),
    },
    demands: found.stations.map((station) => demandBody(found, station)),
    division: divisionBody(period),
    auction: auctionBody(found),
    publications: await listPublications(db, period),
    payments: found.stations.flatMap((station) => {
      const own = brought.find(({ member }) => member === station.member)?.brought ?? null;
      return station.paidAt === null ? [] : [paymentBody(found, station, own)];
    }),
    withdrawals: found.stations.flatMap(({ member, withdrawnAt, withdrawnMicro }) =>
      withdrawnAt === null
        ? []
        : [{ member, timestamp: withdrawnAt, amountMicro: String(withdrawnMicro ?? 0n) }],
    ),
  };
}

/** The period's rows, and who took part when. */
async function findAll(
  { store: { db } }: Pick<ApiContext, "store">,
  period: QuotaPeriodView,
): Promise<Found> {
  const versions = await listQuotaTerms(db, period.areaId);
  const stations = await listStationsOf(db, [period]);
  const { initializedIn, clearedIn } = period;
  const hashes = stations.flatMap(({ demandedIn, paidIn }) => [demandedIn, paidIn]);
  const places = await placesOfTransactions(db, [initializedIn, clearedIn, ...hashes]);
  const lastBlock = Math.max(...[...places.values()].map(({ block }) => block));
  const memberships = await listMembershipEvents(db, lastBlock);
  return {
    period,
    terms: present(
      versions.findLast(({ fromPeriod }) => fromPeriod <= period.period),
      "the terms of a period",
    ),
    stations,
    orders: await listQuotaOrders(db, [period]),
    places,
    membershipsIn: rememberMemberships(memberships),
  };
}

/** States of the registries by block; between two of their events they are the same. */
function rememberMemberships(events: readonly MembershipEvent[]) {
  const known = new Map<number, ReturnType<typeof membershipsAt>>();
  return (block: number) => {
    const count = events.findLastIndex((event) => event.block < block) + 1;
    const state = known.get(count) ?? membershipsAt(events.slice(0, count), { block, logIndex: 0 });
    known.set(count, state);
    return state;
  };
}

function blockOf({ places }: Found, hash: string): number {
  return present(places.get(hash), "a transaction of a period").block;
}

function senderOf({ places }: Found, hash: string): string {
  return present(places.get(hash), "a transaction of a period").sender;
}

function standingBody(found: Found, hash: string, member: number, closesAt: number) {
  const { areaId } = found.period;
  const { areas } = found.membershipsIn(blockOf(found, hash));
  const { signer, isTradable, capacityW } = areas.standingOf({ areaId, member, closesAt });
  return { signer, isTradable, capacityW };
}

function demandBody(found: Found, station: QuotaStationView): Body["demands"][number] {
  const { member, demandedAt, demandedIn, demandW, depositMicro } = station;
  return {
    member,
    timestamp: demandedAt,
    demandW,
    depositMicro: String(depositMicro),
    standing: standingBody(found, demandedIn, member, demandedAt),
  };
}

function divisionBody(period: QuotaPeriodView): Body["division"] {
  const { allocatedAt, isRationed, totalDemandW, cutRemainder, cutMember } = period;
  if (allocatedAt === null || isRationed === null || cutRemainder === null || cutMember === null) return null;
  return {
    timestamp: allocatedAt,
    ...{ isRationed, totalDemandW, cutMember },
    cutRemainder: String(cutRemainder),
  };
}

function auctionBody(found: Found): Body["auction"] {
  const { period, stations, orders, terms } = found;
  const { clearedAt, clearedIn, localPriceMicroPerKw, clearedW, remainderMicro, bookRoot } = period;
  if (clearedAt === null || clearedIn === null || bookRoot === null) return null;
  const closesAt = windowsOf(period.period, terms).ordersEndAt;
  const traded = stations.filter(({ tradedW }) => tradedW !== 0);
  const members = [...new Set([...orders, ...traded].map(({ member }) => member))];
  return {
    timestamp: clearedAt,
    sender: senderOf(found, clearedIn),
    localPriceMicroPerKw: localPriceMicroPerKw ?? 0,
    clearedW: clearedW ?? 0,
    remainderMicro: String(remainderMicro ?? 0n),
    bookRoot,
    trades: traded.map(({ member, tradedW: quotaW, quotaMicro }) => ({
      ...{ member, quotaW },
      paymentMicro: String(quotaMicro),
    })),
    book: period.isBookKnown ? { bids: packSide(orders, "bid"), offers: packSide(orders, "offer") } : null,
    standings: members.map((member) => ({
      member,
      standing: standingBody(found, clearedIn, member, closesAt),
    })),
  };
}

function packSide(orders: readonly QuotaOrderView[], side: Side): Hex {
  const own = orders.filter((order) => order.side === side).sort((a, b) => a.place - b.place);
  return toHex(
    packQuotaOrders(
      own.map(
        (order): SignedQuotaOrder => ({
          participant: order.member,
          side,
          quantity: order.quotaW,
          limitPriceMicroPerThousand: order.limitPriceMicroPerKw,
          sequence: order.sequence,
          signature: fromHex(order.signature as Hex) as SignedQuotaOrder["signature"],
        }),
      ),
    ),
  );
}

function paymentBody(
  found: Found,
  station: QuotaStationView,
  brought: string | null,
): Body["payments"][number] {
  const { member, paidAt, paidIn, missing } = station;
  return {
    member,
    timestamp: present(paidAt, "when a station paid"),
    block: blockOf(found, present(paidIn, "the transaction of a payment")),
    meteredWh: String(station.meteredWh ?? 0n),
    excessWh: String(station.excessWh ?? 0n),
    feeMicro: String(station.feeMicro ?? 0n),
    penaltyMicro: String(station.penaltyMicro ?? 0n),
    missing: missing ?? 0,
    brought: brought === null ? null : (JSON.parse(brought) as Body["payments"][number]["brought"]),
  };
}

function termsBody(terms: QuotaTermsView): Body["terms"] {
  const {
    areaId: _area,
    version: _version,
    fromPeriod: _from,
    announcedAt: _at,
    transactionHash: _hash,
    ...rules
  } = terms;
  return rules;
}
