import { chargePeriod, type MeteredInterval } from "#domains/charging/rules/charges.ts";
import {
  countInterval,
  findPaymentFault,
  findWithdrawalFault,
} from "#domains/charging/rules/paymentFaults.ts";
import type { PeriodFault } from "#domains/charging/rules/periodFaults.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import { type CheckStep, notPossible, passed } from "#domains/metering/check/checkOutcome.ts";
import { checkEach, failed } from "./checkStep.ts";
import type { PaymentEvidence, PeriodEvidence, WithdrawalEvidence } from "./periodEvidence.ts";
import { tradedStations } from "./reopenedPeriod.ts";
import { pricesIn, windowsIn } from "./stepChecks.ts";

const NOBODY_PAID = "no station has paid yet";
const HIDDEN = "a payment was not brought to the market directly, so its readings cannot be read";

/** What a payment counted of each interval of its period, or what is wrong with what it showed. */
function countIntervals(
  evidence: PeriodEvidence,
  { member, timestamp, block, brought }: PaymentEvidence,
): readonly (MeteredInterval | PeriodFault)[] {
  const waitedUntil = windowsIn(evidence).endsAt + evidence.waitingSeconds;
  const { chainId, meterLedger, areaId } = evidence;
  return intervalsOfPeriod(evidence.period, { ...evidence.terms, ...evidence }).map((intervalId, i) =>
    countInterval({
      ...{ chainId, meterLedger, areaId, intervalId, member, waitedUntil },
      paidAt: timestamp,
      published:
        evidence.publications.findLast((each) => each.intervalId === intervalId && each.block <= block) ??
        null,
      brought: brought?.[i] ?? null,
    }),
  );
}

function isFault(counted: MeteredInterval | PeriodFault): counted is PeriodFault {
  return "rule" in counted;
}

/** The readings that were shown are under the published roots (R8.29–R8.31). */
export function* checkReadings(evidence: PeriodEvidence): CheckStep {
  const { payments } = evidence;
  if (payments.length === 0) return notPossible(NOBODY_PAID);
  const shown = payments.filter(({ brought }) => brought !== null);
  const outcome = yield* checkEach(
    shown,
    (payment) => countIntervals(evidence, payment).find(isFault) ?? null,
  );
  if (outcome.status !== "passed" || shown.length === payments.length) return outcome;
  return notPossible(HIDDEN, shown.length);
}

/** Tariff × metered energy, and the penalty above the quota, by the deposit that is left (R9.11, R9.17). */
export function* checkPayments(evidence: PeriodEvidence): CheckStep {
  const { payments, intervalSeconds } = evidence;
  if (payments.length === 0) return notPossible(NOBODY_PAID);
  const stations = tradedStations(evidence);
  const prices = pricesIn(evidence);
  const { endsAt } = windowsIn(evidence);
  const shown = payments.filter(({ brought }) => brought !== null);
  const outcome = yield* checkEach(shown, (payment) => {
    const { member } = payment;
    const station = stations.get(member);
    const counted = countIntervals(evidence, payment);
    const fault = (finding: string) => ({
      rule: "quotaPayment",
      finding: `member ${member} ${finding}`,
      member,
    });
    if (station === undefined) return fault("paid and did not demand");
    if (payment.timestamp < endsAt) return fault("paid before the delivery was over");
    // The step before names what is wrong with a reading.
    const intervals = counted.flatMap((each) => (isFault(each) ? [] : [each]));
    if (intervals.length < counted.length) return null;
    const { quotaW, depositMicro } = station;
    const charge = chargePeriod({ prices, intervalSeconds, quotaW, intervals, depositMicro });
    const missing = intervals.filter(({ importWh }) => importWh === null).length;
    const wrong = findPaymentFault(payment, { charge, missing });
    return wrong && { ...wrong, finding: `member ${member}: ${wrong.finding}` };
  });
  if (outcome.status !== "passed" || shown.length === payments.length) return outcome;
  return notPossible(HIDDEN, shown.length);
}

/** Nothing was lost or made: Σ payments of the auction and rounding = 0, Σ traded = 0, and deposits come back whole. */
export function* checkMoney(evidence: PeriodEvidence): CheckStep {
  const { auction, withdrawals, payments, demands } = evidence;
  yield { checked: 0, of: demands.length };
  const fault = auction && findUnbalanced(auction);
  if (fault) return failed(0, fault);
  const stations = tradedStations(evidence);
  const paid = new Map(payments.map((payment) => [payment.member, payment]));
  const outcome = yield* checkEach(withdrawals, (withdrawal) =>
    findWithdrawal(evidence, withdrawal, {
      payment: paid.get(withdrawal.member) ?? null,
      depositMicro: stations.get(withdrawal.member)?.depositMicro ?? 0n,
    }),
  );
  if (outcome.status !== "passed") return outcome;
  const open = demands.length - withdrawals.length;
  if (open === 0) return passed(demands.length);
  return notPossible(`${open} deposits are not back yet`, withdrawals.length);
}

function findUnbalanced({
  trades,
  remainderMicro,
}: NonNullable<PeriodEvidence["auction"]>): PeriodFault | null {
  const micro = trades.reduce((sum, { paymentMicro }) => sum + paymentMicro, 0n);
  const tradedW = trades.reduce((sum, { quotaW }) => sum + quotaW, 0);
  if (micro === remainderMicro && tradedW === 0) return null;
  const finding = `the auction's payments come to ${micro} micro with ${remainderMicro} of rounding, and its trades to ${tradedW} W`;
  return { rule: "quotaMoney", finding };
}

function findWithdrawal(
  evidence: PeriodEvidence,
  withdrawal: WithdrawalEvidence,
  { payment, depositMicro }: { payment: PaymentEvidence | null; depositMicro: bigint },
): PeriodFault | null {
  const { division } = evidence;
  const isUndivided = division === null && withdrawal.timestamp >= windowsIn(evidence).allocationEndsAt;
  const leftMicro = depositMicro - (payment ? payment.feeMicro + payment.penaltyMicro : 0n);
  const fault = findWithdrawalFault(withdrawal, {
    isPaid: payment !== null,
    isUndivided,
    depositMicro: leftMicro,
  });
  return fault && { ...fault, finding: `member ${withdrawal.member}: ${fault.finding}` };
}
