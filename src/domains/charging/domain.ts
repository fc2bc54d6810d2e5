import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import { quotaClearingLib, quotaMarket, quotaSettlementLib, quotaTermsLib } from "./contract.ts";

/** Charging stations behind one transformer: quotas of its margin, their auction, payment by the meter. */
export const charging: Domain<ApiContext, unknown, MarketAudit> = {
  name: "charging",
  contracts: [quotaTermsLib, quotaClearingLib, quotaSettlementLib, quotaMarket],
  replay: replayCharging,
  counts: CHARGING_COUNTS,
};
