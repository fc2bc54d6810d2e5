import { listStays } from "#domains/accounts/queries/stays.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { type Hit, type Lookup, MAX_HITS } from "#platform/api/lookup.ts";
import { accountWords } from "#platform/api/words.ts";
import { findReading, listReadings } from "./queries/readings.ts";

/** A reading at its place, or the latest of each account that a metering point was at. */
export async function findReadings({ store: { db } }: ApiContext, lookup: Lookup): Promise<Hit[]> {
  if (lookup.form === "reading") {
    const reading = await findReading(db, lookup);
    return reading ? [hitOf(reading, lookup)] : [];
  }
  if (lookup.form !== "hash") return [];
  const stays = await listStays(db, { meterId: lookup.hash, limit: MAX_HITS / 2 });
  const hits: Hit[] = [];
  for (const account of new Set(stays.map((stay) => stay.account))) {
    const [latest] = await listReadings(db, { account, limit: 1, offset: 0 });
    if (latest) hits.push(hitOf(latest, lookup));
  }
  return hits;
}

/** What the meter said is not told here: most readings are sealed. */
function hitOf(
  { areaId, intervalId, account }: { areaId: number; intervalId: number; account: number },
  { names }: Lookup,
): Hit {
  const title = `reading of ${accountWords(names, account)} for interval ${intervalId}`;
  return { kind: "reading", id: `${areaId}/${intervalId}/${account}`, title };
}
