import { ACCOUNTS_COUNTS } from "#domains/accounts/audit/accountsCounts.ts";
import type { Domain } from "#domains/domain.ts";
import { clearingHouse, registry, token } from "./contract.ts";
import { projectAccounts } from "./projection.ts";
import { TABLES } from "./tables.ts";

/** Participants, entities and money. */
export const accounts: Domain = {
  name: "accounts",
  contracts: [token, registry, clearingHouse],
  tables: TABLES,
  project: projectAccounts,
  counts: ACCOUNTS_COUNTS,
};
