import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { eq, type SQL } from "drizzle-orm";
import { drizzle, type PgliteDatabase } from "drizzle-orm/pglite";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import { createStatements, dropStatements, rawStatement, schemaFingerprint } from "./createTables.ts";
import { meta } from "./schema.ts";

export type Database = PgliteDatabase;

/** A database or a transaction of it. */
export type Queryable = Pick<
  Database,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute"
>;

/**
 * The database: a projection of one deployment's chain and of the readings' archive, which can be dropped and rebuilt.
 *
 * @property notice says when what was on disk belonged to another deployment or schema and was dropped; else null
 */
export type Store = {
  readonly db: Database;
  readonly deployment: Deployment;
  readonly notice: string | null;
  close(): Promise<void>;
};

/**
 * Opens the database in `directory` and holds it for this process; null keeps it in memory. A new one begins as a copy of
 * `emptyDatabase`, a gzipped dump, when that file exists: that takes a third of the time that its engine needs to make one.
 *
 * @throws ProcessLockedError when another process has it open
 * @throws StoreDamagedError when what is on disk can't be opened
 */
export async function openStore({
  directory,
  deployment,
  emptyDatabase = null,
}: {
  directory: string | null;
  deployment: Deployment;
  emptyDatabase?: string | null;
}): Promise<Store> {
  if (directory === null) return prepare(await PGlite.create(), deployment, () => undefined);
  mkdirSync(directory, { recursive: true });
  const lock = acquireProcessLock(join(directory, "database.lock"));
  try {
    const path = join(directory, "database");
    const client = await createOrOpen(path, emptyDatabase).catch((cause: unknown) => {
      throw new StoreDamagedError(path, cause);
    });
    return await prepare(client, deployment, () => lock.release()).catch(async (cause: unknown) => {
      await client.close();
      throw new StoreDamagedError(path, cause);
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function createOrOpen(path: string, emptyDatabase: string | null): Promise<PGlite> {
  if (existsSync(path) || emptyDatabase === null || !existsSync(emptyDatabase)) return PGlite.create(path);
  const dump = new Blob([readFileSync(emptyDatabase)], { type: "application/gzip" });
  return PGlite.create({ dataDir: path, loadDataDir: dump });
}

/** Drops all rows; the next projection begins with the deployment's first block. */
export async function emptyStore({ db, deployment }: Pick<Store, "db" | "deployment">): Promise<void> {
  const statements = [...dropStatements(), ...createStatements()];
  await db.transaction(async (tx) => {
    for (const statement of statements) await tx.execute(rawStatement(statement));
    await tx.insert(meta).values({ key: FINGERPRINT, value: fingerprintOf(deployment) });
  });
}

const FINGERPRINT = "fingerprint";

async function prepare(client: PGlite, deployment: Deployment, release: () => void): Promise<Store> {
  const db = drizzle({ client });
  const found = await readFingerprint(db);
  const isCurrent = found === fingerprintOf(deployment);
  if (!isCurrent) await emptyStore({ db, deployment });
  const notice =
    isCurrent || found === null
      ? null
      : "the database was of another deployment or version; it is rebuilt from the chain";
  const close = async () => {
    try {
      await client.close();
    } finally {
      release();
    }
  };
  return { db, deployment, notice, close };
}

/** What the tables hold, null when there are none. */
async function readFingerprint(db: Database): Promise<string | null> {
  const exists: SQL = rawStatement("SELECT to_regclass('public.meta') IS NOT NULL AS found");
  const { rows } = await db.execute<{ found: boolean }>(exists);
  if (!rows[0]?.found) return null;
  const [row] = await db.select().from(meta).where(eq(meta.key, FINGERPRINT));
  return row?.value ?? "";
}

function fingerprintOf(deployment: Deployment): string {
  return `${schemaFingerprint()} ${deployment.chainId} ${deployment.poolMarket} ${deployment.deployedAtBlock}`;
}

export class StoreDamagedError extends DomainError {
  readonly code = "storeDamaged";

  constructor(path: string, cause: unknown) {
    super(
      `the database at ${path} can't be opened; it is a projection: move it away and it is rebuilt from the chain`,
      { cause },
    );
  }
}
