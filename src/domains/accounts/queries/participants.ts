import { asc, desc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Page } from "#platform/store/queries/page.ts";
import { balances, deviceKeys, movements, participants } from "#platform/store/schema.ts";

/** A participant with its balances, micro. */
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

/** The participant that an address, in lower case, answers for. */
export async function findParticipantByAddress(
  db: Queryable,
  address: string,
): Promise<ParticipantView | null> {
  const [row] = await select(db).where(eq(participants.address, address)).orderBy(asc(participants.account));
  return row ?? null;
}

/** The participants with some accounts, which are few, in no order. */
export function listParticipantsOf(db: Queryable, accounts: readonly number[]): Promise<ParticipantView[]> {
  return select(db).where(inArray(participants.account, [...accounts]));
}

/** Movements of an account's money, the latest first. */
export function listMovements(db: Queryable, { account, limit, offset }: Page & { account: number }) {
  return db
    .select()
    .from(movements)
    .where(eq(movements.account, account))
    .orderBy(desc(movements.block), desc(movements.logIndex), asc(movements.kind))
    .limit(limit)
    .offset(offset);
}

/** The keys that a metering point signed with, the latest first (R6.11). */
export function listDeviceKeys(db: Queryable, { meterId, limit, offset }: Page & { meterId: string }) {
  return db
    .select()
    .from(deviceKeys)
    .where(eq(deviceKeys.meterId, meterId))
    .orderBy(desc(deviceKeys.block), desc(deviceKeys.logIndex))
    .limit(limit)
    .offset(offset);
}

function select(db: Queryable) {
  return db
    .select({
      ...getTableColumns(participants),
      freeMicro: orZero(balances.freeMicro),
      marginMicro: orZero(balances.marginMicro),
      escrowMicro: orZero(balances.escrowMicro),
    })
    .from(participants)
    .leftJoin(balances, eq(balances.account, participants.account));
}

function orZero(
  column: typeof balances.freeMicro | typeof balances.marginMicro | typeof balances.escrowMicro,
) {
  return sql<bigint>`coalesce(${column}, 0)`.mapWith(BigInt);
}
