import type { Domain } from "#domains/domain.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import type { Replay } from "#platform/audit/replay.ts";
import { replayCharging } from "./audit/auditCharging.ts";
import { replaySessions } from "./audit/auditSessions.ts";
import { CHARGING_COUNTS } from "./audit/chargingCounts.ts";
import {
  chargingSessions,
  quotaClearingLib,
  quotaMarket,
  quotaSettlementLib,
  quotaTermsLib,
} from "./contract.ts";

/** Charging stations behind one transformer: quotas of its margin, their auction, payment by the meter. */
export const charging: Domain<ApiContext, unknown, MarketAudit> = {
  name: "charging",
  contracts: [quotaTermsLib, quotaClearingLib, quotaSettlementLib, quotaMarket, chargingSessions],
  replay: (audit) => bothReplays(replayCharging(audit), replaySessions(audit)),
  counts: CHARGING_COUNTS,
};

/** Quotas and sessions are apart: each has a contract and money of its own. */
function bothReplays(quotas: Replay, sessions: Replay): Replay {
  return {
    async apply(event) {
      await quotas.apply(event);
      await sessions.apply(event);
    },
    closeTransaction: () => sessions.closeTransaction?.(),
    async finish(end) {
      await quotas.finish?.(end);
      await sessions.finish?.(end);
    },
  };
}
