import { whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";
import type { Participant } from "./names.ts";

/** Whether an account is several members of areas, so that lists have to say which is meant. */
export function useHasSeveralMembers(account: number): boolean {
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  return whenTold(participant, ({ members }) => members.length > 1, false);
}
