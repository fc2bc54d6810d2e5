import { z } from "zod";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type Journal, openJournal } from "#platform/system/journal.ts";

const hex = z.templateLiteral(["0x", z.string()]);
const signed = { nonce: z.int().nonnegative(), hash: hex, raw: hex, gasPrice: z.string() };
const recordSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("intended"),
    id: z.string(),
    sequence: z.int(),
    label: z.string(),
    callHash: hex.nullable(),
    ...signed,
  }),
  z.object({ kind: z.literal("signed"), id: z.string(), ...signed }),
  z.object({ kind: z.literal("mined"), id: z.string(), hash: hex, block: z.int() }),
  z.object({ kind: z.literal("failed"), id: z.string(), reason: z.string() }),
]);
type IntentRecord = z.infer<typeof recordSchema>;
type IntendedRecord = Extract<IntentRecord, { kind: "intended" }>;

/** A transaction as it was signed: `raw` its bytes, `gasPrice` in wei as decimal digits. */
export type Signed = Pick<IntendedRecord, "nonce" | "hash" | "raw" | "gasPrice">;

export type Outcome =
  | { readonly kind: "mined"; readonly hash: Signed["hash"]; readonly block: number }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * A call that a sender took on.
 *
 * @property sequence grows over all accounts of a process, from one start to the next
 * @property callHash of the call, where its caller gave the id; null where the sender made one
 * @property signed all transactions that were signed for it, the newest last; at most one of them is mined
 */
export type Intent = Pick<IntendedRecord, "id" | "sequence" | "label" | "callHash"> & {
  readonly signed: readonly Signed[];
  readonly outcome: Outcome | null;
};

/** The intents of one account. */
export type IntentJournal = {
  readonly notice: string | null;
  /** Takes on intents; resolves once they outlive a power cut. */
  intend(intents: readonly Omit<Intent, "outcome">[]): Promise<void>;
  /** Another transaction for an intent, in place of those before; as `intend`. */
  sign(id: string, signed: Signed): Promise<Intent>;
  end(id: string, outcome: Outcome): void;
  find(id: string): Intent | null;
  /** All that are known, by their sequence. */
  list(): readonly Intent[];
  close(): Promise<void>;
};

/**
 * An intent's transactions are kept until its block is so many behind the newest: the chain can go back 64 blocks, and an
 * embedded one lose 128 that it had not recorded.
 */
const KEPT_BLOCKS = 256;
/** Outcomes of intents whose caller gave an id; older ones are forgotten. */
const MAX_NAMED = 65_536;
/** A journal that grew so much is written anew without what is over. */
const TIDY_BYTES = 4 * 1_048_576;

/** A journal of this process alone. */
export function rememberIntents(): IntentJournal {
  return journalOver(null);
}

/**
 * Opens the journal at `path`.
 *
 * @throws JournalDamagedError, IntentRecordError
 */
export function openIntentJournal(path: string): IntentJournal {
  const file = openJournal(path);
  return journalOver(
    file,
    file.found.map((value) => recordOf(value, path)),
  );
}

/** Those of which it is not known what came of them, by their sequence. */
export function openIntents(journal: Pick<IntentJournal, "list">): readonly Intent[] {
  return journal.list().filter(({ outcome }) => outcome === null);
}

function recordOf(value: unknown, path: string): IntentRecord {
  const { success, data } = recordSchema.safeParse(value);
  if (!success) throw new IntentRecordError(path);
  return data;
}

function journalOver(file: Journal | null, found: readonly IntentRecord[] = []): IntentJournal {
  const intents = new Map<string, Intent>();
  for (const record of found) apply(intents, record);
  let tidiedBytes = file?.bytes() ?? 0;
  const tidyWhenDue = () => {
    if (file === null || file.bytes() - tidiedBytes < TIDY_BYTES) return;
    forgetOld(intents);
    file.replace([...intents.values()].flatMap(recordsOf));
    tidiedBytes = file.bytes();
  };
  const keep = async (records: readonly IntentRecord[]): Promise<void> => {
    const durable = file?.append(records);
    for (const record of records) apply(intents, record);
    await durable;
  };
  return {
    notice: file?.notice ?? null,
    intend: (list) => keep(list.flatMap((intent) => recordsOf({ ...intent, outcome: null }))),
    async sign(id, signed) {
      await keep([{ kind: "signed", id, ...signed }]);
      return present(intents.get(id), `the intent ${id}`);
    },
    end(id, outcome) {
      const record = { ...outcome, id };
      file?.note([record]);
      apply(intents, record);
      if (file === null && intents.get(id)?.callHash === null) intents.delete(id);
      tidyWhenDue();
    },
    find: (id) => intents.get(id) ?? null,
    list: () => [...intents.values()].sort((a, b) => a.sequence - b.sequence),
    close: async () => file?.close(),
  };
}

function apply(intents: Map<string, Intent>, record: IntentRecord): void {
  const { id } = record;
  if (record.kind === "intended") {
    const { sequence, label, callHash, kind: _, ...rest } = record;
    intents.set(id, { id, sequence, label, callHash, signed: [signedOf(rest)], outcome: null });
    return;
  }
  const known = intents.get(id);
  if (known === undefined) return;
  if (record.kind === "signed") intents.set(id, { ...known, signed: [...known.signed, signedOf(record)] });
  else if (record.kind === "mined")
    intents.set(id, { ...known, outcome: { kind: "mined", hash: record.hash, block: record.block } });
  else intents.set(id, { ...known, outcome: { kind: "failed", reason: record.reason } });
}

function signedOf({ nonce, hash, raw, gasPrice }: Signed): Signed {
  return { nonce, hash, raw, gasPrice };
}

function recordsOf({ signed: all, outcome, ...intent }: Intent): IntentRecord[] {
  const { id } = intent;
  const [first, ...more] = all;
  const { sequence, label, callHash } = intent;
  return [
    { kind: "intended", id, sequence, label, callHash, ...present(first, `a transaction of intent ${id}`) },
    ...more.map((each) => ({ kind: "signed" as const, id, ...each })),
    ...(outcome === null ? [] : [{ ...outcome, id }]),
  ];
}

/** What is over and can't come back is forgotten; of what its caller named the outcome stays. */
function forgetOld(intents: Map<string, Intent>): void {
  const blockOf = ({ outcome }: Intent) => (outcome?.kind === "mined" ? outcome.block : null);
  const newest = Math.max(0, ...[...intents.values()].map((intent) => blockOf(intent) ?? 0));
  const over = [...intents.values()].filter((intent) => {
    const block = blockOf(intent);
    return intent.outcome?.kind === "failed" || (block !== null && block < newest - KEPT_BLOCKS);
  });
  const named = over.filter(({ callHash }) => callHash !== null);
  const spared = new Set(named.slice(-MAX_NAMED).map(({ id }) => id));
  for (const { id } of over) if (!spared.has(id)) intents.delete(id);
  for (const intent of named)
    if (spared.has(intent.id))
      intents.set(intent.id, { ...intent, signed: intent.signed.map((each) => ({ ...each, raw: "0x" })) });
}

export class IntentRecordError extends DomainError {
  readonly code = "intentRecordUnknown";

  constructor(path: string) {
    super(`${path} holds a record that this version does not know; use the version that wrote it`);
  }
}
