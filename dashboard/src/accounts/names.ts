import type { z } from "zod";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { participantsWire, participantWire } from "#domains/accounts/wire.ts";
import { whenTold } from "../app/api/answer.ts";
import { getJson } from "../app/api/getJson.ts";
import { useAnswer } from "../app/api/useAnswer.ts";
import { retryUnlessRefused } from "../app/api/useGet.ts";

export type Participant = z.infer<typeof participantWire>;

/** Participants whose names are fetched at once; accounts beyond are shown by their number. */
const NAMED_ACCOUNTS = 500;
const PATH = `/v1/participants?limit=${NAMED_ACCOUNTS}`;

/** Everybody by account, by the owner's address and by member, made once for each answer: a page has hundreds of names. */
export type Directory = {
  readonly byAccount: ReadonlyMap<number, string | null>;
  readonly byAddress: ReadonlyMap<string, number>;
  /** The account of a member of an area, by its seat. */
  readonly bySeat: ReadonlyMap<number, number>;
};

/** The name of an account where this reader may know it, and its number otherwise. */
export function useNames(): (account: number) => string {
  const directory = useDirectory();
  return (account) => nameIn(directory, account);
}

/** The name of an account in a directory, else its number. */
export function nameIn(directory: Directory | undefined, account: number): string {
  return directory?.byAccount.get(account) ?? `Account ${account}`;
}

/** Undefined until it is known. */
export function useDirectory(): Directory | undefined {
  const answer = useAnswer({
    queryKey: ["api", PATH],
    queryFn: async ({ signal }) =>
      directoryOf((await getJson<z.infer<typeof participantsWire>>(PATH, signal)).participants),
    retry: retryUnlessRefused,
  });
  return whenTold(answer, (directory) => directory, undefined);
}

function directoryOf(participants: readonly Participant[]): Directory {
  return {
    byAccount: new Map(participants.map(({ account, name }) => [account, name])),
    byAddress: new Map(participants.map(({ owner, account }) => [owner, account])),
    bySeat: new Map(
      participants.flatMap(({ account, members }) =>
        members.map((member) => [seatOf(member), account] as const),
      ),
    ),
  };
}
