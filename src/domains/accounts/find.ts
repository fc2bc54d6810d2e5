import type { ApiContext } from "#platform/api/apiContext.ts";
import { type Hit, type Lookup, MAX_HITS } from "#platform/api/lookup.ts";
import { MAX_ACCOUNT } from "#platform/api/wire.ts";
import { accountWords } from "#platform/api/words.ts";
import { findParticipant, findParticipantByOwner, findParticipantsInShort } from "./queries/participants.ts";

/** Participants by account, owner or name. */
export async function findParticipants({ store: { db } }: ApiContext, lookup: Lookup): Promise<Hit[]> {
  const { names } = lookup;
  const hitsOf = (accounts: Iterable<number>): Hit[] =>
    [...accounts].map((account) => ({
      kind: "participant",
      id: String(account),
      title: accountWords(names, account),
    }));
  switch (lookup.form) {
    case "address": {
      const participant = await findParticipantByOwner(db, lookup.address);
      return hitsOf(participant ? [participant.account] : []);
    }
    case "shortHash": {
      const found = await findParticipantsInShort(db, { ...lookup, limit: MAX_HITS });
      return hitsOf(found.map(({ account }) => account));
    }
    case "number": {
      const participant = lookup.number > MAX_ACCOUNT ? null : await findParticipant(db, lookup.number);
      return hitsOf(participant ? [participant.account] : []);
    }
    case "name": {
      const part = lookup.part.toLowerCase();
      const found: number[] = [];
      for (const [account, name] of names) {
        if (found.length === MAX_HITS) break;
        if (name.toLowerCase().includes(part) && (await findParticipant(db, account))) found.push(account);
      }
      return hitsOf(found);
    }
    default:
      return [];
  }
}
