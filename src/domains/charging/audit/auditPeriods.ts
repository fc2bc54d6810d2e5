import type { ChargingEvent } from "#domains/charging/events.ts";
import {
  findDemandFault,
  findDivisionFault,
  findMarginFault,
  findWindowFault,
} from "#domains/charging/rules/periodFaults.ts";
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
  refuseFault,
  refusePeriod,
  requireDso,
  requireMoved,
  requirePeriod,
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
  refuseFault(event, findWindowFault(event.timestamp, windows.opensAt, windows.demandEndsAt));
  requireDso(state, event, area.dso);
  if (state.periods.has(placeKey(areaId, period)))
    refusePeriod(event, "quotaPeriod", "its margin is said twice");
  refuseFault(event, findMarginFault({ version, terms }, event));
  const { dso, fund } = area;
  const prices = {
    tariffMicroPerKwh: event.tariffMicroPerKwh,
    penaltyPermille: BigInt(terms.penaltyPermille),
  };
  state.periods.set(placeKey(areaId, period), {
    ...{ areaId, period, terms, windows, prices, dso, fund, marginW: event.marginW },
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
  refuseFault(event, findWindowFault(timestamp, here.windows.opensAt, here.windows.demandEndsAt));
  if (here.stations.has(member) || here.allocation)
    refusePeriod(event, "quotaDemand", `a demand of ${demandW} W may not be taken`);
  const standing = state.areas.standingOf({ areaId, member, closesAt: timestamp });
  const { periodSeconds } = here.terms;
  refuseFault(event, findDemandFault(event, { standing, prices: here.prices, periodSeconds }));
  requireMoved(event, "into escrow went", state.money.takeHeld(), depositMicro);
  state.money.reserve(event, bySeat(areaId, [[member, depositMicro]]));
  here.stations.set(member, { demandW, depositMicro, quotaW: 0, isPaid: false });
  noteDemand(state, event);
  addCount(state.counts, "charging.demands");
}

/** The margin is divided as the rule says (R9.5, R9.6). */
export function divideMargin(state: QuotaState, event: ChargingEvent<"quotasAllocated">): void {
  const here = requirePeriod(state, event);
  const { demandEndsAt, allocationEndsAt } = here.windows;
  refuseFault(event, findWindowFault(event.timestamp, demandEndsAt, allocationEndsAt));
  if (here.allocation) refusePeriod(event, "quotaAllocation", "the margin is divided twice");
  const demands = [...here.stations].map(([member, { demandW }]) => ({ member, demandW }));
  const { allocation, fault } = findDivisionFault(event, { demands, marginW: here.marginW });
  refuseFault(event, fault);
  here.allocation = allocation;
  for (const [member, station] of here.stations) station.quotaW = allocation.quotasW.get(member) ?? 0;
  addCount(state.counts, "charging.allocations");
}

function termsOf({ terms }: QuotaState, event: ChargingEvent<"periodInitialized">): AuditedQuotaTerms {
  const versions = terms.get(event.areaId) ?? [];
  const found = versions.findLast(({ fromPeriod }) => fromPeriod <= event.period);
  return found ?? refusePeriod(event, "quotaTerms", "the area has no terms of quotas");
}
