import { type ChargingEvent, isChargingEvent } from "#domains/charging/events.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import { isMeteringEvent, type MeteringEvent } from "#domains/metering/events.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { addCount, type Replay } from "#platform/audit/replay.ts";
import { payEnergy, withdrawDeposit } from "./auditPayments.ts";
import { announceQuotaTerms, divideMargin, openPeriod, takeDemand } from "./auditPeriods.ts";
import { clearQuotas, noteTrade } from "./auditQuotaClearing.ts";
import { CONTRACT, createQuotaState, placeKey, type QuotaState } from "./quotaState.ts";

/**
 * Replays the quota market: margins, demands, allocations, auctions, payments, and what came back. Deployments of before have
 * none, and nothing to replay.
 */
export function replayCharging(audit: MarketAudit): Replay {
  if (!audit.deployment.contracts[CONTRACT]) return { apply() {} };
  const state = createQuotaState(audit);
  return {
    apply(event) {
      if (isMeteringEvent(event) && event.kind === "readingsPublished") keepPublication(state, event);
      if (isChargingEvent(event)) applyEvent(state, event);
    },
    positionedIn({ areaId, intervalId }) {
      const period = periodOf(state, { areaId, intervalId });
      return (period !== null && state.demanding.get(placeKey(areaId, period))) || NOBODY;
    },
    finish: () => addCount(state.counts, "charging.openPeriods", countOpen(state)),
  };
}

function applyEvent(state: QuotaState, event: ChargingEvent): void {
  switch (event.kind) {
    case "quotaTermsAnnounced":
      announceQuotaTerms(state, event);
      break;
    case "periodInitialized":
      openPeriod(state, event);
      break;
    case "demandSubmitted":
      takeDemand(state, event);
      break;
    case "quotasAllocated":
      divideMargin(state, event);
      break;
    case "quotaTraded":
      noteTrade(state, event);
      break;
    case "quotasCleared":
      clearQuotas(state, event);
      break;
    case "energyPaid":
      payEnergy(state, event);
      break;
    case "depositWithdrawn":
      withdrawDeposit(state, event);
      break;
  }
}

/** Kept as long as a station of its period may have to pay by it: a day's periods stay few. */
function keepPublication(
  state: QuotaState,
  event: MeteringEvent & { readonly kind: "readingsPublished" },
): void {
  const { areaId, intervalId, root, version } = event;
  const period = periodOf(state, event);
  if (period === null || !state.periods.get(placeKey(areaId, period))?.stations.size) return;
  state.publications.set(placeKey(areaId, intervalId), { root, version });
}

/** The period that an interval is in; null where the area has no quotas. */
function periodOf(
  { terms, areas }: QuotaState,
  { areaId, intervalId }: { readonly areaId: number; readonly intervalId: number },
): number | null {
  const [first] = terms.get(areaId) ?? [];
  const area = areas.areaOf(areaId);
  if (!first || !area) return null;
  return intervalAt(startsAt(intervalId, area.intervalSeconds), first.terms.periodSeconds);
}

const NOBODY: ReadonlySet<number> = new Set();

function countOpen({ periods }: QuotaState): number {
  return [...periods.values()].filter(({ stations }) => stations.size > 0).length;
}
