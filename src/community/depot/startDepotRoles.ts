import { type QuotaRoles, quotaDuties } from "#domains/charging/duties.ts";
import type { HeardEnergy } from "#domains/charging/heardEnergy.ts";
import { type OpenQuotaOrder, openQuotaDesk, type QuotaDesk } from "#domains/charging/quotaDesk.ts";
import type { QuotaOrderArchive } from "#domains/charging/quotaOrderArchive.ts";
import { createQuotaStations, type QuotaStations } from "#domains/charging/quotaStations.ts";
import {
  createQuotaView,
  openQuotaTerms,
  type QuotaTermsSchedule,
  type QuotaView,
} from "#domains/charging/quotaView.ts";
import { quotaSeparator } from "#domains/charging/rules/signedQuotaOrder.ts";
import { reportRefusedQuotaOrder } from "#domains/charging/stationIncidents.ts";
import { readArea } from "#domains/metering/areaRegistry.ts";
import { meteringDuties } from "#domains/metering/duties.ts";
import { memberSource, openMemberDirectory } from "#domains/metering/memberDirectory.ts";
import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import type { ReadingArchive } from "#domains/metering/readingArchive.ts";
import { loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { present } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Incidents } from "#platform/runtime/incidents.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";
import { createConventionalLoad } from "#world/stations/conventionalLoad.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { Scheduling } from "#world/stations/stationVehicles.ts";
import { openStationWorld } from "#world/stations/stationWorld.ts";
import { createVisits } from "#world/stations/vehicles.ts";
import { openAreaGateway } from "../areaGateway.ts";
import type { CommunityNode } from "../communityNode.ts";
import { incidentReports } from "../incidentReports.ts";
import { keyNames } from "../keyNames.ts";
import { depotKeys } from "./depotKeys.ts";
import { openLoadMemory } from "./loadMemory.ts";
import { createOpenings } from "./openingOf.ts";
import { openStations, type Stations } from "./stations.ts";

export type DepotNode = CommunityNode<DepotScenario>;

/** What the roles of a depot work with. */
export type DepotOptions = {
  readonly clock: MarketClock;
  readonly incidents: Incidents;
  readonly readings: Pick<ReadingArchive, "append" | "readingsOf">;
  readonly orders: QuotaOrderArchive;
  /** What the meter of the conventional load registered before, mean W by interval. */
  readonly knownLoadW?: ReadonlyMap<IntervalId, number>;
  /** What chargers that joined over OCPP drew; nothing where none may. */
  readonly heard?: Pick<HeardEnergy, "energyWh">;
  /** Members of the stations that act in this process; all where they are not given. */
  readonly acting?: ReadonlySet<number>;
};

/** The roles of a depot in this process, by its demonstration keys. */
export type DepotRoles = {
  readonly terms: QuotaTermsSchedule;
  readonly view: QuotaView;
  readonly demands: QuotaStations;
  readonly stations: Stations;
  readonly desk: QuotaDesk;
  readonly standingOrders: (period: number) => readonly OpenQuotaOrder[];
  readonly gateway: MeterGateway;
  readonly duties: ReturnType<typeof depotDuties>;
};

export async function startDepotRoles(node: DepotNode, options: DepotOptions): Promise<DepotRoles> {
  const { scenario, network, senders, founded, keyring } = node;
  const { deployment, areaId } = founded;
  const { clock, incidents, readings, orders } = options;
  const view = createQuotaView(network, deployment, areaId);
  const terms = await openQuotaTerms(areaId, view);
  const area = present(await readArea(network, deployment, areaId), `area ${areaId} on the chain`);
  const directory = openMemberDirectory(memberSource(network, deployment), clock.now);
  const reports = incidentReports(incidents, areaId);
  const { intervalSeconds } = scenario;
  const now = clock.now;
  const demands = createQuotaStations({ areaId, intervalSeconds, terms, view, directory });
  const desk = openQuotaDesk({
    ...{ areaId, terms, view, directory, now, timeZone: scenario.timeZone, currency: scenario.currency },
    separator: quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket")),
    keep: groupCommit((list) => orders.append(list.map((order) => ({ ...order, refusal: null })))),
    onRefusal: (refused) => reportRefusedQuotaOrder(incidents, areaId, refused),
  });
  const load = openLoadMemory(scenario, options.knownLoadW);
  const gateway = openAreaGateway(node, {
    directory,
    now,
    keep: groupCommit((list) => {
      readings.append(list);
      load.note(list);
    }),
    kept: (intervalId) => readings.readingsOf(areaId, intervalId),
    onRefusal: reports.onRefusedReading,
    onFailure: reports.onFailedTransaction,
  });
  const scheduling = await schedulingOf(scenario);
  const stations = openActors(node, options, { desk, gateway, view, terms, scheduling });
  const standingOrders = (period: number) =>
    orders.ordersOf(areaId, period).filter(({ refusal }) => refusal === null);
  const onFailure = reports.onFailedTransaction;
  const sender = senders.of(keyring.key(keyNames.gridOperator).hex, { onFailure });
  const duties = depotDuties(stations, gateway, {
    ...{ areaId, area, deployment, sender, terms, now, view, desk, standingOrders },
    stations: demands,
    openingOf: createOpenings(scenario, load.forecast),
    keepDropped: async (dropped, refusal) => orders.append(dropped.map((order) => ({ ...order, refusal }))),
    publishedOf: gateway.publishedOf,
  });
  return { terms, view, demands, stations, desk, standingOrders, gateway, duties };
}

function depotDuties(stations: Stations, gateway: MeterGateway, roles: QuotaRoles) {
  const { areaId, area, now } = roles;
  const { intervalSeconds } = area;
  return {
    ...stations.duties,
    ...meteringDuties({ areaId, intervalSeconds, now, gateway, opens: roles.stations.opens }),
    ...quotaDuties(roles),
  };
}

/** The stations that act here, each with vehicles of its own, and the transformer's conventional load. */
function openActors(
  { scenario, senders, keyring, founded }: DepotNode,
  { clock, acting, heard = NOTHING_HEARD }: DepotOptions,
  {
    scheduling,
    ...speaksTo
  }: Pick<DepotRoles, "desk" | "gateway" | "view" | "terms"> & { readonly scheduling: Scheduling },
): Stations {
  const { stations, terms, intervalSeconds } = scenario;
  const rules = { ...terms, intervalSeconds };
  return openStations({
    ...{ scenario, keyring, now: clock.now, ...founded, ...speaksTo },
    load: createConventionalLoad(scenario),
    heard,
    stations: stations
      .filter(({ member }) => acting?.has(member) ?? true)
      .map((station) => ({
        id: station.id,
        member: station.member,
        world: openStationWorld(station, rules, { visits: createVisits(station, scenario), scheduling }),
        sender: senders.of(keyring.key(depotKeys.station(station.id)).hex),
      })),
  });
}

const NOTHING_HEARD: Pick<HeardEnergy, "energyWh"> = { energyWh: () => 0n };

async function schedulingOf({ schedule: rule, mostStartsAnHour }: DepotScenario): Promise<Scheduling> {
  if (rule !== "linearProgram") return { by: { rule }, mostStartsAnHour };
  return { by: { rule, solver: await loadLinearSolver() }, mostStartsAnHour };
}
