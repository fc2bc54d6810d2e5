import type { Key, ReactNode } from "react";
import "./DataTable.css";

export type Column<Row> = {
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand at the right. */
  readonly isNumber?: boolean;
  /** Left out on a phone, where the rest of the row says enough. */
  readonly isExtra?: boolean;
};

/** A table with a caption for screen readers, which scrolls by itself where it is wider than the page. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  markOf,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row, index: number) => Key;
  /** A class for rows that stand out; none otherwise. */
  markOf?: (row: Row) => string | undefined;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-frame" tabIndex={0} aria-label={caption}>
      <table className="data-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, isNumber, isExtra }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
              <th key={i} scope="col" className={classOf(isNumber, isExtra)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)} className={markOf?.(row)}>
              {columns.map(({ cell, isNumber, isExtra }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                <td key={i} className={classOf(isNumber, isExtra)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function classOf(isNumber = false, isExtra = false): string | undefined {
  const names = [isNumber ? "number" : "", isExtra ? "extra" : ""].filter((name) => name !== "");
  return names.length > 0 ? names.join(" ") : undefined;
}

/** Goes through the pages of a table that the API pages. */
export function Pager({
  page,
  hasMore,
  onPage,
  label,
}: {
  page: number;
  hasMore: boolean;
  onPage: (page: number) => void;
  /** Tells the tables of one page apart for screen readers. */
  label: string;
}) {
  if (page === 0 && !hasMore) return null;
  return (
    <nav className="row" aria-label={label}>
      <button type="button" className="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Newer
      </button>
      <span className="quiet small">page {page + 1}</span>
      <button type="button" className="button" disabled={!hasMore} onClick={() => onPage(page + 1)}>
        Older
      </button>
    </nav>
  );
}
