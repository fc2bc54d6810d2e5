import type { ApiContext } from "#platform/api/apiContext.ts";
import { type Hit, type Lookup, MAX_HITS } from "#platform/api/lookup.ts";
import { accountWords } from "#platform/api/words.ts";
import { listStays, listStaysInShort } from "./queries/members.ts";
import { findReading, listReadings, type ReadingView } from "./queries/readings.ts";

/** A reading at its place; or, by a metering point, whose it is or was, and the latest reading of each member. */
export async function findMetered(context: ApiContext, lookup: Lookup): Promise<Hit[]> {
  const { db } = context.store;
  if (lookup.form === "reading") {
    const reading = await findReading(db, lookup);
    return reading ? [readingHit(reading, lookup)] : [];
  }
  if (lookup.form === "shortHash") {
    const found = await listStaysInShort(db, { ...lookup, limit: MAX_HITS });
    return [...new Set(found.map(({ account }) => account))].map((account) =>
      participantHit(account, lookup),
    );
  }
  if (lookup.form !== "hash") return [];
  const stays = await listStays(db, { meterId: lookup.hash, limit: MAX_HITS / 2 });
  const hits = [...new Set(stays.map(({ account }) => account))].map((account) =>
    participantHit(account, lookup),
  );
  for (const { areaId, member } of stays) {
    const [latest] = await listReadings(db, { areaId, member, limit: 1, offset: 0 });
    if (latest) hits.push(readingHit(latest, lookup));
  }
  return hits;
}

function participantHit(account: number, { names }: Lookup): Hit {
  return { kind: "participant", id: String(account), title: accountWords(names, account) };
}

/** What the meter said is not told here: most readings are sealed. */
function readingHit({ areaId, intervalId, member, account }: ReadingView, { names }: Lookup): Hit {
  const title = `reading of ${accountWords(names, account)} for interval ${intervalId}`;
  return { kind: "reading", id: `${areaId}/${intervalId}/${member}`, title };
}
