import { seatOf } from "#domains/accounts/rules/seat.ts";
import { AccountLink } from "./AccountLink.tsx";
import type { Member } from "./members.ts";
import { useDirectory } from "./names.ts";

/** A member of an area by its account's name where the reader may know it, else by its number. */
export function MemberLink({ areaId, member }: Pick<Member, "areaId" | "member">) {
  const account = useDirectory()?.bySeat.get(seatOf({ areaId, member }));
  return account === undefined ? `Member ${member}` : <AccountLink account={account} />;
}
