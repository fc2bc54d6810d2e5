import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { openJournal } from "#platform/system/journal.ts";
import {
  OBJECT_TYPES,
  type ObjectOf,
  type ObjectType,
  objectType,
  type VtnObject,
  vtnObject,
} from "./model/objects.ts";
import { createShortener } from "./shortJournal.ts";

/** A change of one object; what a deletion names is the object as it was. */
export type Change = { readonly operation: "CREATE" | "UPDATE" | "DELETE"; readonly object: VtnObject };

/** The objects of a VTN, in memory, each change of them on the disk. */
export type ObjectStore = {
  /** What an unfinished write left behind, told when the store is opened; null otherwise. */
  readonly notice: string | null;
  find<Type extends ObjectType>(type: Type, id: string): ObjectOf<Type> | null;
  /** The newest first. */
  all<Type extends ObjectType>(type: Type): readonly ObjectOf<Type>[];
  count(): number;
  /** Makes all of these changes or none; they outlive a power cut when it resolves. */
  commit(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
};

const recordSchema = z.union([
  z.object({ put: vtnObject }),
  z.object({ delete: z.object({ objectType, id: z.string() }) }),
]);
type StoredChange = z.infer<typeof recordSchema>;

/**
 * Opens the objects that a journal at `path` holds, which is created when it is missing.
 *
 * @throws JournalDamagedError, ObjectsDamagedError
 */
export function openObjectStore(path: string): ObjectStore {
  const journal = openJournal(path);
  const objects = new Map(OBJECT_TYPES.map((type) => [type, new Map<string, VtnObject>()]));
  const tableOf = (type: ObjectType) => objects.get(type) ?? new Map<string, VtnObject>();
  const apply = (change: StoredChange) => {
    if ("put" in change) tableOf(change.put.objectType).set(change.put.id, change.put);
    else tableOf(change.delete.objectType).delete(change.delete.id);
  };
  for (const found of journal.found) apply(readChange(found, path));
  const shorten = createShortener(journal, () =>
    [...objects.values()].flatMap((table) => [...table.values()].map((put) => ({ put }))),
  );
  return {
    notice: journal.notice,
    find: <Type extends ObjectType>(type: Type, id: string) =>
      (tableOf(type).get(id) as ObjectOf<Type> | undefined) ?? null,
    all: <Type extends ObjectType>(type: Type) => [...tableOf(type).values()].reverse() as ObjectOf<Type>[],
    count: () => [...objects.values()].reduce((sum, table) => sum + table.size, 0),
    async commit(changes) {
      const stored = changes.map(storedForm);
      const isDurable = journal.append(stored);
      stored.forEach(apply);
      await isDurable;
      shorten();
    },
    close: () => journal.close(),
  };
}

function storedForm({ operation, object }: Change): StoredChange {
  if (operation !== "DELETE") return { put: object };
  return { delete: { objectType: object.objectType, id: object.id } };
}

function readChange(found: unknown, path: string): StoredChange {
  const parsed = recordSchema.safeParse(found);
  if (!parsed.success) throw new ObjectsDamagedError(path, z.prettifyError(parsed.error));
  return parsed.data;
}

export class ObjectsDamagedError extends DomainError {
  readonly code = "openAdrObjectsDamaged";

  constructor(path: string, reason: string) {
    super(`${path} can't be used: ${reason}; restore it, or move it away to begin anew`);
  }
}
