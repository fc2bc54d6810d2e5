import { accounts } from "./accounts/domain.ts";
import { billing } from "./billing/domain.ts";
import type { Domain } from "./domain.ts";
import { metering } from "./metering/domain.ts";
import { pool } from "./pool/domain.ts";

/** The fields of expertise of this system, each after those that it leans on. */
export const DOMAINS: readonly Domain[] = [accounts, metering, billing, pool];
