import { MAX_LIMIT } from "#platform/api/wire.ts";

/** Rows of an account from one second to another; `areaIds` are the areas that the reader may see, undefined for all. */
export type CsvRange = {
  readonly account: number;
  readonly areaIds: readonly number[] | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
};

/** Pages one after the other, each read when the one before is sent; the last row of one tells where the next begins. */
export async function* pagesOf<Row>(
  next: (last: Row | null) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let last: Row | null = null;
  for (;;) {
    const rows: readonly Row[] = await next(last);
    if (rows.length > 0) yield rows;
    const newest: Row | undefined = rows.at(-1);
    if (newest === undefined || rows.length < MAX_LIMIT) return;
    last = newest;
  }
}
