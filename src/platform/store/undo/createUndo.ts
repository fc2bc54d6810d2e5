import {
  getTableConfig,
  index,
  integer,
  jsonb,
  type PgTable,
  pgTable,
  serial,
  text,
} from "drizzle-orm/pg-core";
import { hexBytes } from "#platform/store/columns.ts";
import { createStatements, dropStatements, keyColumns } from "#platform/store/createTables.ts";

/** The blocks from the newest final one to the newest that is in; of an older chain only the last that is in. */
export const heads = pgTable("heads", {
  number: integer().primaryKey(),
  hash: hexBytes().notNull(),
  parentHash: hexBytes().notNull(),
  proposer: hexBytes().notNull(),
});

/**
 * What undoes the changes of blocks that are not final, in the order in which they were made: `before` the row that was, null
 * where there was none; `after` the key of the row that came in its place, null where none did.
 */
export const undoSteps = pgTable(
  "undo_steps",
  {
    id: serial().primaryKey(),
    block: integer().notNull(),
    tableName: text().notNull(),
    before: jsonb(),
    after: jsonb(),
  },
  (table) => [index("undo_steps_block").on(table.block)],
);

/** The setting of a transaction that names the block whose changes are noted; where it is not set none are. */
export const NOTED_BLOCK = "commonwatt.noted_block";

/**
 * The statements that let the database undo the blocks that are not final. The triggers are those of every table, so that a
 * field brings nothing for it. Where every block is final at once, `notesChanges` is false and there are none.
 */
export function createUndo(tables: readonly PgTable[], notesChanges: boolean): string[] {
  const base = createStatements([heads, undoSteps]);
  return notesChanges ? [...base, NOTE_CHANGE, UNDO_BLOCKS, ...tables.map(createTrigger)] : base;
}

/** Drops them, once the tables are dropped. */
export function dropUndo(): string[] {
  return [
    ...dropStatements([heads, undoSteps]),
    "DROP FUNCTION IF EXISTS note_change()",
    "DROP FUNCTION IF EXISTS undo_blocks(integer)",
  ];
}

function createTrigger(table: PgTable): string {
  const { name } = getTableConfig(table);
  const key = keyColumns(table).map((column) => `'${column}'`);
  return `CREATE TRIGGER "${name}_change" AFTER INSERT OR UPDATE OR DELETE ON "${name}"
    FOR EACH ROW EXECUTE FUNCTION note_change(${key.join(", ")})`;
}

/** The arguments of the trigger are the columns of the table's primary key. */
const NOTE_CHANGE = `
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  noted text := current_setting('${NOTED_BLOCK}', true);
  old_row jsonb;
  new_key jsonb;
BEGIN
  IF noted IS NULL OR noted = '' THEN RETURN NULL; END IF;
  IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT jsonb_object_agg(name, to_jsonb(NEW) -> name) INTO new_key FROM unnest(TG_ARGV) AS name;
  END IF;
  INSERT INTO "undo_steps" ("block", "tableName", "before", "after")
    VALUES (noted::integer, TG_TABLE_NAME, old_row, new_key);
  RETURN NULL;
END $$`;

/** Undoes the changes of all blocks behind one, the newest change first. */
const UNDO_BLOCKS = `
CREATE FUNCTION undo_blocks(last_block integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  step record;
  is_same text;
BEGIN
  FOR step IN SELECT * FROM "undo_steps" WHERE "block" > last_block ORDER BY "id" DESC LOOP
    IF step."after" IS NOT NULL THEN
      SELECT string_agg(format('t.%1$I = k.%1$I', name), ' AND ') INTO is_same
        FROM jsonb_object_keys(step."after") AS name;
      EXECUTE format(
        'DELETE FROM %1$I AS t USING jsonb_populate_record(NULL::%1$I, $1) AS k WHERE %2$s',
        step."tableName", is_same) USING step."after";
    END IF;
    IF step."before" IS NOT NULL THEN
      EXECUTE format('INSERT INTO %1$I SELECT * FROM jsonb_populate_record(NULL::%1$I, $1)', step."tableName")
        USING step."before";
    END IF;
  END LOOP;
  DELETE FROM "undo_steps" WHERE "block" > last_block;
END $$`;
