import type { z } from "zod";
import type { participantsWire, participantWire } from "#api/wire.ts";
import { useAreas } from "./areas.ts";
import { useGet } from "./useGet.ts";

export type Participant = z.infer<typeof participantWire>;

/** Participants whose names are fetched at once; accounts beyond are shown by their number. */
const NAMED_ACCOUNTS = 500;

/** The name of an account where this reader may know it, and its number otherwise. */
export function useNames(): (account: number) => string {
  const participants = useNamed();
  const names = new Map(participants.map(({ account, name }) => [account, name]));
  return (account) => names.get(account) ?? `Account ${account}`;
}

/** Who an address is: an area's operator, or a participant by its name; null for others. */
export function useSenderNames(): (address: string) => string | null {
  const participants = useNamed();
  const { data } = useAreas();
  return (address) => {
    if (data?.areas.some(({ operator }) => operator === address)) return "market operator";
    const owner = participants.find((participant) => participant.address === address);
    return owner ? (owner.name ?? `Account ${owner.account}`) : null;
  };
}

function useNamed(): readonly Participant[] {
  const { data } = useGet<z.infer<typeof participantsWire>>(`/v1/participants?limit=${NAMED_ACCOUNTS}`);
  return data?.participants ?? [];
}
