import { sql } from "drizzle-orm";
import { SEALED_LINES } from "#domains/billing/tables.ts";
import { rawStatement } from "#platform/store/createTables.ts";
import { accountOf } from "#platform/store/marketHistory.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { sealStatements } from "#platform/store/sealed/sealedStatements.ts";
import { groupOf } from "#platform/store/sealed/sealedTable.ts";

/** A year of quarter-hours of one metering point, without trades; it begins with 1971 in Berlin. */
export const YEAR = {
  areaId: 1,
  member: 6,
  account: accountOf(6),
  date: "1971-06-01",
  firstStartsAt: 364 * 86_400 + 23 * 3_600,
  intervalSeconds: 900,
  lines: 365 * 96,
} as const;

/** What line `i` of the year says: 100 to 195 Wh in, by the hour of the day, and 50 Wh out. */
export function yearLine(i: number) {
  const importWh = 100 + (i % 96);
  const exportWh = 50;
  return {
    startsAt: YEAR.firstStartsAt + i * YEAR.intervalSeconds,
    importWh,
    exportWh,
    costMicro: importWh * 300 - exportWh * 80,
  };
}

/** Writes the year into the database, as the projection of settled intervals would be when its days are sealed. */
export async function insertYear({ db }: Store): Promise<void> {
  const { areaId, member, account, firstStartsAt, intervalSeconds, lines } = YEAR;
  const startsAt = sql`(${firstStartsAt}::bigint + i * ${intervalSeconds}::bigint)`;
  const intervalId = sql`${startsAt} / ${intervalSeconds}::bigint`;
  const series = sql`generate_series(0::bigint, ${lines - 1}::bigint) as i`;
  await db.execute(sql`
    insert into intervals ("areaId", "intervalId", "startsAt", "endsAt", stage, attempt, steps, orders, trades,
      "clearedWh", "supplierReserveMicro", "gridFeeMicro")
    select ${areaId}::int, ${intervalId}, ${startsAt}, ${startsAt} + ${intervalSeconds}::bigint, 'settled', 0, 0, 0, 0, 0, 0, 0
    from ${series}`);
  await db.execute(sql`
    insert into bill_lines ("areaId", "intervalId", member, account, "startsAt", "importWh", "exportWh", "gridImportWh",
      "gridExportWh", "beyondMicro", "tariffMicro", "isReadingMissing")
    select ${areaId}::int, ${intervalId}, ${member}::int, ${account}::int, ${startsAt}, 100 + i % 96, 50, 100 + i % 96, 50,
      (100 + i % 96) * 300 - 50 * 80, (100 + i % 96) * 300 - 50 * 80, false
    from ${series}`);
  await sealYear(db);
}

async function sealYear(db: Store["db"]): Promise<void> {
  const { areaId, firstStartsAt, intervalSeconds, lines } = YEAR;
  const first = firstStartsAt / intervalSeconds;
  await db.transaction(async (tx) => {
    for (let number = groupOf(first); number <= groupOf(first + lines - 1); number += 1)
      for (const statement of sealStatements(SEALED_LINES, { areaId, groupNumber: number }))
        await tx.execute(rawStatement(statement));
  });
}
