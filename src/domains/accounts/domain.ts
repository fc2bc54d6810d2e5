import type { Domain } from "#domains/domain.ts";
import { ACCOUNTS_COUNTS } from "./audit/accountsCounts.ts";
import { clearingHouse, registry, token } from "./contract.ts";
import { ACCOUNTS_WORDS } from "./fieldWords.ts";
import { findParticipants } from "./find.ts";
import { projectAccounts } from "./projection.ts";
import { addMovements } from "./routes/movements.ts";
import { ACCOUNT_MOVEMENTS } from "./rules/movementWords.ts";
import { SEALED, TABLES } from "./tables.ts";

/** Participants, entities and money. */
export const accounts: Domain = {
  name: "accounts",
  contracts: [token, registry, clearingHouse],
  tables: TABLES,
  sealed: SEALED,
  project: projectAccounts,
  counts: ACCOUNTS_COUNTS,
  fieldWords: ACCOUNTS_WORDS,
  movements: ACCOUNT_MOVEMENTS,
  routes: [addMovements],
  find: findParticipants,
};
