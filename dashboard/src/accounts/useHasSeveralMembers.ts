import { useGet } from "../app/api/useGet.ts";
import type { Participant } from "./names.ts";

/** Whether an account is several members of areas, so that lists have to say which is meant. */
export function useHasSeveralMembers(account: number): boolean {
  const { data } = useGet<Participant>(`/v1/participants/${account}`);
  return data !== undefined && data.members.length > 1;
}
