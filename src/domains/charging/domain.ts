import type { TariffSource } from "#domains/billing/projections/bills.ts";
import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import { chargingConcerns } from "./concerns.ts";
import { quotaClearingLib, quotaMarket, quotaSettlementLib, quotaTermsLib } from "./contract.ts";
import { CHARGING_WORDS } from "./fieldWords.ts";
import { findQuotas } from "./find.ts";
import { lastQuotaPeriods } from "./lastIntervals.ts";
import { chargingMetrics } from "./metrics.ts";
import { projectCharging } from "./projection.ts";
import { demandedIn, listOpenPlaces } from "./queries/openPeriods.ts";
import { addQuotaAreas } from "./routes/quotaAreas.ts";
import { addQuotaCsv } from "./routes/quotaCsv.ts";
import { addQuotaDeposit } from "./routes/quotaDeposit.ts";
import { addQuotaEvidence } from "./routes/quotaEvidence.ts";
import { addQuotaPeriods } from "./routes/quotaPeriods.ts";
import { explainChargingCharge } from "./rules/chargingCharges.ts";
import { SEALED, TABLES } from "./tables.ts";

/** Charging stations behind one transformer: quotas of its margin, their auction, payment by the meter. */
export const charging: Domain<ApiContext, TariffSource, MarketAudit> = {
  name: "charging",
  contracts: [quotaTermsLib, quotaClearingLib, quotaSettlementLib, quotaMarket],
  tables: TABLES,
  sealed: SEALED,
  project: projectCharging,
  opens: demandedIn,
  unfinished: listOpenPlaces,
  replay: replayCharging,
  counts: CHARGING_COUNTS,
  explainCharge: explainChargingCharge,
  fieldWords: CHARGING_WORDS,
  routes: [addQuotaAreas, addQuotaPeriods, addQuotaDeposit, addQuotaCsv, addQuotaEvidence],
  find: findQuotas,
  metrics: chargingMetrics,
  concerns: chargingConcerns,
  lastIntervals: lastQuotaPeriods,
};
