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
};
