import type { ApiContext } from "#platform/api/apiContext.ts";
import { accounts } from "./accounts/domain.ts";
import { billing } from "./billing/domain.ts";
import type { Domain } from "./domain.ts";
import { metering } from "./metering/domain.ts";
import type { PoolAudit } from "./pool/audit/poolState.ts";
import { pool } from "./pool/domain.ts";

/** The fields of expertise of this system, each after those that it leans on. */
export const DOMAINS: readonly Domain<ApiContext, unknown, PoolAudit>[] = [accounts, metering, billing, pool];
