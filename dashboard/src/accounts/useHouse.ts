import type { Answer } from "../app/api/answer.ts";
import type { SessionState } from "../app/api/session.ts";
import { useAnswer } from "../app/api/useAnswer.ts";
import type { HouseState, MarginOwner } from "./house.ts";

/** What only the chain knows of an owner's money; asked again after the market's events, as everything else. */
export function useHouse(state: SessionState, owner: MarginOwner): Answer<HouseState> {
  return useAnswer({
    queryKey: ["api", `house/${owner.address}/${owner.market}/${owner.seat}`],
    queryFn: async () => {
      const { readHouse } = await import("./house.ts");
      return readHouse(state, owner);
    },
  });
}
