import type { OrderArchive } from "#domains/pool/orderArchive.ts";
import { findInterval } from "#domains/pool/queries/intervals.ts";
import { countPaidIntervals } from "#domains/pool/queries/replay.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { DutyReport } from "#platform/runtime/duty.ts";
import type { WatchedRoles } from "#platform/runtime/roleWatch.ts";
import { FIRST_HOME } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaOpening, Ended, OpenArea } from "../areaKind.ts";
import { incidentReports } from "../incidentReports.ts";
import { type Archives, archivesOf } from "./archives.ts";
import { areaPlans, isLastOfInterval } from "./areaDuties.ts";
import { createFlowHistory } from "./flowHistory.ts";
import { createIntervalNews } from "./intervalNews.ts";
import { openLiveBills } from "./liveBills.ts";
import { handOutMeters } from "./outsideMeters.ts";
import { recordedIntervals, reliveRecord, storedMarket } from "./recordedIntervals.ts";
import { createIntervalLedger, failureOf } from "./runIntervals.ts";
import { startOfMetered } from "./startOfMetered.ts";
import { startRoles } from "./startRoles.ts";

type Opening = AreaOpening<Scenario>;

const ORDER_DESK = "order desk";
const WATCHED: WatchedRoles = {
  byDuty: { operator: "market operator", meterGateway: "meter gateway" },
  onRequest: [ORDER_DESK],
};

/** Opens the roles of a community with a pool; homes live through what is recorded again. */
export async function openPoolArea(opening: Opening): Promise<OpenArea> {
  const { node, store } = opening;
  const { scenario, founded } = node;
  const { areaId } = founded;
  handOutMeters(node, opening);
  const { firstIntervalId, intervalSeconds } = scenario;
  const listeners: OrderListener[] = [];
  const { roles, flows } = await openRoles(opening, listeners);
  const start =
    roles.homes === null
      ? await startOfMetered(store.db, {
          areaId,
          firstIntervalId,
          area: roles.area,
          now: opening.clock.now(),
        })
      : await reliveRecord(roles.homes, {
          record: recordedIntervals(store.db, { areaId, firstIntervalId }),
          firstIntervalId,
        });
  for (const intervalId of intervalsOrderedFrom(opening.orders, { areaId, from: start.nextIntervalId })) {
    const { stage } = await roles.record.marketOf(intervalId);
    if (stage === "collecting") roles.desk.restore(roles.standingOrders(intervalId));
  }
  const settledIntervals = await countPaidIntervals(store.db, areaId);
  const nextAt = startsAt(start.nextIntervalId, intervalSeconds);
  return {
    ...{ areaId, scenario },
    plans: areaPlans(roles, start, endOf(scenario)),
    goesOn: settledIntervals > 0 ? { after: `${settledIntervals} settled intervals`, at: nextAt } : null,
    watched: { roles: WATCHED, everySeconds: intervalSeconds },
    onWork: (listener) =>
      void listeners.push(({ intervalId }) =>
        listener(ORDER_DESK, `took an order for interval ${intervalId}`),
      ),
    ended: watchIntervals(opening, await openLiveBills(store.db, { areaId, scenario, start })),
    services: {
      orderDesk: roles.desk,
      meterGateway: roles.gateway,
      ...(roles.homes === null ? {} : { flows: { history: flows, capacityWh: batteryCapacityWh(scenario) } }),
    },
  };
}

type OrderListener = (order: { readonly intervalId: IntervalId }) => void;

async function openRoles(opening: Opening, listeners: readonly OrderListener[]) {
  const { node, clock, store, readings, orders, incidents, agents, wholeBook, outsideMeters } = opening;
  const { areaId } = node.founded;
  const flows = createFlowHistory({ homes: node.scenario.homes.length, firstMember: FIRST_HOME });
  const roles = await startRoles(node, {
    archives: tellingArchives(archivesOf({ readings, orders, areaId }), listeners),
    ...{ clock, incidents, agents, flows, outsideMeters },
    stored: storedMarket(store.db, areaId),
    submit: wholeBook ? "all" : "needed",
  });
  return { roles, flows };
}

function intervalsOrderedFrom(
  orders: OrderArchive,
  { areaId, from }: { areaId: number; from: IntervalId },
): ReadonlySet<IntervalId> {
  const ids = new Set<IntervalId>();
  for (const order of orders.all())
    if (order.areaId === areaId && order.intervalId >= from) ids.add(order.intervalId);
  return ids;
}

/** The archives of an area, where every order that its desk takes is told to the listeners once it is kept. */
function tellingArchives(archives: Archives, listeners: readonly OrderListener[]): Archives {
  return {
    ...archives,
    async keepOrder(order) {
      await archives.keepOrder(order);
      for (const listener of listeners) listener(order);
    },
  };
}

/** Recordings end; synthetic series go on for ever. */
function endOf({ firstIntervalId, series }: Scenario): IntervalId {
  return firstIntervalId + series.intervals;
}

function batteryCapacityWh({ homes }: Scenario): number {
  return homes.reduce((sum, { battery }) => sum + (battery?.capacityWh ?? 0), 0);
}

/**
 * Follows the duties of an area, and says what an interval came to, by the database, once nothing of it is to come; no news of one
 * that passed without a market while nobody ran it.
 */
function watchIntervals(
  { node, indexer, store, incidents }: Opening,
  bills: Awaited<ReturnType<typeof openLiveBills>>,
): OpenArea["ended"] {
  const { scenario, founded } = node;
  const { areaId } = founded;
  const ledger = createIntervalLedger();
  const newsOf = createIntervalNews(scenario, bills);
  return async (report, beganAt) => {
    ledger.note(report);
    if (!isLastOfInterval(report)) return null;
    const { failure } = ledger.take(report);
    await indexer.poke();
    await bills.add(report.intervalId);
    return finish(report, { beganAt, failure });
  };

  async function finish(
    { intervalId }: DutyReport,
    { beganAt, failure }: { beganAt: number; failure: unknown },
  ): Promise<Ended> {
    const interval = await findInterval(store.db, { areaId, intervalId });
    if (interval && isPaid(interval.stage))
      return { isSettled: true, news: newsOf(intervalId, { status: "settled", ...interval }) };
    const stage = interval?.stage ?? "collecting";
    const hadBegun = startsAt(intervalId, scenario.intervalSeconds) <= beganAt;
    if (hadBegun && stage === "collecting" && failure === null) return { isSettled: false, news: null };
    const cause = failure ?? new Error(failureOf({ stage }));
    incidentReports(incidents, areaId).onFailedInterval(intervalId, cause);
    return { isSettled: false, news: newsOf(intervalId, { status: "failed", cause }) };
  }
}
