import type { Domain } from "#domains/domain.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { replayPool } from "./audit/auditPool.ts";
import { POOL_COUNTS } from "./audit/poolCounts.ts";
import type { PoolAudit } from "./audit/poolState.ts";

export const pool: Domain<ApiContext, unknown, PoolAudit> = {
  name: "pool",
  replay: replayPool,
  counts: POOL_COUNTS,
};
