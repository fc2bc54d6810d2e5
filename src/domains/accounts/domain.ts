import type { Domain } from "#domains/domain.ts";
import { ACCOUNTS_COUNTS } from "./audit/accountsCounts.ts";

export const accounts: Domain = { name: "accounts", counts: ACCOUNTS_COUNTS };
