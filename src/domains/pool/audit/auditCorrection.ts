import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { OpenedPage } from "#domains/metering/audit/auditOpening.ts";
import { memberOfReading, openReadingWord } from "#domains/metering/rules/meterReading.ts";
import { PAGE_MEMBERS, pageOf } from "#domains/metering/rules/readingTree.ts";
import { openedWords } from "#domains/metering/rules/shownReadings.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { correctPosition, unclaimedWord } from "#domains/pool/rules/correction.ts";
import { openPositions } from "#domains/pool/rules/positionWord.ts";
import { NO_SEAL, type Settled, sealOf, settledPage } from "#domains/pool/rules/settledSeal.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import type { TakenPage } from "./auditPage.ts";
import { intervalKey, type OpenInterval, type PoolState, type SettledInterval } from "./poolState.ts";

type Corrected = PoolEvent<"positionCorrected">;
type SettledPage = {
  readonly interval: OpenInterval;
  readonly taken: TakenPage;
  readonly opened: OpenedPage;
};

/** Keeps the seal of what a page was settled by: corrections of its readings must show that, and nothing else. */
export function sealPage(state: PoolState, event: PoolEvent<"pageSettled">, settledPage: SettledPage): void {
  const { areaId, intervalId, timestamp } = event;
  const { interval } = settledPage;
  forgetFinal(state, timestamp);
  const area = present(state.areas.areaOf(areaId), "the area of an interval that was cleared");
  const known = state.settled.get(intervalKey(event)) ?? {
    finalAt: endsAt(intervalId, area.intervalSeconds) + area.finalSeconds + area.waitingSeconds,
    members: new Set(interval.positions.map(({ member }) => member)),
    seals: new Map(),
  };
  known.seals.set(event.page, sealOf(event, settledOf(event, settledPage)));
  state.settled.set(intervalKey(event), known);
}

function settledOf(event: PoolEvent<"pageSettled">, { interval, taken, opened }: SettledPage): Settled {
  const { terms, parties, packing } = interval;
  const shown = event.submission ? openedWords(event.page, event.submission.readings) : [];
  return settledPage({
    terms: terms.version,
    isSupplied: interval.isSupplied,
    localPrice: packing.localPriceMicroPerKwh,
    supplier: parties.supplier,
    dso: parties.dso,
    taken: opened.taken,
    positions: taken.positions,
    pricing: packing.pricing,
    words: shown.flatMap((word) => countedWord(word, opened)),
  });
}

/** What of a reading counted; nothing of whom another market has. */
function countedWord(word: bigint, { taken, metered }: OpenedPage): bigint[] {
  const member = memberOfReading(word);
  if ((taken >> BigInt(member % PAGE_MEMBERS)) & 1n) return [];
  const elsewhereWh = BigInt(openReadingWord(word).exportWh) - (metered.get(member)?.exportWh ?? 0n);
  return [unclaimedWord(word, elsewhereWh)];
}

/** Of an interval whose final settlement is over nothing is corrected any more. The oldest stand first. */
function forgetFinal({ settled }: PoolState, timestamp: number): void {
  for (const [key, { finalAt }] of settled) {
    if (finalAt > timestamp) return;
    settled.delete(key);
  }
}

/**
 * A corrected reading changes what a settled position paid, by the rule of its settlement: in time, by a reading of the newest
 * version, once, and what it comes to is owed between the member, the supplier and the DSO.
 */
export function correctReading(state: PoolState, event: Corrected): void {
  const { member, version, before, corrected } = event;
  const place = { ...event, page: pageOf(member) };
  const interval = requireCorrectable(state, event);
  const settled = requireSettled(state, event, interval);
  const { proof } = requireSubmission(event);
  const proven = state.readings.requireProven(event, proof);
  const claimedWh = state.readings.claimedWh({ ...event, member });
  const isTaken = ((settled.taken >> BigInt(member % PAGE_MEMBERS)) & 1n) === 1n;
  const isRight =
    version === proven &&
    before === settled.readings[member % PAGE_MEMBERS] &&
    corrected === unclaimedWord(proof.reading, claimedWh) &&
    before !== corrected &&
    !isTaken;
  if (!isRight)
    refuseInterval(
      event,
      "correction",
      `member ${member} is corrected from or to another reading than its own`,
      {
        member,
      },
    );
  requireMoney(state, event, settled);
  const readings = settled.readings.with(member % PAGE_MEMBERS, corrected);
  const seal = sealOf(place, { ...settled, readings });
  interval.seals.set(place.page, seal);
  state.corrected = { seal, settled: { ...settled, readings } };
  addCount(state.counts, "pool.corrections");
}

function requireSubmission(event: Corrected) {
  return (
    event.submission ??
    refuseInterval(
      event,
      "hiddenSubmission",
      "the correction was not brought to the market directly, so its reading cannot be read from the transaction",
    )
  );
}

function requireCorrectable({ settled }: PoolState, event: Corrected): SettledInterval {
  const interval = settled.get(intervalKey(event));
  if (interval && event.timestamp < interval.finalAt) return interval;
  const finding = "a position is corrected that is not settled, or of which the settlement is final";
  return refuseInterval(event, "stage", finding, { member: event.member });
}

/** What the page is settled by: as the transaction showed it, or as the correction before in the same call left it. */
function requireSettled(state: PoolState, event: Corrected, { seals }: SettledInterval): Settled {
  const place = { ...event, page: pageOf(event.member) };
  const seal = seals.get(place.page) ?? NO_SEAL;
  const { settled } = requireSubmission(event);
  if (sealOf(place, settled) === seal) return settled;
  if (state.corrected?.seal === seal) return state.corrected.settled;
  const finding = `page ${place.page} is corrected from another settlement than its own`;
  return refuseInterval(event, "correction", finding, { page: place.page });
}

/** The difference is what is recorded, and what was moved. */
function requireMoney(state: PoolState, event: Corrected, settled: Settled): void {
  const { areaId, member } = event;
  const terms = present(
    state.terms.get(areaId)?.find(({ version }) => version === settled.terms),
    "the terms that an interval was settled by",
  );
  const localPriceMicroPerKwh = BigInt(settled.localPrice);
  const prices = settlementPrices(terms.terms, { localPriceMicroPerKwh, isSupplied: settled.isSupplied });
  const packing = { pricing: terms.terms.pricing, localPriceMicroPerKwh: settled.localPrice };
  const position =
    openPositions(settled.positions, packing).find((each) => each.member === member) ??
    refuseInterval(event, "correction", `member ${member} has no position`, { member });
  const right = correctPosition(position, event, prices);
  if (right.supplierMicro !== event.supplierMicro || right.gridFeeMicro !== event.gridFeeMicro) {
    const finding = `the correction of member ${member} is recorded as ${event.supplierMicro} micro to the supplier and ${event.gridFeeMicro} micro to the grid operator; it is ${right.supplierMicro} and ${right.gridFeeMicro} micro`;
    refuseInterval(event, "correction", finding, { member });
  }
  requireMoved(state, event, { party: settled.supplier, amountMicro: right.supplierMicro });
  requireMoved(state, event, { party: settled.dso, amountMicro: right.gridFeeMicro });
}

function requireMoved(
  { money }: PoolState,
  event: Corrected,
  { party, amountMicro }: { readonly party: number; readonly amountMicro: bigint },
): void {
  if (amountMicro === 0n) return;
  const { areaId, member } = event;
  const [own, other] = [seatOf({ areaId, member }), seatOf({ areaId, member: party })];
  const [from, to] = amountMicro > 0n ? [own, other] : [other, own];
  const dueMicro = amountMicro > 0n ? amountMicro : -amountMicro;
  const moved = money.takeTransferred();
  if (moved?.from === from && moved.to === to && moved.amountMicro === dueMicro) return;
  const finding = `${dueMicro} micro of the correction of member ${member} were not moved between it and member ${party}`;
  refuseInterval(event, "released", finding, { member });
}
