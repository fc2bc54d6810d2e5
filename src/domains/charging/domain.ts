import type { TariffSource } from "#domains/billing/projections/bills.ts";
import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { Replay } from "#platform/audit/replay.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { replaySessions } from "./audit/auditSessions.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import { chargingConcerns } from "./concerns.ts";
import {
  chargingSessions,
  quotaClearingLib,
  quotaMarket,
  quotaSettlementLib,
  quotaTermsLib,
} from "./contract.ts";
import { CHARGING_WORDS } from "./fieldWords.ts";
import { findQuotas } from "./find.ts";
import { lastQuotaPeriods } from "./lastIntervals.ts";
import { chargingMetrics } from "./metrics.ts";
import { projectCharging } from "./projection.ts";
import { projectSessions } from "./projections/sessions.ts";
import { demandedIn, listOpenPlaces } from "./queries/openPeriods.ts";
import type { ChargingContext } from "./routes/chargingContext.ts";
import { addDriverSession } from "./routes/driverSession.ts";
import { addLoadForecast } from "./routes/loadForecast.ts";
import { addQuotaAreas } from "./routes/quotaAreas.ts";
import { addQuotaCsv } from "./routes/quotaCsv.ts";
import { addQuotaDeposit } from "./routes/quotaDeposit.ts";
import { addQuotaEvidence } from "./routes/quotaEvidence.ts";
import { addQuotaOrders } from "./routes/quotaOrders.ts";
import { addQuotaPeriods } from "./routes/quotaPeriods.ts";
import { addSessionHolds } from "./routes/sessionHolds.ts";
import { addSessionRecords } from "./routes/sessionRecords.ts";
import { addSessions } from "./routes/sessions.ts";
import { addStationVehicles } from "./routes/stationVehicles.ts";
import { explainChargingCharge } from "./rules/chargingCharges.ts";
import { CHARGING_MOVEMENTS } from "./rules/movementWords.ts";
import { SESSION_TABLES } from "./sessionTables.ts";
import { SEALED, TABLES } from "./tables.ts";

/** Charging stations behind one transformer: quotas of its margin, their auction, payment by the meter. */
export const charging: Domain<ChargingContext, TariffSource, MarketAudit> = {
  name: "charging",
  contracts: [quotaTermsLib, quotaClearingLib, quotaSettlementLib, quotaMarket, chargingSessions],
  tables: [...TABLES, ...SESSION_TABLES],
  sealed: SEALED,
  async project(projection) {
    await projectCharging(projection);
    await projectSessions(projection);
  },
  opens: demandedIn,
  unfinished: listOpenPlaces,
  replay: (audit) => bothReplays(replayCharging(audit), replaySessions(audit)),
  counts: CHARGING_COUNTS,
  explainCharge: explainChargingCharge,
  movements: CHARGING_MOVEMENTS,
  fieldWords: CHARGING_WORDS,
  routes: [
    addQuotaAreas,
    addLoadForecast,
    addQuotaPeriods,
    addQuotaDeposit,
    addQuotaOrders,
    addQuotaEvidence,
    addQuotaCsv,
    addSessions,
    addSessionHolds,
    addSessionRecords,
    addDriverSession,
    addStationVehicles,
  ],
  find: findQuotas,
  metrics: chargingMetrics,
  concerns: chargingConcerns,
  lastIntervals: lastQuotaPeriods,
};

/** Quotas and sessions are apart: each has a contract and money of its own. Only quotas open readings. */
function bothReplays(quotas: Replay, sessions: Replay): Replay {
  return {
    ...quotas,
    async apply(event) {
      await quotas.apply(event);
      await sessions.apply(event);
    },
    closeTransaction() {
      quotas.closeTransaction?.();
      sessions.closeTransaction?.();
    },
    async finish(end) {
      await quotas.finish?.(end);
      await sessions.finish?.(end);
    },
  };
}
