import type { z } from "zod";
import type { participantsWire, participantWire } from "#api/wire.ts";
import { useGet } from "./useGet.ts";

export type Participant = z.infer<typeof participantWire>;

/** Participants whose names are fetched at once; accounts beyond are shown by their number. */
const NAMED_ACCOUNTS = 500;

/** The name of an account where this reader may know it, and its number otherwise. */
export function useNames(): (account: number) => string {
  const { data } = useGet<z.infer<typeof participantsWire>>(`/v1/participants?limit=${NAMED_ACCOUNTS}`);
  const names = new Map(data?.participants.map(({ account, name }) => [account, name]));
  return (account) => names.get(account) ?? `Account ${account}`;
}
