import { join } from "node:path";
import { openHeardEnergy } from "#domains/charging/heardEnergy.ts";
import { conventionalPowerOf } from "#domains/charging/queries/meteredPower.ts";
import { openQuotaOrderArchive } from "#domains/charging/quotaOrderArchive.ts";
import { FORECAST_DAYS } from "#domains/charging/rules/loadForecast.ts";
import { intervalsOfPeriod, type PeriodId, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { sessionsFolder } from "#domains/charging/stationOperator.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { DutyReport } from "#platform/runtime/duty.ts";
import type { WatchedRoles } from "#platform/runtime/roleWatch.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { AreaOpening, Ended, OpenArea } from "../areaKind.ts";
import { incidentReports } from "../incidentReports.ts";
import { depotPlans, findDepotStart, reliveDepot } from "./depotStart.ts";
import { loadMeter } from "./members.ts";
import { chargersFolder, type OpenChargers, openChargers } from "./openChargers.ts";
import { describePeriod } from "./periodNews.ts";
import { type DepotRoles, startDepotRoles } from "./startDepotRoles.ts";

const SECONDS_PER_DAY = 86_400;

/** The desk has no work in a period that is not rationed, so that nobody asks after it. */
const WATCHED: WatchedRoles = {
  byDuty: { gridOperator: "grid operator", meterGateway: "meter gateway" },
  onRequest: [],
};

/** Opens the roles of a depot where its record ends; its stations live through their last days again. */
export async function openDepotArea(opening: AreaOpening<DepotScenario>): Promise<OpenArea> {
  const { node, clock, store, readings, incidents } = opening;
  const { scenario, founded } = node;
  const { areaId } = founded;
  const { intervalSeconds, startsAt: beginsAt } = scenario;
  const { periodSeconds } = scenario.terms;
  const orders = openQuotaOrderArchive({ directory: join(node.folder, "quota-orders"), periodSeconds });
  const knownLoadW = await conventionalPowerOf(store.db, { areaId, ...beforeNow(scenario, clock.now()) });
  const heard = openHeardEnergy(sessionsFolder(chargersFolder(node)), clock.now());
  const roles = await startDepotRoles(node, { clock, incidents, readings, orders, knownLoadW, heard });
  const start = await findDepotStart(store.db, { areaId, scenario, now: clock.now() });
  await reliveDepot(roles, scenario, start);
  restoreBook(roles, clock.now());
  const periods = start.nextPeriod - intervalAt(beginsAt, periodSeconds);
  const at = startsAt(start.nextIntervalId, intervalSeconds);
  const chargers = opening.ocppPort === null ? null : await openChargers(opening, { ...roles, heard });
  if (chargers) tellChargers(opening, chargers);
  return {
    ...{ areaId, scenario },
    plans: [
      ...depotPlans(roles, start),
      ...(chargers ? [{ duty: chargers.duty, from: start.nextPeriod }] : []),
    ],
    ...(chargers && { close: chargers.close }),
    goesOn: periods > 0 ? { after: `${periods} periods`, at } : null,
    watched: { roles: WATCHED, everySeconds: periodSeconds },
    onWork: () => {},
    ended: (report, began) => endedWith(opening, roles, { report, beganAt: began }),
    services: {
      quotaDesk: roles.desk,
      stationsNow: roles.stations.now,
      ...(chargers && { sessionOffice: chargers.office, demonstrationKeys: chargers.demonstrationKeys }),
    },
  };
}

/** The intervals that forecasts come of. */
function beforeNow({ intervalSeconds }: DepotScenario, now: number) {
  const first = Math.max(0, intervalAt(now - FORECAST_DAYS * SECONDS_PER_DAY, intervalSeconds));
  return { first, last: intervalAt(now, intervalSeconds) };
}

function tellChargers(
  { say, node }: AreaOpening<DepotScenario>,
  { url, joining, pages }: OpenChargers,
): void {
  say(`chargers of ${node.scenario.title} may join over OCPP at ${url}, with keys that everybody may know:`);
  for (const sentence of [...joining, ...pages]) say(sentence);
}

/** The orders of the period whose auction has not come. */
function restoreBook({ terms, desk, standingOrders }: DepotRoles, now: number): void {
  const period = intervalAt(now, terms.of(0).periodSeconds) + 1;
  if (now < windowsOf(period, terms.of(period)).clearingEndsAt) desk.restore(standingOrders(period));
}

/** A period is over with its settlement; no news of one that passed without a margin while nobody ran it. */
async function endedWith(
  { node, indexer, incidents }: AreaOpening<DepotScenario>,
  { view, demands, stations }: DepotRoles,
  { report, beganAt }: { readonly report: DutyReport; readonly beganAt: number },
): Promise<Ended | null> {
  const { duty, intervalId: period, isTriedAgain } = report;
  if (duty.name !== "settle" || isTriedAgain) return null;
  const { scenario, founded } = node;
  const { terms, intervalSeconds } = scenario;
  const begins = startsAt(period, terms.periodSeconds);
  await indexer.poke();
  if ("error" in report) {
    const { areaId } = founded;
    const [first = 0] = intervalsOfPeriod(period, { ...terms, intervalSeconds });
    incidentReports(incidents, areaId).onFailedInterval(first, report.error);
    const sentence = `failed: ${report.error instanceof Error ? report.error.message : String(report.error)}`;
    return { isSettled: false, news: { startsAt: begins, sentence, table: null } };
  }
  const here = await view.periodOf(period);
  const wasOver = endsAt(period, terms.periodSeconds) <= beganAt;
  if (here.stage === "none" && wasOver) return { isSettled: false, news: null };
  const drawnWh = drawnIn({ scenario, stations }, period);
  const sentence = describePeriod({ period: here, stations: await demands.demandingIn(period), drawnWh });
  return { isSettled: true, news: { startsAt: begins, sentence, table: null } };
}

/** What the stations' meters registered in a period; null when it is forgotten. */
function drawnIn(
  { scenario, stations }: Pick<DepotRoles, "stations"> & { readonly scenario: DepotScenario },
  period: PeriodId,
): number | null {
  const { terms, intervalSeconds } = scenario;
  const { member: load } = loadMeter(scenario);
  let drawnWh = 0;
  for (const intervalId of intervalsOfPeriod(period, { ...terms, intervalSeconds })) {
    const readings = stations.readingsOf(intervalId);
    if (readings.length === 0) return null;
    for (const { member, importWh } of readings) if (member !== load) drawnWh += importWh;
  }
  return drawnWh;
}
