import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DOMAINS, NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { ProcessLockedError } from "#platform/system/processLock.ts";
import { dumpTables } from "./dumpTables.ts";
import { createHistory, ordinaryOrders } from "./marketHistory.fixture.ts";
import { openStore, StoreDamagedError } from "./openStore.ts";
import { progressOf, project } from "./project.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-store-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("what was projected is there again after a restart; another owner is refused with the pid", async () => {
  const history = createHistory();
  history.clear(100, ordinaryOrders(100));
  const first = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT });
  await project(first, history.events, projectorOf(NO_SOURCES));
  const before = await dumpTables(first);
  const second = openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT });
  await expect(second).rejects.toThrow(ProcessLockedError);
  await expect(second).rejects.toThrow(String(process.pid));
  await first.close();
  const again = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT });
  expect(again.notice).toBeNull();
  expect(await dumpTables(again)).toEqual(before);
  await again.close();
});

test("a database of another deployment is dropped, and says so", async () => {
  const first = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT });
  await project(first, createHistory().events, projectorOf(NO_SOURCES));
  await first.close();
  const other = await openStore({ directory, domains: DOMAINS, deployment: { ...DEPLOYMENT, chainId: 1 } });
  expect(other.notice).toContain("another deployment");
  expect(await progressOf(other.db)).toBeNull();
  await other.close();
});

test("a database that can't be opened is named and kept, and the lock is given back", async () => {
  writeFileSync(join(directory, "database"), "no database");
  await expect(openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT })).rejects.toThrow(
    StoreDamagedError,
  );
  await expect(openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT })).rejects.toThrow(
    StoreDamagedError,
  );
});

test("a new database may begin as a copy of an empty one, and is then used as it is", async () => {
  const template = await PGlite.create();
  const dump = await template.dumpDataDir("gzip");
  await template.close();
  const emptyDatabase = join(directory, "empty.tar.gz");
  writeFileSync(emptyDatabase, Buffer.from(await dump.arrayBuffer()));

  const history = createHistory();
  history.clear(100, ordinaryOrders(100));
  const first = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT, emptyDatabase });
  await project(first, history.events, projectorOf(NO_SOURCES));
  const before = await dumpTables(first);
  await first.close();
  const again = await openStore({ directory, domains: DOMAINS, deployment: DEPLOYMENT, emptyDatabase });
  expect(again.notice).toBeNull();
  expect(await dumpTables(again)).toEqual(before);
  await again.close();
});
