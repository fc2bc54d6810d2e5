import type { Member } from "./members.ts";
import type { Participant } from "./names.ts";

/** What a member has in a market as margin, micro; "0" where it has none. */
export function marginIn(
  { margins }: Pick<Participant, "margins">,
  { market, areaId, member }: Pick<Member, "areaId" | "member"> & { market: string | undefined },
): string {
  const found = margins.find(
    (margin) => margin.market === market && margin.areaId === areaId && margin.member === member,
  );
  return found?.marginMicro ?? "0";
}
