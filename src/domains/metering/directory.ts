import { findParticipantByAddress, listParticipantsOf } from "#domains/accounts/queries/participants.ts";
import type { Directory } from "#platform/api/identity/directory.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listMeteredAreas } from "./queries/areas.ts";

/** Who is registered and who operates which area, as the database knows it at each question. */
export function createDirectory(db: Queryable): Directory {
  return {
    byAddress: (address) => findParticipantByAddress(db, address),
    among: (accounts) => listParticipantsOf(db, accounts),
    areas: () => listMeteredAreas(db),
  };
}
