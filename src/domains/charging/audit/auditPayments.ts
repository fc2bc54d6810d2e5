import type { ChargingEvent } from "#domains/charging/events.ts";
import {
  chargePeriod,
  type MeteredInterval,
  QUOTA_LAST_RESORT_SECONDS,
} from "#domains/charging/rules/charges.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import type { PaymentSubmission } from "#domains/charging/submissions.ts";
import { openReadingWord } from "#domains/metering/rules/meterReading.ts";
import { rootOfLists, rootOfProof } from "#domains/metering/rules/readingProof.ts";
import { pageOf, readingContext } from "#domains/metering/rules/readingTree.ts";
import { fromHex } from "#kernel/crypto/hex.ts";
import { addCount } from "#platform/audit/replay.ts";
import {
  type AuditedPeriod,
  bySeat,
  placeKey,
  type QuotaState,
  refusePeriod,
  requireMoved,
  requirePeriod,
  requireStation,
} from "./quotaState.ts";

type Paid = ChargingEvent<"energyPaid">;

/** Fee and penalty are those of the readings that were proven, under the published roots (R9.11, R9.17). */
export function payEnergy(state: QuotaState, event: Paid): void {
  const here = requirePeriod(state, event);
  const station = requireStation(here, event);
  if (!here.allocation || station.isPaid || event.timestamp < here.windows.endsAt)
    refusePeriod(event, "quotaPayment", "the station may not pay now");
  const intervals = metered(state, here, event);
  const charge = chargePeriod({
    prices: here.prices,
    intervalSeconds: intervalSecondsOf(state, event),
    quotaW: station.quotaW,
    intervals,
    depositMicro: station.depositMicro,
  });
  const missing = intervals.filter(({ importWh }) => importWh === null).length;
  const isSame =
    event.meteredWh === charge.meteredWh &&
    event.excessWh === charge.excessWh &&
    event.feeMicro === charge.feeMicro &&
    event.penaltyMicro === charge.penaltyMicro &&
    event.missing === missing;
  if (!isSame)
    refusePeriod(
      event,
      "quotaPayment",
      `${event.feeMicro} and ${event.penaltyMicro} micro were paid; by the readings it is ${charge.feeMicro} and ${charge.penaltyMicro}`,
    );
  const micro = charge.feeMicro + charge.penaltyMicro;
  if (micro > 0n) requireMoved(event, "out of escrow went", state.money.takeReleased(), micro);
  state.money.pay(bySeat(event.areaId, [[here.dso, micro]]));
  station.depositMicro -= micro;
  station.isPaid = true;
  addCount(state.counts, "charging.payments");
}

/** What is left comes back, once, to whom paid; all of it where the margin was not divided in time (R9.18). */
export function withdrawDeposit(state: QuotaState, event: ChargingEvent<"depositWithdrawn">): void {
  const here = requirePeriod(state, event);
  const station = requireStation(here, event);
  const isUndivided = !here.allocation && event.timestamp >= here.windows.allocationEndsAt;
  if (!station.isPaid && !isUndivided) refusePeriod(event, "quotaWithdrawal", "the station has not paid");
  if (event.amountMicro !== station.depositMicro)
    refusePeriod(event, "quotaWithdrawal", `${event.amountMicro} micro came back of ${station.depositMicro}`);
  if (event.amountMicro > 0n)
    requireMoved(event, "out of escrow went", state.money.takeReleased(), event.amountMicro);
  state.money.pay(bySeat(event.areaId, [[event.member, event.amountMicro]]));
  here.stations.delete(event.member);
  if (here.stations.size === 0) forgetPeriod(state, here);
}

/** Its windows are over, so that it cannot come again. */
function forgetPeriod(
  { periods, publications, areas }: QuotaState,
  { areaId, period, terms }: AuditedPeriod,
) {
  periods.delete(placeKey(areaId, period));
  const { intervalSeconds = terms.periodSeconds } = areas.areaOf(areaId) ?? {};
  for (const intervalId of intervalsOfPeriod(period, { ...terms, intervalSeconds }))
    publications.delete(placeKey(areaId, intervalId));
}

function metered(state: QuotaState, here: AuditedPeriod, event: Paid): readonly MeteredInterval[] {
  const { submission } = event;
  if (submission === null)
    refusePeriod(event, "hiddenSubmission", "the payment did not reach the market directly");
  const times = { ...here.terms, intervalSeconds: intervalSecondsOf(state, event) };
  return intervalsOfPeriod(event.period, times).map((intervalId, i) =>
    meteredIn({ state, here, event, intervalId, brought: submission[i] }),
  );
}

function meteredIn({
  state,
  here,
  event,
  intervalId,
  brought,
}: {
  readonly state: QuotaState;
  readonly here: AuditedPeriod;
  readonly event: Paid;
  readonly intervalId: number;
  readonly brought: PaymentSubmission[number] | undefined;
}): MeteredInterval {
  const { areaId, member, timestamp } = event;
  const { waitingSeconds = 0 } = state.areas.areaOf(areaId) ?? {};
  const waitedUntil = here.windows.endsAt + waitingSeconds;
  const published = state.publications.get(placeKey(areaId, intervalId));
  const isWaitingOver = timestamp >= waitedUntil;
  if (published && brought && brought.reading.reading !== 0n) {
    const { chainId } = state.deployment;
    const { meterLedger } = state;
    const place = { chainId, meterLedger, areaId, intervalId, version: published.version };
    const opened = openReadingWord(brought.reading.reading);
    const root = rootOfProof(brought.reading, readingContext(place));
    if (opened.member !== member || root !== published.root)
      refusePeriod(event, "quotaReading", `the reading of interval ${intervalId} is not a published one`);
    return { importWh: BigInt(opened.importWh) };
  }
  if (!isWaitingOver)
    refusePeriod(event, "quotaReading", `interval ${intervalId} is without a reading before its time`);
  if (!published || timestamp >= waitedUntil + QUOTA_LAST_RESORT_SECONDS) return { importWh: 0n };
  if (!brought || rootOfAbsence(member, brought.absence) !== published.root)
    refusePeriod(event, "quotaReading", `nothing proves that interval ${intervalId} has no reading`);
  return { importWh: null };
}

/** The root above a page that has the member in neither list; null where it has. */
function rootOfAbsence(
  member: number,
  { list, otherList, top, otherTop, pages }: PaymentSubmission[number]["absence"],
) {
  const page = pageOf(member);
  const bit = BigInt(member % 256);
  if ((((list | otherList) >> bit) & 1n) === 1n) return null;
  return rootOfLists({
    page,
    list: { members: list, top: fromHex(top) },
    otherList: { members: otherList, top: fromHex(otherTop) },
    isSecond: false,
    pages,
  });
}

function intervalSecondsOf({ areas }: QuotaState, event: Paid): number {
  const area = areas.areaOf(event.areaId) ?? refusePeriod(event, "quotaPeriod", "the area is not there");
  return area.intervalSeconds;
}
