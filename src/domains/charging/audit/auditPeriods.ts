import type { ChargingEvent } from "#domains/charging/events.ts";
import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { marginW as marginOf } from "#domains/charging/rules/margin.ts";
import { windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { firstAfterNotice, TERMS_NOTICE_SECONDS } from "#kernel/units/notice.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import {
  type AuditedQuotaTerms,
  bySeat,
  noteDemand,
  placeKey,
  type QuotaState,
  refusePeriod,
  requireDso,
  requireMoved,
  requirePeriod,
  requireWithin,
} from "./quotaState.ts";

/** Versions without gaps, the first for all periods, a later one after its notice. */
export function announceQuotaTerms(state: QuotaState, event: ChargingEvent<"quotaTermsAnnounced">): void {
  const { areaId, version, fromPeriod, terms, timestamp } = event;
  const versions = state.terms.get(areaId) ?? [];
  const { periodSeconds } = terms;
  const noticed = firstAfterNotice(TERMS_NOTICE_SECONDS, { timestamp, spanSeconds: periodSeconds });
  const due = versions.length === 0 ? 0 : noticed;
  const isKept = versions.every((earlier) => earlier.terms.periodSeconds === periodSeconds);
  if (version !== versions.length + 1 || fromPeriod !== due || !isKept) {
    const finding = `version ${version} of the quotas' terms from period ${fromPeriod} on follows version ${versions.length}; by its notice it is ${due}`;
    throw discrepancyAt(event, { rule: "quotaTerms", areaId, finding });
  }
  state.terms.set(areaId, [...versions, { version, fromPeriod, terms }]);
}

/** Once a period, while demands are taken, by the DSO; the margin is what rating, forecast and reserve give (R9.4, R9.12). */
export function openPeriod(state: QuotaState, event: ChargingEvent<"periodInitialized">): void {
  const { areaId, period } = event;
  const { version, terms } = termsOf(state, event);
  const area = state.areas.areaOf(areaId) ?? refusePeriod(event, "quotaPeriod", "the area is not there");
  const windows = windowsOf(period, terms);
  requireWithin(event, windows.opensAt, windows.demandEndsAt);
  requireDso(state, event, area.dso);
  if (state.periods.has(placeKey(areaId, period)))
    refusePeriod(event, "quotaPeriod", "its margin is said twice");
  const { forecastW, reserveW } = event;
  const marginW = marginOf({ ratingW: terms.ratingW, forecastW, reserveW });
  if (event.termsVersion !== version || event.marginW !== marginW)
    refusePeriod(
      event,
      "quotaMargin",
      `the margin is ${event.marginW} W; by version ${version} it is ${marginW}`,
    );
  const { dso, fund } = area;
  const prices = {
    tariffMicroPerKwh: event.tariffMicroPerKwh,
    penaltyPermille: BigInt(terms.penaltyPermille),
  };
  state.periods.set(placeKey(areaId, period), {
    ...{ areaId, period, terms, windows, prices, dso, fund, marginW },
    stations: new Map(),
    traded: [],
    allocation: null,
    isCleared: false,
  });
}

/** Once a station, in time, within its connection, with the deposit that AMB-23 asks for. */
export function takeDemand(state: QuotaState, event: ChargingEvent<"demandSubmitted">): void {
  const { areaId, member, demandW, depositMicro, timestamp } = event;
  const here = requirePeriod(state, event);
  requireWithin(event, here.windows.opensAt, here.windows.demandEndsAt);
  const standing = state.areas.standingOf({ areaId, member, closesAt: timestamp });
  const isRight = standing.isTradable && demandW > 0 && demandW <= standing.capacityW;
  if (!isRight || here.stations.has(member) || here.allocation)
    refusePeriod(event, "quotaDemand", `a demand of ${demandW} W may not be taken`);
  const { periodSeconds } = here.terms;
  const needed = depositNeededMicro({ prices: here.prices, periodSeconds, demandW, auctionMicro: 0n });
  if (depositMicro < needed)
    refusePeriod(event, "quotaDeposit", `a deposit of ${depositMicro} micro is below ${needed}`);
  requireMoved(event, "into escrow went", state.money.takeHeld(), depositMicro);
  state.money.reserve(event, bySeat(areaId, [[member, depositMicro]]));
  here.stations.set(member, { demandW, depositMicro, quotaW: 0, isPaid: false });
  noteDemand(state, event);
  addCount(state.counts, "charging.demands");
}

/** The margin is divided as the rule says (R9.5, R9.6). */
export function divideMargin(state: QuotaState, event: ChargingEvent<"quotasAllocated">): void {
  const here = requirePeriod(state, event);
  requireWithin(event, here.windows.demandEndsAt, here.windows.allocationEndsAt);
  if (here.allocation) refusePeriod(event, "quotaAllocation", "the margin is divided twice");
  const demands = [...here.stations].map(([member, { demandW }]) => ({ member, demandW }));
  const allocation = allocateQuotas({ demands, marginW: here.marginW });
  const isCut = event.cutRemainder === allocation.cutRemainder && event.cutMember === allocation.cutMember;
  const isSame = event.isRationed === allocation.isRationed && event.totalDemandW === allocation.totalDemandW;
  if (!isSame || (allocation.isRationed && !isCut))
    refusePeriod(event, "quotaAllocation", "the margin is divided in another way than the rule's");
  here.allocation = allocation;
  for (const [member, station] of here.stations) station.quotaW = allocation.quotasW.get(member) ?? 0;
  addCount(state.counts, "charging.allocations");
}

function termsOf({ terms }: QuotaState, event: ChargingEvent<"periodInitialized">): AuditedQuotaTerms {
  const versions = terms.get(event.areaId) ?? [];
  const found = versions.findLast(({ fromPeriod }) => fromPeriod <= event.period);
  return found ?? refusePeriod(event, "quotaTerms", "the area has no terms of quotas");
}
