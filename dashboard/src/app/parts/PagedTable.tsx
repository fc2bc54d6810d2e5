import { type Key, type ReactNode, useState } from "react";
import { useGet } from "../api/useGet.ts";
import { type Column, DataTable, Pager } from "./DataTable.tsx";
import { Loaded } from "./States.tsx";

/** A table of a list of the API, page by page. */
export function PagedTable<Body, Row>({
  path,
  rowsOf,
  rowsPerPage,
  columns,
  keyOf,
  caption,
  what,
  empty,
}: {
  /** Address of the list, without the page. */
  path: string;
  rowsOf: (body: Body) => readonly Row[];
  rowsPerPage: number;
  columns: readonly Column<Row>[];
  keyOf: (row: Row, index: number) => Key;
  caption: string;
  /** What is being loaded, as in "the orders". */
  what: string;
  /** In the place of a list without rows. */
  empty: ReactNode;
}) {
  const [page, setPage] = useState(0);
  // One row more than is shown tells whether another page follows.
  const paging = `limit=${rowsPerPage + 1}&offset=${page * rowsPerPage}`;
  const query = useGet<Body>(`${path}${path.includes("?") ? "&" : "?"}${paging}`, { question: path });
  return (
    <Loaded query={query} what={what}>
      {(body) => {
        const rows = rowsOf(body);
        return (
          <>
            {rows.length === 0 ? (
              empty
            ) : (
              <DataTable
                caption={caption}
                columns={columns}
                rows={rows.slice(0, rowsPerPage)}
                keyOf={keyOf}
              />
            )}
            <Pager
              label={`Pages of ${what}`}
              page={page}
              hasMore={rows.length > rowsPerPage}
              onPage={setPage}
            />
          </>
        );
      }}
    </Loaded>
  );
}
