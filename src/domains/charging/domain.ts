import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import { quotaClearingLib, quotaMarket, quotaSettlementLib, quotaTermsLib } from "./contract.ts";
import type { ChargingContext } from "./routes/chargingContext.ts";
import { addQuotaOrders } from "./routes/quotaOrders.ts";

/** Charging stations behind one transformer: quotas of its margin, their auction, payment by the meter. */
export const charging: Domain<ChargingContext, unknown, MarketAudit> = {
  name: "charging",
  contracts: [quotaTermsLib, quotaClearingLib, quotaSettlementLib, quotaMarket],
  routes: [addQuotaOrders],
  replay: replayCharging,
  counts: CHARGING_COUNTS,
};
