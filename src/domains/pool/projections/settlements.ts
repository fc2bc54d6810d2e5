import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { type BilledReading, writeBillLines } from "#domains/billing/projections/bills.ts";
import { writeCharges } from "#domains/billing/projections/charges.ts";
import { writeGridFee } from "#domains/billing/projections/gridFees.ts";
import type { LocalEnergy } from "#domains/billing/rules/billLine.ts";
import {
  type OpenedReading,
  openReadings,
  readingsOfMembers,
} from "#domains/metering/projections/openedReadings.ts";
import { type ClaimedBefore, countedOf } from "#domains/metering/rules/countedReading.ts";
import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { membersOfBits } from "#domains/metering/rules/readingTree.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { localEnergy } from "#domains/pool/rules/localEnergy.ts";
import { chargesOf, GRID_FEE } from "#domains/pool/rules/poolCharges.ts";
import { openPositions, packPositions } from "#domains/pool/rules/positionWord.ts";
import { type MemberSettlement, settlePosition } from "#domains/pool/rules/settlement.ts";
import { settledPages } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { toJson } from "#platform/store/factsJson.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { addRows } from "#platform/store/workingSet.ts";
import { claimedBefore } from "./claims.ts";
import { changeInterval, type IntervalRow, intervalOf } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { type Holding, holdingsOf, holdPositions } from "./positions.ts";
import { type AreaRow, areaOf, pricesOf } from "./terms.ts";

/** A page settled: its readings, the lines of its bills, and its money. */
export async function projectPageSettled(projection: PoolProjection<"pageSettled">): Promise<void> {
  const { tx, event, sources } = projection;
  const area = await areaOf(tx, event);
  const interval = await intervalOf(tx, event);
  insertPage(tx, event);
  const gridFeeMicro = interval.gridFeeMicro + event.gridFeeMicro;
  await changeInterval(tx, event, { stage: "settling", gridFeeMicro });
  await writeGridFee(tx, interval, { kind: GRID_FEE, amountMicro: gridFeeMicro });
  const holdings = await settledHoldings(projection, { area, interval });
  const prices = pricesOf(area, interval);
  const settled = (await meteredHoldings(projection, { interval, holdings })).map(({ counted, ...line }) => ({
    ...line,
    settlement: settlePosition(line.holding, counted, prices),
  }));
  await writeBillLines(tx, {
    interval,
    tariff: sources.tariffOf(event.areaId, event.intervalId),
    lines: settled.map(({ holding, settlement, ...line }) => ({
      ...line,
      local: localOf(holding, settlement),
    })),
  });
  await writeCharges(tx, interval, {
    domain: "pool",
    members: settled.map(({ holding }) => holding.member),
    charges: settled.flatMap(({ holding, settlement }) => {
      const { member, account } = holding;
      return chargesOf(holding, settlement).map((charge) => ({ ...charge, member, account }));
    }),
  });
  await movePoolMoney(projection, [
    ...settled.map(({ holding, settlement }) => release(holding, settlement)),
    { member: partyOf(interval, "dso"), kind: "gridFee", margin: event.gridFeeMicro, escrow: 0n },
  ]);
}

export async function projectIntervalSettled(projection: PoolProjection<"intervalSettled">): Promise<void> {
  const { tx, event } = projection;
  const { supplierMicro, remainderMicro, timestamp: settledAt } = event;
  const interval = await intervalOf(tx, event);
  await changeInterval(tx, event, { stage: "settled", settledAt, supplierMicro, remainderMicro });
  await movePoolMoney(projection, [
    {
      member: partyOf(interval, "supplier"),
      kind: "supplierPaid",
      margin: supplierMicro,
      escrow: -interval.supplierReserveMicro,
    },
    { member: partyOf(interval, "fund"), kind: "remainderBooked", margin: remainderMicro, escrow: 0n },
  ]);
}

/** A party of the area when the interval was cleared. */
function partyOf(interval: IntervalRow, party: "supplier" | "dso" | "fund"): number {
  return present(interval[party], `the ${party} of a cleared interval`);
}

function localOf(
  { boughtWh, soldWh }: Holding,
  { shortfallWh, unconsumedWh }: MemberSettlement,
): LocalEnergy {
  return localEnergy({
    boughtWh: Number(boughtWh),
    soldWh: Number(soldWh),
    shortfallWh: Number(shortfallWh),
    unconsumedWh: Number(unconsumedWh),
  });
}

function release({ member, reserveMicro }: Holding, { netMicro }: MemberSettlement) {
  return { member, kind: "settled", margin: reserveMicro - netMicro, escrow: -reserveMicro } as const;
}

function insertPage(tx: Queryable, event: PoolEvent<"pageSettled">): void {
  const { areaId, intervalId, page, transactionHash, gridFeeMicro, missing, submission, timestamp } = event;
  const readings = toJson(submission?.readings ?? null);
  addRows(tx, settledPages, event, [
    { areaId, intervalId, page, transactionHash, gridFeeMicro, missing, readings, timestamp },
  ]);
}

/**
 * The holdings of a page that is being settled. Where the book was submitted through another contract, they are not
 * known until now and are taken from what the settlement shows, which the contract checked.
 */
async function settledHoldings(
  projection: PoolProjection<"pageSettled">,
  { area, interval }: { area: AreaRow; interval: IntervalRow },
): Promise<Holding[]> {
  const { tx, event } = projection;
  const held = { ...event, attempt: interval.attempt };
  const known = await holdingsOf(tx, held);
  if (event.submission === null) return known;
  const localPriceMicroPerKwh = Number(interval.localPriceMicroPerKwh ?? 0n);
  const packing = { pricing: area.terms.pricing, localPriceMicroPerKwh };
  const shown = event.submission.positions;
  if (String(packPositions(known, packing)) === String(shown)) return known;
  const { holdings, movements } = await holdPositions(tx, {
    held,
    accounts: await accountsOfMembers(tx, event.areaId),
    prices: pricesOf(area, interval),
    positions: openPositions(shown, packing),
  });
  await movePoolMoney(projection, movements);
  return holdings;
}

/** A holding, what the meter said, and what of it the settlement counted. */
type MeteredHolding = BilledReading & { readonly holding: Holding; readonly counted: MeteredEnergy };

const NOTHING: MeteredEnergy = { importWh: 0n, exportWh: 0n };

/**
 * The holdings of a settled page with their readings. A member without one counted as zero; its line says so, and shows what
 * is known of its meter besides. Nothing is said of a member whose reading nobody here knows, as when the page was settled
 * through another contract.
 */
async function meteredHoldings(
  projection: PoolProjection<"pageSettled">,
  { interval, holdings }: { interval: IntervalRow; holdings: readonly Holding[] },
): Promise<MeteredHolding[]> {
  const { tx, event } = projection;
  const shown = event.submission?.readings;
  if (shown) await openReadings(tx, { event, shown, version: interval.readingsVersion ?? 1 });
  const members = holdings.map(({ member }) => member);
  const known = await readingsOfMembers(tx, event, members);
  const missing = new Set(membersOfBits(event.page, event.missing));
  const claimed = await claimedBefore(projection);
  return holdings.flatMap((holding): MeteredHolding[] => {
    const { member, account } = holding;
    const reading = known.get(member);
    if (missing.has(member)) {
      const registered = { importWh: reading?.importWh ?? 0, exportWh: reading?.exportWh ?? 0 };
      return [
        { holding, reading: { member, account, ...registered }, counted: NOTHING, isReadingMissing: true },
      ];
    }
    if (reading === undefined) return [];
    return [{ holding, reading, counted: countedIn(reading, claimed) }];
  });
}

function countedIn({ member, importWh, exportWh }: OpenedReading, claimed: ClaimedBefore): MeteredEnergy {
  return countedOf({ importWh: BigInt(importWh), exportWh: BigInt(exportWh) }, member, claimed);
}
