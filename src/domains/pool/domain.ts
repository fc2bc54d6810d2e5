import type { Domain } from "#domains/domain.ts";
import { replayPool } from "#domains/pool/audit/auditPool.ts";
import { POOL_COUNTS } from "#domains/pool/audit/poolCounts.ts";
import type { PoolAudit } from "#domains/pool/audit/poolState.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { poolAreaLib, poolMarket, poolSettlementLib } from "./contract.ts";
import { projectPool } from "./projection.ts";
import type { PoolSources } from "./projections/poolProjection.ts";
import { TABLES } from "./tables.ts";

/** The local market: orders of an interval cleared together, paid by the meter. */
export const pool: Domain<ApiContext, PoolSources, PoolAudit> = {
  name: "pool",
  contracts: [poolAreaLib, poolSettlementLib, poolMarket],
  tables: TABLES,
  project: projectPool,
  replay: replayPool,
  counts: POOL_COUNTS,
};
