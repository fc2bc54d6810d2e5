import { asc, eq } from "drizzle-orm";
import { accountsOfSeats } from "#domains/accounts/queries/seats.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { listMeteredAreas, type MeteredArea } from "#domains/metering/queries/areas.ts";
import type { AreaParties, AreaTerms } from "#domains/pool/rules/area.ts";
import { poolTerms } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { remembered } from "#platform/store/workingSet.ts";

/** A version of an area's terms, and who stands for them. */
export type TermsView = AreaTerms & typeof poolTerms.$inferSelect;

/**
 * An area with the rules of its pool.
 *
 * @property accounts of its parties, whose numbers as members are `supplier`, `dso` and `fund`
 * @property versions of its terms, the first first
 */
export type AreaView = MeteredArea & {
  readonly accounts: AreaParties;
  readonly versions: readonly [TermsView, ...TermsView[]];
};

/** The areas that have a pool, by rising number. */
export async function listAreas(db: Queryable): Promise<AreaView[]> {
  return withTerms(db, await listMeteredAreas(db));
}

/** An area that has a pool; null when the chain knows none. */
export async function findArea(db: Queryable, areaId: number): Promise<AreaView | null> {
  const areas = await listMeteredAreas(db);
  const [found] = await withTerms(
    db,
    areas.filter((area) => area.areaId === areaId),
  );
  return found ?? null;
}

/** The terms that an interval is cleared with, as the contract chooses them: the last version that begins no later. */
export function termsAt({ versions }: Pick<AreaView, "versions">, intervalId: number): TermsView {
  return versions.findLast(({ fromInterval }) => fromInterval <= intervalId) ?? versions[0];
}

/** The version of {@link termsAt} without the area's intervals; null in an area without a pool. */
export async function findTerms(
  db: Queryable,
  { areaId, intervalId }: { readonly areaId: number; readonly intervalId: number },
): Promise<typeof poolTerms.$inferSelect | null> {
  const look = () =>
    db.select().from(poolTerms).where(eq(poolTerms.areaId, areaId)).orderBy(asc(poolTerms.version));
  const versions = await remembered(db, poolTerms, { key: areaId, look });
  return versions.findLast(({ fromInterval }) => fromInterval <= intervalId) ?? null;
}

async function withTerms(db: Queryable, areas: readonly MeteredArea[]): Promise<AreaView[]> {
  const rows = await db.select().from(poolTerms).orderBy(asc(poolTerms.areaId), asc(poolTerms.version));
  const seats = areas.flatMap(({ areaId, supplier, dso, fund }) =>
    [supplier, dso, fund].map((member) => seatOf({ areaId, member })),
  );
  const accounts = await accountsOfSeats(db, seats);
  return areas.flatMap((area): AreaView[] => {
    const { areaId, intervalSeconds, supplier, dso, fund } = area;
    const accountOf = (member: number) =>
      present(accounts.get(seatOf({ areaId, member })), `the account of member ${member} of area ${areaId}`);
    const [first, ...later] = rows
      .filter((row) => row.areaId === areaId)
      .map((row): TermsView => ({ ...row, intervalSeconds }));
    if (first === undefined) return [];
    const parties = { supplier: accountOf(supplier), dso: accountOf(dso), fund: accountOf(fund) };
    return [{ ...area, accounts: parties, versions: [first, ...later] }];
  });
}
