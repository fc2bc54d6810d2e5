import type { Hints } from "../hints.ts";
import type { Table } from "../table.ts";
import type { Written } from "../written.ts";

/**
 * A format that is a table: what is known of it beside its words, as a mapping file would say it.
 *
 * @property recognises whether a table is one of these, by what no other has
 */
export type TableFormat = {
  readonly kind: "table";
  readonly name: string;
  readonly title: string;
  recognises(table: Table): boolean;
  readonly hints: Hints;
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
