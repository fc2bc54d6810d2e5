import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { pino } from "pino";
import { chargeWordsOf, movementWordsOf } from "#domains/domain.ts";
import { DOMAINS } from "#domains/domains.ts";
import { withExports } from "#domains/exporting/domain.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { joinGateways } from "#domains/metering/readingDesk.ts";
import { joinDesks } from "#domains/pool/orderDesks.ts";
import { reasonsOfLines } from "#domains/pool/reasonsOfLines.ts";
import { createApi } from "#platform/api/createApi.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import { isPool } from "./areaScenario.ts";
import { createAuditJob } from "./auditJob.ts";
import type { CommunityNode } from "./communityNode.ts";
import type { Config } from "./config.ts";
import { createDemonstrationWallet, demonstrationKeys, namedApart } from "./demonstrationWallet.ts";
import { kindOf } from "./kinds.ts";
import type { OpenMarket, Records, WatchedArea } from "./openMarket.ts";
import { openMeterBroker } from "./openMeterBroker.ts";
import { firstOf, type RunningCommunities, worldNow } from "./runningCommunities.ts";

const HOST = "127.0.0.1";

/** Opens the API with its page over a market. Gives their address. */
export async function openPage(
  community: RunningCommunities,
  { store, feed, tariffOf, areas, clock, incidents, duties, agents, speed }: Records & OpenMarket,
): Promise<string> {
  const { options, config, opened } = community;
  const node = firstOf(community.nodes);
  const accountNames = new Map(areas.flatMap((area) => [...accountNamesOf(area, areas.length > 1)]));
  const byArea = <Value>(read: (area: WatchedArea) => Value | null | undefined) =>
    new Map(
      areas.flatMap((area) => {
        const value = read(area);
        return value === null || value === undefined ? [] : [[area.areaId, value] as const];
      }),
    );
  const { currency, timeZone } = node.scenario;
  const readingDesk = joinGateways(byArea(({ services }) => services.meterGateway));
  await openMeterBroker(community, { store, desk: readingDesk, now: clock.now });
  const billWords = { currency, timeZone, tariffOf, explainCharge: chargeWordsOf(DOMAINS) };
  const api = await createApi(
    {
      store,
      directory: createDirectory(store.db),
      ...billWords,
      movementWords: movementWordsOf(DOMAINS),
      reasonsOf: reasonsOfLines(store.db, billWords),
      quotaDesks: byArea(({ services }) => services.quotaDesk),
      sessionOffices: byArea(({ services }) => services.sessionOffice),
      stationsNow: byArea(({ services }) => services.stationsNow),
      readingDesk,
      orderDesk: joinDesks(byArea(({ services }) => services.orderDesk)),
      now: clock.now,
      clockSpeed: speed,
      worldNow,
      network: node.network,
      demonstration: node.isDemonstration ? demonstrationOf(community, areas, accountNames) : null,
      dashboardDirectory: builtDashboard(config),
      areaNames: byArea(({ scenario: { title, description } }) => ({ name: title, description })),
      retailParts: byArea(({ scenario }) => (isPool(scenario) ? scenario.retailParts : null)),
      flows: byArea(({ services }) => services.flows),
      accountNames,
      readiness: async () => [await chainCheck(node), ...areas.flatMap(({ watch }) => watch.checks())],
      events: feed,
      incidents,
      agents,
      dutiesBehind: duties.behind,
      processedPerHour: () => sumOfKnown(areas.map(({ watch }) => watch.processedPerHour())),
      audits: openAudits(community),
      logger: pino({ level: "error" }, process.stderr),
    },
    withExports(DOMAINS),
  );
  opened.push(() => api.close());
  return api.listen({ host: HOST, port: options.port ?? config.port });
}

function sumOfKnown(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : known.reduce((sum, number) => sum + number, 0);
}

function demonstrationOf(
  { nodes }: RunningCommunities,
  areas: readonly WatchedArea[],
  accountNames: ReadonlyMap<number, string>,
) {
  const { network, founded } = firstOf(nodes);
  const keys = nodes.map(({ scenario, keyring, founded: { areaId } }) => {
    const members = kindOf(scenario).membersOf(scenario);
    const { demonstrationKeys: besides = [] } = areas.find((area) => area.areaId === areaId)?.services ?? {};
    const own = demonstrationKeys({ scenario, members, keyring, accountNames });
    return { of: scenario.title, keys: [...own, ...besides] };
  });
  return createDemonstrationWallet({
    network,
    deployment: founded.deployment,
    keys: namedApart(keys),
  });
}

function openAudits({ nodes, config, report, opened }: RunningCommunities) {
  const node = firstOf(nodes);
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

/** Where there are several communities, operators are named with theirs. */
function accountNamesOf(
  { scenario, services }: WatchedArea,
  isOneOfSeveral: boolean,
): ReadonlyMap<number, string> {
  const account = (member: number) => accountOf(scenario, member);
  const place = isOneOfSeveral ? ` of ${scenario.title}` : "";
  const members = kindOf(scenario).membersOf(scenario);
  return new Map([
    [account(PARTIES.supplier), `Supplier${place}`],
    [account(PARTIES.dso), `Grid operator${place}`],
    [account(PARTIES.fund), `Community fund${place}`],
    ...members
      .filter(({ member, holder }) => member === holder)
      .map(({ member, name }) => [account(member), name] as const),
    ...(services.demonstrationKeys ?? []).flatMap(({ account: known, name }) =>
      known === null ? [] : [[known, name] as const],
    ),
  ]);
}

async function chainCheck({ network }: CommunityNode) {
  try {
    const chainId = await network.client.getChainId();
    const isOurs = chainId === network.chainId;
    return { name: "chain", isReady: isOurs, detail: `chain id ${chainId}` };
  } catch {
    const held = network.heldBack();
    const detail = held?.detail ?? `no chain answers at ${network.rpcUrl}`;
    return { name: "chain", isReady: false, detail, ...(held && { since: held.since }) };
  }
}

/** A source tree that runs unbuilt has none. */
function builtDashboard({ dashboardDirectory }: Config): string | null {
  return existsSync(join(dashboardDirectory, "index.html")) ? dashboardDirectory : null;
}
