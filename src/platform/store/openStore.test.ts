import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DOMAINS, NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { ProcessLockedError } from "#platform/system/processLock.ts";
import { dumpTables } from "./dumpTables.ts";
import { createHistory, ordinaryOrders } from "./marketHistory.fixture.ts";
import { openStore, StoreDamagedError } from "./openStore.ts";
import { progressOf, project } from "./project.ts";

let directory: string;
let emptyDatabase: string;

beforeAll(async () => {
  const template = await PGlite.create();
  const dump = await template.dumpDataDir("gzip");
  await template.close();
  emptyDatabase = join(mkdtempSync(join(tmpdir(), "commonwatt-empty-")), "empty.tar.gz");
  writeFileSync(emptyDatabase, Buffer.from(await dump.arrayBuffer()));
});
afterAll(() => rmSync(dirname(emptyDatabase), { recursive: true, force: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-store-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Opens the database of a directory, which begins as a copy of the empty one. */
function open(place: string, deployment = DEPLOYMENT) {
  return openStore({ directory: place, domains: DOMAINS, deployment, emptyDatabase });
}

test("a database begins as a copy of an empty one, and what was projected is there again after a restart; another owner is refused with the pid", async () => {
  const history = createHistory();
  history.clear(100, ordinaryOrders(100));
  const first = await open(directory);
  await project(first, history.events, projectorOf(NO_SOURCES));
  const before = await dumpTables(first);
  const second = open(directory);
  await expect(second).rejects.toThrow(ProcessLockedError);
  await expect(second).rejects.toThrow(String(process.pid));
  await first.close();
  const again = await open(directory);
  expect(again.notice).toBeNull();
  expect(await dumpTables(again)).toEqual(before);
  await again.close();
});

test("a database of another deployment is dropped, and says so", async () => {
  const first = await open(directory);
  await project(first, createHistory().events, projectorOf(NO_SOURCES));
  await first.close();
  const other = await open(directory, { ...DEPLOYMENT, chainId: 1 });
  expect(other.notice).toContain("another deployment");
  expect(await progressOf(other.db)).toBeNull();
  await other.close();
});

test("a database that can't be opened is named and kept, and the lock is given back", async () => {
  writeFileSync(join(directory, "database"), "no database");
  await expect(open(directory)).rejects.toThrow(StoreDamagedError);
  await expect(open(directory)).rejects.toThrow(StoreDamagedError);
});

test("a database whose making was cut off is made anew", async () => {
  mkdirSync(join(directory, "database", "base"), { recursive: true });
  writeFileSync(join(directory, "database", "PG_VERSION"), "17");
  await expect(open(directory)).rejects.toThrow(StoreDamagedError);
  writeFileSync(join(directory, "database.making"), "");
  await (await open(directory)).close();
  expect(existsSync(join(directory, "database.making"))).toBe(false);
});

test("where there is no empty database to copy, the engine makes one", async () => {
  const store = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT });
  expect(store.notice).toBeNull();
  expect(await progressOf(store.db)).toBeNull();
  await store.close();
});
