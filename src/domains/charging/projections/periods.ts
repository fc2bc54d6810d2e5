import { and, eq, inArray } from "drizzle-orm";
import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import { quotaPeriods, quotaStations, quotaTerms } from "#domains/charging/tables.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { present } from "#kernel/units/assert.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import { forget } from "#platform/store/workingSet.ts";
import { type ChargingProjection, changePeriod, periodOf, stationsOf } from "./chargingProjection.ts";
import { moveQuotaMoney } from "./moveQuotaMoney.ts";

/** A version of an area's rules. */
export async function projectQuotaTerms({
  tx,
  event,
}: ChargingProjection<"quotaTermsAnnounced">): Promise<void> {
  const { areaId, version, fromPeriod, terms, timestamp: announcedAt, transactionHash } = event;
  await tx.insert(quotaTerms).values({ areaId, version, fromPeriod, ...terms, announcedAt, transactionHash });
  forget(tx, quotaTerms);
}

/** A period opens with its margin. */
export async function projectInitialized({
  tx,
  event,
}: ChargingProjection<"periodInitialized">): Promise<void> {
  const { areaId, period, termsVersion, marginW, forecastW, reserveW, tariffMicroPerKwh, cnyMicroPerEther } =
    event;
  const [terms] = await tx
    .select()
    .from(quotaTerms)
    .where(and(eq(quotaTerms.areaId, areaId), eq(quotaTerms.version, termsVersion)));
  const { periodSeconds } = present(terms, `version ${termsVersion} of the quotas' terms of area ${areaId}`);
  const { intervalSeconds, dso, fund } = await meteredAreaOf(tx, areaId);
  const intervals = intervalsOfPeriod(period, { periodSeconds, intervalSeconds });
  await tx.insert(quotaPeriods).values({
    areaId,
    period,
    intervalId: present(intervals[0], "the first interval of a period"),
    intervals: intervals.length,
    startsAt: startsAt(period, periodSeconds),
    endsAt: startsAt(period + 1, periodSeconds),
    stage: "collecting",
    ...{ termsVersion, marginW, forecastW, reserveW, tariffMicroPerKwh, cnyMicroPerEther, dso, fund },
    ...{ stations: 0, openDeposits: 0, unpaid: 0, totalDemandW: 0 },
    initializedAt: event.timestamp,
    initializedIn: event.transactionHash,
  });
}

/** A station demands, and its deposit goes from its margin into escrow. */
export async function projectDemand(projection: ChargingProjection<"demandSubmitted">): Promise<void> {
  const { tx, event } = projection;
  const { areaId, period, member, demandW, depositMicro } = event;
  const here = await periodOf(tx, event);
  const { intervalId } = here;
  const account = present(await accountOfMember(tx, event), `the account of member ${member}`);
  await tx.insert(quotaStations).values({
    ...{ areaId, intervalId, period, member, account, demandW, depositMicro },
    demandedAt: event.timestamp,
    demandedIn: event.transactionHash,
    tradedW: 0,
    quotaMicro: 0n,
  });
  await changePeriod(tx, event, {
    stations: here.stations + 1,
    openDeposits: here.openDeposits + 1,
    unpaid: here.unpaid + 1,
    totalDemandW: here.totalDemandW + demandW,
  });
  await moveQuotaMoney(projection, here, [
    { member, kind: "depositHeld", margin: -depositMicro, escrow: depositMicro },
  ]);
}

/** The margin is divided: the contract was told the cut, from which the rule gives each station's quota. */
export async function projectAllocated({ tx, event }: ChargingProjection<"quotasAllocated">): Promise<void> {
  const here = await periodOf(tx, event);
  const stations = await stationsOf(tx, here);
  const { quotasW } = allocateQuotas({ demands: stations, marginW: here.marginW });
  await tx.delete(quotaStations).where(
    and(
      eq(quotaStations.areaId, here.areaId),
      eq(quotaStations.intervalId, here.intervalId),
      inArray(
        quotaStations.member,
        stations.map(({ member }) => member),
      ),
    ),
  );
  const rows = stations.map((row) => ({ ...row, allocatedW: quotasW.get(row.member) ?? 0 }));
  await insertAll(tx, quotaStations, rows);
  await changePeriod(tx, event, {
    stage: "divided",
    isRationed: event.isRationed,
    cutRemainder: event.cutRemainder,
    cutMember: event.cutMember,
    allocatedAt: event.timestamp,
    allocatedIn: event.transactionHash,
  });
}
