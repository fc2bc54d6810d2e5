import type { Hints } from "../hints.ts";
import type { Table } from "../table.ts";
import type { Written } from "../written.ts";

/**
 * A format that is a table: what is known of it beside its words, as a mapping file would say it.
 *
 * @property hints of it; what flags or a mapping say stands over them
 * @property recognises whether a table is one of these, by what no other has
 */
export type TableFormat = {
  readonly kind: "table";
  readonly name: string;
  readonly title: string;
  recognises(table: Table): boolean;
  hints(table: Table): Hints;
};

/** A format with a grammar of its own. */
export type TextFormat = {
  readonly kind: "text";
  readonly name: string;
  readonly title: string;
  recognises(text: string): boolean;
  read(text: string, hints: Hints): readonly Written[];
};

export type Format = TableFormat | TextFormat;

/** Whether a table has columns of these normalised names. */
export function hasColumns({ columns }: Table, keys: readonly string[]): boolean {
  return keys.every((key) => columns.some((column) => column.key === key));
}
