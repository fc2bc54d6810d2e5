import { DomainError } from "#kernel/units/domainError.ts";
import { parquetValue } from "./exportedColumns.ts";
import type { ExportedTable } from "./exportedTables.ts";
import type { Row } from "./readRows.ts";

/** A file is made in memory: more rows than this are asked for in parts. */
const MAX_ROWS = 1_000_000;

/**
 * Rows as one Parquet file, its columns compressed by Snappy.
 *
 * @throws ExportTooLargeError
 */
export async function parquetOf(
  table: ExportedTable,
  pages: AsyncIterable<readonly Row[]>,
): Promise<Uint8Array> {
  const columnData = table.columns.map(({ name, type }) => ({
    ...{ name, type, nullable: true },
    data: [] as (bigint | boolean | string | null)[],
  }));
  let count = 0;
  for await (const rows of pages) {
    count += rows.length;
    if (count > MAX_ROWS) throw new ExportTooLargeError(table.name);
    for (const [i, { field, type }] of table.columns.entries())
      for (const row of rows) columnData[i]?.data.push(parquetValue(type, row[field]));
  }
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

export class ExportTooLargeError extends DomainError {
  readonly code = "exportTooLarge";

  constructor(table: string) {
    super(
      `${table} has more than ${MAX_ROWS} rows in this time; ask for parts of it with from and to, or for CSV`,
    );
  }
}
