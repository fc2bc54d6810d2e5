import type { TariffSource } from "#domains/billing/projections/bills.ts";
import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import { quotaClearingLib, quotaMarket, quotaSettlementLib, quotaTermsLib } from "./contract.ts";
import { projectCharging } from "./projection.ts";
import { demandedIn, listOpenPlaces } from "./queries/openPeriods.ts";
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
};
