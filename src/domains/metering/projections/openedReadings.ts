import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { openReadingWord } from "#domains/metering/rules/meterReading.ts";
import { openedWords, type ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import { readings } from "#domains/metering/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { replaceRows, rowsOf } from "#platform/store/workingSet.ts";
import { sumExchange } from "./areaExchange.ts";

/** What is known of a member's meter in an interval, whole Wh. */
export type OpenedReading = Pick<
  typeof readings.$inferSelect,
  "member" | "account" | "importWh" | "exportWh" | "proof"
>;

/** The readings of some members under the published root, by member. */
export async function readingsOfMembers(
  tx: Queryable,
  place: IntervalPlace,
  members: readonly number[],
): Promise<ReadonlyMap<number, OpenedReading>> {
  const wanted = new Set(members);
  const rows = (await rowsOf(tx, readings, place, { members })).filter(
    ({ member, proof }) => wanted.has(member) && proof !== "unproven",
  );
  return new Map(rows.map((row) => [row.member, row]));
}

/** The readings of a page that the contract saw, by {@link openWords}. */
export async function openReadings(
  tx: Queryable,
  {
    event,
    shown,
    version,
  }: { event: IntervalPlace & { readonly page: number }; shown: ShownReadings; version: number },
): Promise<void> {
  await openWords(tx, event, { words: openedWords(event.page, shown), version });
}

/**
 * Readings that the contract saw, packed. Those that the archive has too only change their proof, and keep their meter and
 * signature; another reading than the one that was shown makes room for it, also in the area's sum.
 */
export async function openWords(
  tx: Queryable,
  place: IntervalPlace,
  { words, version }: { readonly words: readonly bigint[]; readonly version: number },
): Promise<void> {
  const { areaId, intervalId } = place;
  const opened = words.map(openReadingWord);
  const published = await readingsOfMembers(tx, place, opened.map(memberOf));
  const isKnown = (reading: (typeof opened)[number]) => isSame(reading, published.get(reading.member));
  const [same, others] = [opened.filter(isKnown), opened.filter((reading) => !isKnown(reading))];
  const isShown = new Set(same.map(memberOf));
  const members = opened.map(memberOf);
  const shown = (await rowsOf(tx, readings, place, { members })).filter(({ member }) => isShown.has(member));
  await replaceRows(tx, readings, place, {
    members,
    isReplaced: ({ member }) => isShown.has(member),
    by: shown.map((row) => ({ ...row, proof: "opened" })),
  });
  if (others.length === 0) return;
  const isOther = new Set(others.map(memberOf));
  const accounts = await accountsOfMembers(tx, areaId);
  const rows = others.map(({ member, importWh, exportWh, quality }) => {
    const account = present(accounts.get(member), `the account of member ${member}`);
    return { areaId, intervalId, member, account, importWh, exportWh, quality, version, ...UNSIGNED };
  });
  await replaceRows(tx, readings, place, {
    members,
    isReplaced: ({ member }) => isOther.has(member),
    by: rows,
  });
  await sumExchange(tx, place);
}

/** A reading that the chain shows without its device's signature. */
const UNSIGNED = { meterId: null, signature: null, proof: "opened" as const };

function memberOf({ member }: { readonly member: number }): number {
  return member;
}

function isSame(
  { importWh, exportWh }: Pick<OpenedReading, "importWh" | "exportWh">,
  known: OpenedReading | undefined,
): boolean {
  return known?.importWh === importWh && known.exportWh === exportWh;
}
