import { openReadingWord } from "#domains/metering/rules/meterReading.ts";
import {
  type AbsenceProof,
  type ReadingProof,
  rootOfLists,
  rootOfProof,
} from "#domains/metering/rules/readingProof.ts";
import { pageOf, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type Address, fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { type MeteredInterval, type PeriodCharge, QUOTA_LAST_RESORT_SECONDS } from "./charges.ts";
import type { PeriodFault } from "./periodFaults.ts";

/** What a payment brought for an interval: a reading, or that there is none. A `reading` of zero stands for none. */
export type BroughtReading = { readonly reading: ReadingProof; readonly absence: AbsenceProof };

/** An interval of a station as a payment counts it. */
export type PaidInterval = {
  readonly chainId: number;
  readonly meterLedger: Address;
  readonly areaId: number;
  readonly intervalId: number;
  readonly member: number;
  readonly paidAt: number;
  /** When readings are waited for no longer, unix s. */
  readonly waitedUntil: number;
  /** The newest publication before the payment; null where there was none. */
  readonly published: { readonly root: Hex; readonly version: number } | null;
  readonly brought: BroughtReading | null;
};

/** What an interval counts as by what the payment showed of it (R9.11, R9.17), or what is wrong with that. */
export function countInterval(interval: PaidInterval): MeteredInterval | PeriodFault {
  const { intervalId, member, paidAt, waitedUntil, published, brought } = interval;
  const fault = (finding: string): PeriodFault => ({ rule: "quotaReading", finding, member });
  if (published && brought && brought.reading.reading !== 0n) {
    const opened = openReadingWord(brought.reading.reading);
    const context = readingContext({ ...interval, version: published.version });
    if (opened.member === member && rootOfProof(brought.reading, context) === published.root)
      return { importWh: BigInt(opened.importWh) };
    return fault(`the reading of interval ${intervalId} is not a published one`);
  }
  if (paidAt < waitedUntil) return fault(`interval ${intervalId} is without a reading before its time`);
  if (!published || paidAt >= waitedUntil + QUOTA_LAST_RESORT_SECONDS) return { importWh: 0n };
  if (brought && rootOfAbsence(member, brought.absence) === published.root) return { importWh: null };
  return fault(`nothing proves that interval ${intervalId} has no reading`);
}

/** The root above a page that has the member in neither list; null where it has. */
function rootOfAbsence(member: number, { list, otherList, top, otherTop, pages }: AbsenceProof): Hex | null {
  if ((((list | otherList) >> BigInt(member % 256)) & 1n) === 1n) return null;
  return rootOfLists({
    page: pageOf(member),
    list: { members: list, top: fromHex(top) },
    otherList: { members: otherList, top: fromHex(otherTop) },
    isSecond: false,
    pages,
  });
}

/** Fee and penalty are those of the energy that was counted, and so are its sums. */
export function findPaymentFault(
  paid: PeriodCharge & { readonly member: number; readonly missing: number },
  { charge, missing }: { readonly charge: PeriodCharge; readonly missing: number },
): PeriodFault | null {
  const isSame =
    paid.meteredWh === charge.meteredWh &&
    paid.excessWh === charge.excessWh &&
    paid.feeMicro === charge.feeMicro &&
    paid.penaltyMicro === charge.penaltyMicro &&
    paid.missing === missing;
  if (isSame) return null;
  const finding = `${paid.feeMicro} and ${paid.penaltyMicro} micro were paid; by the readings it is ${charge.feeMicro} and ${charge.penaltyMicro}`;
  return { rule: "quotaPayment", finding, member: paid.member };
}

/** All that is left of a deposit comes back, to whom paid; all of it where the margin was not divided in time (R9.18). */
export function findWithdrawalFault(
  { member, amountMicro }: { readonly member: number; readonly amountMicro: bigint },
  { isPaid, isUndivided, depositMicro }: { isPaid: boolean; isUndivided: boolean; depositMicro: bigint },
): PeriodFault | null {
  const fault = (finding: string) => ({ rule: "quotaWithdrawal", finding, member });
  if (!isPaid && !isUndivided) return fault("the station has not paid");
  return amountMicro === depositMicro ? null : fault(`${amountMicro} micro came back of ${depositMicro}`);
}
