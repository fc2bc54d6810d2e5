import type { Domain } from "#domains/domain.ts";
import { replayPool } from "./audit/auditPool.ts";
import { POOL_COUNTS } from "./audit/poolCounts.ts";
import type { PoolAudit } from "./audit/poolState.ts";
import { poolConcerns } from "./concerns.ts";
import {
  poolClearingLib,
  poolCorrectionLib,
  poolMarket,
  poolSettlementLib,
  poolTermsLib,
} from "./contract.ts";
import { POOL_WORDS } from "./fieldWords.ts";
import { findInPool } from "./find.ts";
import { lastPoolIntervals } from "./lastIntervals.ts";
import { poolMetrics } from "./metrics.ts";
import { projectPool } from "./projection.ts";
import type { PoolSources } from "./projections/poolProjection.ts";
import { positionedIn } from "./projections/publications.ts";
import { listUnfinishedPlaces } from "./queries/unfinished.ts";
import { addAgents } from "./routes/agents.ts";
import { addAreas } from "./routes/areas.ts";
import { addCommunity } from "./routes/community.ts";
import { addDepth } from "./routes/depth.ts";
import { addEvidence } from "./routes/evidence.ts";
import { addExplanations } from "./routes/explanations.ts";
import { addHome } from "./routes/home.ts";
import { addIntervalReadings } from "./routes/intervalReadings.ts";
import { addIntervals } from "./routes/intervals.ts";
import { addOperator } from "./routes/operator.ts";
import { addOrders } from "./routes/orders.ts";
import { addOrdersCsv } from "./routes/ordersCsv.ts";
import { addPeriodsOfIntervals } from "./routes/periodsOfIntervals.ts";
import type { PoolContext } from "./routes/poolContext.ts";
import { addPrices } from "./routes/prices.ts";
import { addSeries } from "./routes/series.ts";
import { addTrades } from "./routes/trades.ts";
import { addTrails } from "./routes/trails.ts";
import { POOL_MOVEMENTS } from "./rules/movementWords.ts";
import { explainPoolCharge } from "./rules/poolCharges.ts";
import { SEALED, TABLES } from "./tables.ts";

/** The local market: orders of an interval cleared together, paid by the meter. */
export const pool: Domain<PoolContext, PoolSources, PoolAudit> = {
  name: "pool",
  contracts: [poolTermsLib, poolClearingLib, poolSettlementLib, poolCorrectionLib, poolMarket],
  tables: TABLES,
  sealed: SEALED,
  project: projectPool,
  opens: positionedIn,
  unfinished: listUnfinishedPlaces,
  replay: replayPool,
  counts: POOL_COUNTS,
  explainCharge: explainPoolCharge,
  movements: POOL_MOVEMENTS,
  fieldWords: POOL_WORDS,
  routes: [
    addAreas,
    addIntervals,
    addPeriodsOfIntervals,
    addEvidence,
    addOrders,
    addOrdersCsv,
    addIntervalReadings,
    addExplanations,
    addTrades,
    addPrices,
    addHome,
    addCommunity,
    addSeries,
    addTrails,
    addAgents,
    addDepth,
    addOperator,
  ],
  find: findInPool,
  metrics: poolMetrics,
  concerns: poolConcerns,
  lastIntervals: lastPoolIntervals,
};
