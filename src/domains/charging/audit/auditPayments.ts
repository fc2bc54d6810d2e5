import type { ChargingEvent } from "#domains/charging/events.ts";
import { chargePeriod, type MeteredInterval } from "#domains/charging/rules/charges.ts";
import {
  countInterval,
  findPaymentFault,
  findWithdrawalFault,
} from "#domains/charging/rules/paymentFaults.ts";
import { intervalsOfPeriod } from "#domains/charging/rules/quotaTerms.ts";
import type { PaymentSubmission } from "#domains/charging/submissions.ts";
import { addCount } from "#platform/audit/replay.ts";
import {
  type AuditedPeriod,
  bySeat,
  placeKey,
  type QuotaState,
  refuseFault,
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
  refuseFault(event, findPaymentFault(event, { charge, missing }));
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
  refuseFault(event, findWithdrawalFault(event, { ...station, isUndivided }));
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
  const { areaId, member, timestamp: paidAt } = event;
  const { waitingSeconds = 0 } = state.areas.areaOf(areaId) ?? {};
  const counted = countInterval({
    ...{ areaId, intervalId, member, paidAt },
    chainId: state.deployment.chainId,
    meterLedger: state.meterLedger,
    waitedUntil: here.windows.endsAt + waitingSeconds,
    published: state.publications.get(placeKey(areaId, intervalId)) ?? null,
    brought: brought ?? null,
  });
  return "rule" in counted ? refusePeriod(event, counted.rule, counted.finding) : counted;
}

function intervalSecondsOf({ areas }: QuotaState, event: Paid): number {
  const area = areas.areaOf(event.areaId) ?? refusePeriod(event, "quotaPeriod", "the area is not there");
  return area.intervalSeconds;
}
