import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { pino } from "pino";
import { createAuditJob } from "#cli/auditJob.ts";
import type { Config } from "#config.ts";
import { DOMAINS } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { marketsOfLines } from "#domains/pool/marketsOfLines.ts";
import { createApi } from "#platform/api/createApi.ts";
import { DSO_ACCOUNT, FUND_ACCOUNT, SUPPLIER_ACCOUNT } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { CommunityNode } from "./communityNode.ts";
import { createDemonstrationWallet, demonstrationKeys } from "./demonstrationWallet.ts";
import { type OpenMarket, type Records, type RunningCommunity, worldNow } from "./openMarket.ts";

const HOST = "127.0.0.1";

/** Opens the API with its page over a market. Gives their address. */
export async function openPage(
  community: RunningCommunity,
  { store, feed, tariffOf, roles, watch, flows, speed }: Records & OpenMarket,
): Promise<string> {
  const { node, scenario, options, config, opened } = community;
  const { areaId } = node.founded;
  const accountNames = accountNamesOf(scenario);
  const api = await createApi(
    {
      store,
      directory: createDirectory(store.db),
      marketsOf: marketsOfLines(store.db),
      orderDesk: roles.desk,
      now: roles.clock.now,
      clockSpeed: speed,
      worldNow,
      network: node.network,
      demonstration: demonstrationOf(community, accountNames),
      dashboardDirectory: builtDashboard(config),
      tariffOf,
      currency: scenario.currency,
      areaNames: new Map([[areaId, { name: scenario.title, description: scenario.description }]]),
      timeZone: scenario.timeZone,
      retailParts: scenario.retailParts,
      flows: { areaId, history: flows, capacityWh: batteryCapacityWh(scenario) },
      accountNames,
      readiness: async () => [await chainCheck(node), ...watch.checks()],
      events: feed,
      incidents: roles.incidents,
      processedPerHour: watch.processedPerHour,
      audits: openAudits(community),
      logger: pino({ level: "error" }, process.stderr),
    },
    DOMAINS,
  );
  opened.push(() => api.close());
  return api.listen({ host: HOST, port: options.port ?? config.port });
}

function demonstrationOf({ node, scenario }: RunningCommunity, accountNames: ReadonlyMap<number, string>) {
  const keys = demonstrationKeys(scenario, node.keyring, accountNames);
  return createDemonstrationWallet({ network: node.network, deployment: node.founded.deployment, keys });
}

function openAudits({ node, config, report, opened }: RunningCommunity) {
  const audits = createAuditJob({
    script: config.script,
    network: basename(node.folder),
    rpcUrl: node.chain.rpcUrl,
    folder: node.folder,
    worldNow,
    onNotice: report.say,
    onFailure: (sentence) => void process.stderr.write(`commonwatt: ${sentence}\n`),
  });
  opened.push(() => audits.stop());
  return audits;
}

function batteryCapacityWh({ homes }: Scenario): number {
  return homes.reduce((sum, { battery }) => sum + (battery?.capacityWh ?? 0), 0);
}

function accountNamesOf(scenario: Scenario): ReadonlyMap<number, string> {
  return new Map([
    [SUPPLIER_ACCOUNT, "Supplier"],
    [DSO_ACCOUNT, "Grid operator"],
    [FUND_ACCOUNT, "Community fund"],
    ...scenario.homes.map(({ account, name }) => [account, name] as const),
  ]);
}

async function chainCheck({ network }: CommunityNode) {
  try {
    const chainId = await network.client.getChainId();
    const isOurs = chainId === network.chainId;
    return { name: "chain", isReady: isOurs, detail: `chain id ${chainId}` };
  } catch {
    return { name: "chain", isReady: false, detail: `no chain answers at ${network.rpcUrl}` };
  }
}

/** A source tree that runs unbuilt has none. */
function builtDashboard({ dashboardDirectory }: Config): string | null {
  return existsSync(join(dashboardDirectory, "index.html")) ? dashboardDirectory : null;
}
