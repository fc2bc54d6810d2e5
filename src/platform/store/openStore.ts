import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { eq, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { drizzle, type PgliteDatabase } from "drizzle-orm/pglite";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import { storageFault } from "#platform/system/storageFault.ts";
import { createStatements, dropStatements, rawStatement, schemaFingerprint } from "./createTables.ts";
import { LOG_TABLES, meta, SEALED_EVENTS } from "./schema.ts";
import { createSealing, dropSealing } from "./sealed/createSealing.ts";
import type { SealedTable } from "./sealed/sealedTable.ts";
import { createUndo, dropUndo } from "./undo/createUndo.ts";

/** Where the database of a directory lies, and what its process holds. */
export const DATABASE = { folder: "database", lock: "database.lock" } as const;

export type Database = PgliteDatabase;

/** A database or a transaction of it. */
export type Queryable = Pick<
  Database,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute"
>;

/**
 * The database: a projection of one deployment's chain and of the archives beside it, which can be dropped and rebuilt.
 *
 * @property tables the log's and those of the domains, in the order in which they are created
 * @property sealed those of them whose old rows are sealed, in the order in which they are
 * @property notesChanges whether blocks can be undone that are not final: on a chain where each is final at once none need be
 * @property notice says when what was on disk belonged to another deployment or schema and was dropped; else null
 */
export type Store = {
  readonly db: Database;
  readonly deployment: Deployment;
  readonly tables: readonly PgTable[];
  readonly sealed: readonly SealedTable[];
  readonly notesChanges: boolean;
  readonly notice: string | null;
  close(): Promise<void>;
};

/**
 * Opens the database in `directory` and holds it for this process; null keeps it in memory. A new one begins as a copy of
 * `emptyDatabase`, a gzipped dump, when that file exists: that takes a third of the time that its engine needs to make one.
 *
 * @throws ProcessLockedError when another process has it open
 * @throws StoreDamagedError when what is on disk can't be opened
 * @throws StorageFaultError when the disk is full or can't be written
 */
export async function openStore({
  directory,
  deployment,
  domains,
  notesChanges = false,
  emptyDatabase = null,
}: {
  directory: string | null;
  deployment: Deployment;
  domains: readonly { readonly tables?: readonly PgTable[]; readonly sealed?: readonly SealedTable[] }[];
  notesChanges?: boolean;
  emptyDatabase?: string | null;
}): Promise<Store> {
  const tables = [...LOG_TABLES, ...domains.flatMap((domain) => domain.tables ?? [])];
  const sealed = [SEALED_EVENTS, ...domains.flatMap((domain) => domain.sealed ?? [])];
  const open = (client: PGlite, release: () => void) =>
    prepare({ client, deployment, tables, sealed, notesChanges, release });
  if (directory === null) return open(await makeDatabase(null, emptyDatabase), () => undefined);
  mkdirSync(directory, { recursive: true });
  const lock = acquireProcessLock(join(directory, DATABASE.lock));
  try {
    const path = join(directory, DATABASE.folder);
    const client = await openOrMake(path, emptyDatabase).catch((cause: unknown) => {
      throw storageFault(cause) ?? new StoreDamagedError(path, cause);
    });
    return await open(client, () => lock.release()).catch(async (cause: unknown) => {
      await client.close();
      throw storageFault(cause) ?? new StoreDamagedError(path, cause);
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Opens the database at `path`, or makes one; of one whose making was cut off nothing stays. */
async function openOrMake(path: string, emptyDatabase: string | null): Promise<PGlite> {
  const making = `${path}.making`;
  if (existsSync(making)) rmSync(path, { recursive: true, force: true });
  if (existsSync(path)) return PGlite.create({ dataDir: path, startParams, ...OPTIONS });
  writeFileSync(making, "");
  const client = await makeDatabase(path, emptyDatabase);
  rmSync(making);
  return client;
}

function makeDatabase(path: string | null, emptyDatabase: string | null): Promise<PGlite> {
  const place = { ...(path === null ? {} : { dataDir: path }), startParams, ...OPTIONS };
  if (emptyDatabase === null || !existsSync(emptyDatabase)) return PGlite.create(place);
  const dump = new Blob([readFileSync(emptyDatabase)], { type: "application/gzip" });
  return PGlite.create({ ...place, loadDataDir: dump });
}

/**
 * A small server's memory and disk: pages in the cache, and the log of changes, which only a checkpoint shortens. What is lost
 * with them is projected again.
 */
const SETTINGS = [
  "shared_buffers=16MB",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "min_wal_size=32MB",
  "max_wal_size=32MB",
];
/** Bytes go to and from the database as the digits that it writes them with: the driver would turn each byte by itself. */
const DIGITS = { [types.BYTEA]: (digits: string) => digits };
const OPTIONS = { parsers: DIGITS, serializers: DIGITS };
const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ["-c", setting])];

/** Gives the room of replaced rows to new ones, and shortens the log of changes: the engine does neither by itself here. */
export async function tidyStore({ db }: Pick<Store, "db">): Promise<void> {
  await db.execute(rawStatement("VACUUM"));
  await db.execute(rawStatement("CHECKPOINT"));
}

/** Drops all rows; the next projection begins with the deployment's first block. */
export async function emptyStore({ db, deployment, ...schema }: StoreContent): Promise<void> {
  const statements = [
    ...dropSealing(schema.sealed),
    ...dropStatements(schema.tables),
    ...dropUndo(),
    ...schemaStatements(schema),
  ];
  await db.transaction(async (tx) => {
    for (const statement of statements) await tx.execute(rawStatement(statement));
    await tx.insert(meta).values({ key: FINGERPRINT, value: fingerprintOf({ deployment, ...schema }) });
  });
}

type StoreContent = Pick<Store, "db" | "deployment" | "tables" | "sealed" | "notesChanges">;

function schemaStatements({
  tables,
  sealed,
  notesChanges,
}: Pick<Store, "tables" | "sealed" | "notesChanges">): string[] {
  return [...createStatements(tables), ...createSealing(sealed), ...createUndo(tables, notesChanges)];
}

const FINGERPRINT = "fingerprint";

async function prepare({
  client,
  release,
  ...content
}: Omit<StoreContent, "db"> & { client: PGlite; release: () => void }): Promise<Store> {
  const db = drizzle({ client });
  const found = await readFingerprint(db);
  const isCurrent = found === fingerprintOf(content);
  if (!isCurrent) await emptyStore({ db, ...content });
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
  return { db, ...content, notice, close };
}

/** What the tables hold, null when there are none. */
async function readFingerprint(db: Database): Promise<string | null> {
  const exists: SQL = rawStatement("SELECT to_regclass('public.meta') IS NOT NULL AS found");
  const { rows } = await db.execute<{ found: boolean }>(exists);
  if (!rows[0]?.found) return null;
  const [row] = await db.select().from(meta).where(eq(meta.key, FINGERPRINT));
  return row?.value ?? "";
}

/** Names the chain and the addresses of the contracts too: another deployment is another database. */
function fingerprintOf({ deployment, ...schema }: Omit<StoreContent, "db">): string {
  const { chainId, deployedAtBlock, contracts } = deployment;
  const places = Object.entries(contracts).map(([name, address]) => `${name}=${address}`);
  return [schemaFingerprint(schemaStatements(schema)), chainId, deployedAtBlock, ...places.sort()].join(" ");
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
