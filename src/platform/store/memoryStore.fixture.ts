import { fileURLToPath } from "node:url";
import { DOMAINS } from "#domains/domains.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { openStore, type Store } from "./openStore.ts";

/** Which the build makes; tests run it first. Without it a database takes three times as long. */
const EMPTY_DATABASE = fileURLToPath(new URL("../../../dist/emptyDatabase.tar.gz", import.meta.url));

/** A test's database, in memory: of the deployment that fixtures speak of, if of no other, and of all fields. */
export function openMemoryStore({
  deployment = DEPLOYMENT,
  domains = DOMAINS,
  notesChanges = false,
}: {
  readonly deployment?: Deployment;
  readonly notesChanges?: boolean;
  readonly domains?: Parameters<typeof openStore>[0]["domains"];
} = {}): Promise<Store> {
  return openStore({ directory: null, deployment, domains, notesChanges, emptyDatabase: EMPTY_DATABASE });
}
