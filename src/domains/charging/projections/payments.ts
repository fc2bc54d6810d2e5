import { and, desc, eq, lt, or } from "drizzle-orm";
import { type TariffSource, writeBillLines } from "#domains/billing/projections/bills.ts";
import { writeCharges } from "#domains/billing/projections/charges.ts";
import { writeGridFee } from "#domains/billing/projections/gridFees.ts";
import { billLines, charges } from "#domains/billing/tables.ts";
import { demandsOf } from "#domains/charging/queries/openPeriods.ts";
import { type MeteredInterval, QUOTA_LAST_RESORT_SECONDS } from "#domains/charging/rules/charges.ts";
import { chargesByInterval, FEE, PENALTY, QUOTA } from "#domains/charging/rules/chargingCharges.ts";
import { quotaTerms } from "#domains/charging/tables.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { openWords, readingsOfMembers } from "#domains/metering/projections/openedReadings.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { openReadingWord } from "#domains/metering/rules/meterReading.ts";
import { present } from "#kernel/units/assert.ts";
import { toJson } from "#platform/store/factsJson.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace, Projection } from "#platform/store/projection.ts";
import { events } from "#platform/store/schema.ts";
import { rowsOf } from "#platform/store/workingSet.ts";
import {
  type ChargingProjection,
  changePeriod,
  changeStation,
  type PeriodRow,
  periodOf,
  type StationRow,
  stationOf,
} from "./chargingProjection.ts";
import { moveQuotaMoney } from "./moveQuotaMoney.ts";

/** A station pays what it drew: its charges and the lines of its bill, the DSO's fees, and the money. */
export async function projectPaid(projection: ChargingProjection<"energyPaid">): Promise<void> {
  const { tx, event } = projection;
  const { member, meteredWh, excessWh, feeMicro, penaltyMicro, missing, submission } = event;
  const here = await periodOf(tx, event);
  const station = await stationOf(tx, here, event);
  await changeStation(tx, station, {
    ...{ meteredWh, excessWh, feeMicro, penaltyMicro, missing },
    paidAt: event.timestamp,
    paidIn: event.transactionHash,
    brought: submission && toJson(submission),
  });
  const unpaid = here.unpaid - 1;
  await changePeriod(tx, event, { unpaid, stage: unpaid === 0 ? "paid" : "paying" });
  const intervals = await readIntervals(projection, here);
  await writePeriodCharges(projection, { here, station, intervals });
  await writeLines(projection, { here, station, intervals });
  const micro = feeMicro + penaltyMicro;
  await moveQuotaMoney(projection, here, [{ member, kind: "energyPaid", escrow: -micro }]);
  await moveQuotaMoney(projection, here, [{ member: here.dso, kind: "gridFee", margin: micro }]);
}

/** What is left of a deposit goes back. */
export async function projectWithdrawn(projection: ChargingProjection<"depositWithdrawn">): Promise<void> {
  const { tx, event } = projection;
  const { member, amountMicro } = event;
  const here = await periodOf(tx, event);
  const station = await stationOf(tx, here, event);
  await changeStation(tx, station, {
    withdrawnMicro: amountMicro,
    withdrawnAt: event.timestamp,
    withdrawnIn: event.transactionHash,
  });
  await changePeriod(tx, event, {
    openDeposits: here.openDeposits - 1,
    ...(here.allocatedAt === null && { stage: "undivided" as const, unpaid: here.unpaid - 1 }),
  });
  await moveQuotaMoney(projection, here, [
    { member, kind: "depositReturned", margin: amountMicro, escrow: -amountMicro },
  ]);
}

/**
 * Readings of stations whose margin nobody divided: no payment will come, so that their lines are written at once. Demands are over
 * before delivery begins, and readings come after it.
 */
export async function projectUndividedReadings({
  tx,
  event,
  sources,
}: Projection<TariffSource, MeteringEvent<"readingsPublished">>): Promise<void> {
  const { areaId, intervalId } = event;
  const demands = await demandsOf(tx, event);
  if (demands === null || demands.isDivided || demands.members.length === 0) return;
  const { intervalSeconds } = await meteredAreaOf(tx, areaId);
  const known = await readingsOfMembers(tx, event, demands.members);
  await writeBillLines(tx, {
    interval: { areaId, intervalId, startsAt: intervalId * intervalSeconds },
    tariff: sources.tariffOf(areaId, intervalId),
    lines: [...known.values()].map((reading) => ({ reading })),
  });
}

/** An interval of a period with what it counts as; `isRead` says whether a reading was shown. */
type PaidInterval = MeteredInterval & { readonly intervalId: number; readonly isRead: boolean };

/** The intervals of a period as they were counted. */
async function readIntervals(
  projection: ChargingProjection<"energyPaid">,
  { areaId, intervalId: first, intervals, endsAt }: PeriodRow,
): Promise<readonly PaidInterval[]> {
  const { waitingSeconds } = await meteredAreaOf(projection.tx, areaId);
  const provenUntil = endsAt + waitingSeconds + QUOTA_LAST_RESORT_SECONDS;
  const read: PaidInterval[] = [];
  for (let i = 0; i < intervals; i++)
    read.push(await readInterval(projection, { index: i, intervalId: first + i, provenUntil }));
  return read;
}

/**
 * By what the payment showed. Of one that did not reach the market directly, by the readings that are known, of which the
 * contract was shown one. Without a reading it counts as the quota; as nothing, where nothing was published, or nothing
 * has to be proven any more.
 */
async function readInterval(
  { tx, event }: ChargingProjection<"energyPaid">,
  {
    index,
    intervalId,
    provenUntil,
  }: { readonly index: number; readonly intervalId: number; readonly provenUntil: number },
): Promise<PaidInterval> {
  const { submission, areaId, member, timestamp } = event;
  const place = { areaId, intervalId };
  const version = await publishedVersion(tx, place, event);
  const word = submission?.[index]?.reading.reading ?? 0n;
  if (word !== 0n && version !== null) {
    await openWords(tx, place, { words: [word], version });
    return { intervalId, isRead: true, importWh: BigInt(openReadingWord(word).importWh) };
  }
  const known = submission === null && (await readingsOfMembers(tx, place, [member])).get(member);
  if (known) return { intervalId, isRead: true, importWh: BigInt(known.importWh) };
  const isNothing = version === null || timestamp >= provenUntil;
  return { intervalId, isRead: false, importWh: isNothing ? 0n : null };
}

/** The newest version of an interval's readings that the ledger had before an event; null before the first. */
async function publishedVersion(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
  { block, logIndex }: { readonly block: number; readonly logIndex: number },
): Promise<number | null> {
  const [row] = await tx
    .select({ facts: events.facts })
    .from(events)
    .where(
      and(
        eq(events.areaId, areaId),
        eq(events.intervalId, intervalId),
        eq(events.kind, "readingsPublished"),
        or(lt(events.block, block), and(eq(events.block, block), lt(events.logIndex, logIndex))),
      ),
    )
    .orderBy(desc(events.block), desc(events.logIndex))
    .limit(1);
  return row ? (JSON.parse(row.facts) as { version: number }).version : null;
}

type Paid = {
  readonly here: PeriodRow;
  readonly station: StationRow;
  readonly intervals: readonly PaidInterval[];
};

/** Charges of each interval, the auction's in the first, and what of them the grid operator has by now. */
async function writePeriodCharges(
  { tx, event }: ChargingProjection<"energyPaid">,
  { here, station, intervals }: Paid,
): Promise<void> {
  const { areaId, endsAt, startsAt: from } = here;
  const { member, account } = station;
  const intervalSeconds = (endsAt - from) / here.intervals;
  const quotaW = (station.allocatedW ?? 0) + station.tradedW;
  const prices = { tariffMicroPerKwh: here.tariffMicroPerKwh, penaltyPermille: await penaltyOf(tx, here) };
  const owed = chargesByInterval({ prices, intervalSeconds, quotaW, intervals, paid: event });
  const quota = { kind: QUOTA, energyWh: null, amountMicro: station.quotaMicro, index: 0 } as const;
  for (const [i, { intervalId }] of intervals.entries()) {
    const interval = { areaId, intervalId, startsAt: from + i * intervalSeconds };
    const own = [quota, ...owed].filter(({ index }) => index === i);
    await writeCharges(tx, interval, {
      domain: "charging",
      members: [member],
      charges: own.map(({ index: _, ...charge }) => ({ ...charge, member, account })),
    });
    await sumGridFees(tx, interval);
  }
}

async function penaltyOf(tx: Queryable, { areaId, termsVersion }: PeriodRow): Promise<bigint> {
  const [terms] = await tx
    .select({ penaltyPermille: quotaTerms.penaltyPermille })
    .from(quotaTerms)
    .where(and(eq(quotaTerms.areaId, areaId), eq(quotaTerms.version, termsVersion)));
  return BigInt(present(terms, "the terms of a period").penaltyPermille);
}

async function sumGridFees(tx: Queryable, interval: IntervalPlace & { startsAt: number }): Promise<void> {
  const charged = await rowsOf(tx, charges, interval);
  for (const kind of [FEE, PENALTY] as const) {
    const amounts = charged.filter((charge) => charge.kind === kind).map(({ amountMicro }) => amountMicro);
    const amountMicro = amounts.reduce((sum, each) => sum + each, 0n);
    await writeGridFee(tx, interval, { kind, amountMicro });
  }
}

/**
 * The station's lines of a bill, which waited for this payment as its readings are opened. Where a pool on the area has settled the
 * same interval, its line says what neighbours delivered, and stays.
 */
async function writeLines(
  { tx, event, sources }: ChargingProjection<"energyPaid">,
  { here, station, intervals }: Paid,
): Promise<void> {
  const { areaId, startsAt: from, endsAt } = here;
  const { member, account } = station;
  const intervalSeconds = (endsAt - from) / here.intervals;
  for (const [i, { intervalId, isRead }] of intervals.entries()) {
    const place = { areaId, intervalId };
    if (await hasLine(tx, place, member)) continue;
    const known = (await readingsOfMembers(tx, place, [member])).get(member);
    if (!known && event.submission === null) continue;
    const { importWh = 0, exportWh = 0 } = known ?? {};
    const reading = { member, account, importWh, exportWh };
    await writeBillLines(tx, {
      interval: { ...place, startsAt: from + i * intervalSeconds },
      tariff: sources.tariffOf(areaId, intervalId),
      lines: [{ reading, isReadingMissing: !isRead }],
    });
  }
}

async function hasLine(tx: Queryable, place: IntervalPlace, member: number): Promise<boolean> {
  return (await rowsOf(tx, billLines, place)).some((line) => line.member === member);
}
