import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Depot, depotKeys, foundDepot } from "#domains/charging/shanghai/depot.ts";
import { computeCase } from "#domains/charging/shanghai/quotaOutcome.ts";
import { runPeriod } from "#domains/charging/shanghai/runPeriod.ts";
import { DELIVERY_AT, type StationName, shanghaiTerms } from "#domains/charging/shanghai/shanghaiCase.ts";
import { CONTRACTS, NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { keySigner, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readHistory } from "#platform/chain/history.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";

export const INTERVAL_SECONDS = 900;
export const MARGIN_W = 323_000;
/** The delivery from 18:30 in Shanghai. */
export const PERIOD = DELIVERY_AT / 1_800;

/** The case of Shanghai, run on an embedded chain, in a database and behind an API with its pages. */
export type QuotaDepot = {
  readonly depot: Depot;
  readonly events: readonly ChainEvent[];
  readonly store: Store;
  readonly origin: string;
  readonly cookieOf: (who: StationName | "dso") => Promise<string>;
  readonly stop: () => Promise<void>;
};

export async function startQuotaDepot(chainId: number): Promise<QuotaDepot> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-depot-"));
  const chain = await startEmbeddedChain({ directory, chainId, genesisTimestamp: DELIVERY_AT - 86_400 });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, request: chain.request, gasPrice: 0n });
  const keyring = createKeyring("quota pages");
  const admin = createSender(network, chain.fundingPrivateKey);
  const certifier = keyring.key(depotKeys.certifier).address;
  const holders = { registrar: admin.address, operator: admin.address, certifier };
  const deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders });
  const base = { network, deployment, keyring, admin, intervalSeconds: INTERVAL_SECONDS };
  const depot = await foundDepot({ ...base, terms: shanghaiTerms("midpoint") });
  const what = { marginW: MARGIN_W, pricing: "midpoint", intervalSeconds: INTERVAL_SECONDS } as const;
  const { importWh } = computeCase(what);
  await runPeriod({ ...what, settling: "oneByOne", depot, setTime: chain.setNextBlockTime, importWh });
  const toBlock = Number(await network.client.getBlockNumber());
  const events: ChainEvent[] = [];
  const range = { client: network.client, deployment, specs: CONTRACTS, fromBlock: 0, toBlock };
  for await (const event of readHistory(range)) events.push(event);
  const store = await openMemoryStore({ deployment });
  await project(store, events, projectorOf(NO_SOURCES));
  const pages = resolve("dist/dashboard");
  const now = DELIVERY_AT + 3_600;
  const api = await openApiFixture({
    store,
    network,
    directory: createDirectory(store.db),
    dashboardDirectory: existsSync(join(pages, "index.html")) ? pages : null,
    now: () => now,
    timeZone: "Asia/Shanghai",
    currency: "CNY",
    retailParts: new Map(),
    flows: new Map(),
    areaNames: new Map([[depot.areaId, { name: "Depot", description: null }]]),
    accountNames: new Map(),
  });
  const origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
  return {
    depot,
    events,
    store,
    origin,
    cookieOf: async (who) => {
      const name = who === "dso" ? depotKeys.party("dso") : depotKeys.station(who);
      return (await signInAt(origin, keySigner(keyring.key(name).privateKey))).cookie;
    },
    async stop() {
      await api.close();
      await store.close();
      await chain.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
