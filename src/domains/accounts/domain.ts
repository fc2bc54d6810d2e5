import type { Domain } from "#domains/domain.ts";
import { ACCOUNTS_COUNTS } from "./audit/accountsCounts.ts";
import { clearingHouse, registry, token } from "./contract.ts";
import { findParticipants } from "./find.ts";
import { projectAccounts } from "./projection.ts";
import { addParticipants, addProvenance } from "./routes/participants.ts";
import { TABLES } from "./tables.ts";

/** Participants, entities and money. */
export const accounts: Domain = {
  name: "accounts",
  contracts: [token, registry, clearingHouse],
  tables: TABLES,
  project: projectAccounts,
  counts: ACCOUNTS_COUNTS,
  routes: [addParticipants, addProvenance],
  find: findParticipants,
};
