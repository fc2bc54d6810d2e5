import type { ApiContext } from "#platform/api/apiContext.ts";
import { type Hit, type Lookup, MAX_HITS } from "#platform/api/lookup.ts";
import { MAX_ACCOUNT } from "#platform/api/wire.ts";
import { accountWords } from "#platform/api/words.ts";
import { findParticipant, findParticipantByAddress } from "./queries/participants.ts";
import { listStays } from "./queries/stays.ts";

/** Participants by account, address, name, or by a metering point that is or was theirs. */
export async function findParticipants({ store: { db } }: ApiContext, lookup: Lookup): Promise<Hit[]> {
  const { names } = lookup;
  const hitsOf = (accounts: Iterable<number>): Hit[] =>
    [...accounts].map((account) => ({
      kind: "participant",
      id: String(account),
      title: accountWords(names, account),
    }));
  switch (lookup.form) {
    case "hash": {
      const stays = await listStays(db, { meterId: lookup.hash, limit: MAX_HITS / 2 });
      return hitsOf(new Set(stays.map(({ account }) => account)));
    }
    case "address": {
      const participant = await findParticipantByAddress(db, lookup.address);
      return hitsOf(participant ? [participant.account] : []);
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
