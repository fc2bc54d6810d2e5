import { asc, eq, getTableColumns, inArray, or, sql } from "drizzle-orm";
import { balances, margins, participants } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { isInShort, type ShortHash } from "#platform/store/queries/shortHash.ts";

/** A participant with its balances, micro; margin and escrow in all markets together. */
export type ParticipantView = typeof participants.$inferSelect & {
  readonly freeMicro: bigint;
  readonly marginMicro: bigint;
  readonly escrowMicro: bigint;
};

/** Participants by rising account number. */
export function listParticipants(db: Queryable, { limit, offset }: Page): Promise<ParticipantView[]> {
  return select(db).orderBy(asc(participants.account)).limit(limit).offset(offset);
}

export async function findParticipant(db: Queryable, account: number): Promise<ParticipantView | null> {
  const [row] = await select(db).where(eq(participants.account, account));
  return row ?? null;
}

/** The participant that an address, in lower case, owns. */
export async function findParticipantByOwner(db: Queryable, owner: string): Promise<ParticipantView | null> {
  const [row] = await select(db).where(eq(participants.owner, owner));
  return row ?? null;
}

/** Participants whose owner or agent has an address that begins and ends so. */
export function findParticipantsInShort(
  db: Queryable,
  { limit, ...short }: ShortHash & { readonly limit: number },
): Promise<ParticipantView[]> {
  return select(db)
    .where(or(isInShort(participants.owner, short), isInShort(participants.agent, short)))
    .orderBy(asc(participants.account))
    .limit(limit);
}

/** The participants with some accounts, which are few, in no order. */
export function listParticipantsOf(db: Queryable, accounts: readonly number[]): Promise<ParticipantView[]> {
  return select(db).where(inArray(participants.account, [...accounts]));
}

/** What some accounts have in each market, by rising seat. */
export function listMargins(db: Queryable, accounts: readonly number[]) {
  return db
    .select()
    .from(margins)
    .where(inArray(margins.account, [...accounts]))
    .orderBy(asc(margins.seat), asc(margins.market));
}

function select(db: Queryable) {
  return db
    .select({
      ...getTableColumns(participants),
      freeMicro: sql<bigint>`coalesce(${balances.freeMicro}, 0)`.mapWith(BigInt),
      marginMicro: inAllMarkets(margins.marginMicro),
      escrowMicro: inAllMarkets(margins.escrowMicro),
    })
    .from(participants)
    .leftJoin(balances, eq(balances.account, participants.account));
}

function inAllMarkets(column: typeof margins.marginMicro | typeof margins.escrowMicro) {
  return sql<bigint>`(
    select coalesce(sum(${margins}.${sql.identifier(column.name)}), 0) from ${margins}
    where ${margins}."account" = ${participants}."account"
  )`.mapWith(BigInt);
}
