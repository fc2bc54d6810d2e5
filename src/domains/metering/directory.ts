import { findParticipantByOwner, listParticipantsOf } from "#domains/accounts/queries/participants.ts";
import { accountsOfSeats } from "#domains/accounts/queries/seats.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { present } from "#kernel/units/assert.ts";
import type { AreaParties, Directory, Registered } from "#platform/api/identity/directory.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listMeteredAreas } from "./queries/areas.ts";
import { listMembers } from "./queries/members.ts";

/** Who is registered and who operates which area, as the database knows it at each question. */
export function createDirectory(db: Queryable): Directory {
  return {
    async byAddress(address) {
      const participant = await findParticipantByOwner(db, address);
      const [registered] = participant === null ? [] : await withAreas(db, [participant]);
      return registered ?? null;
    },
    among: async (accounts) => withAreas(db, await listParticipantsOf(db, accounts)),
    areas: () => listParties(db),
  };
}

async function withAreas(
  db: Queryable,
  participants: readonly { readonly account: number; readonly owner: string }[],
): Promise<Registered[]> {
  const members = await listMembers(
    db,
    participants.map(({ account }) => account),
  );
  return participants.map(({ account, owner }) => {
    const own = members.filter((member) => member.account === account);
    const areaIds = [...new Set(own.map(({ areaId }) => areaId))];
    return { account, owner, areaIds, hasMeter: own.some(({ capacityW }) => capacityW > 0) };
  });
}

/** Areas with the accounts of their parties, which the registry knows as members. */
async function listParties(db: Queryable): Promise<AreaParties[]> {
  const areas = await listMeteredAreas(db);
  const seats = areas.flatMap(({ areaId, supplier, dso, fund }) =>
    [supplier, dso, fund].map((member) => seatOf({ areaId, member })),
  );
  const accounts = await accountsOfSeats(db, seats);
  return areas.map(({ areaId, operator, supplier, dso, fund }) => {
    const accountOf = (member: number) =>
      present(accounts.get(seatOf({ areaId, member })), `the account of member ${member} of area ${areaId}`);
    return { areaId, operator, supplier: accountOf(supplier), dso: accountOf(dso), fund: accountOf(fund) };
  });
}
