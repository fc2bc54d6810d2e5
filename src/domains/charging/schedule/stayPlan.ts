import { present } from "#kernel/units/assert.ts";
import type { Charging } from "./charging.ts";
import { createFlowNetwork, type FlowNetwork } from "./maxFlow.ts";
import type { SchedulingSite } from "./waitingVehicle.ts";

/** How a shortfall is shared among vehicles of one priority. */
export type SharingRule = "leastLaxity" | "proportional";

/**
 * What is still to come, as a flow from the source by vehicle and interval to the sink.
 *
 * @property promised arc from the source to each vehicle: what flows there is promised
 * @property now arc from each vehicle into the interval that is next; undefined when it is not there yet
 */
export type StayPlan = {
  readonly network: FlowNetwork;
  readonly sink: number;
  readonly spare: number;
  readonly promised: ReadonlyMap<Charging, number>;
  readonly now: ReadonlyMap<Charging, NowArcs>;
  readonly nodeOf: ReadonlyMap<Charging, number>;
};

/** The arcs of a vehicle's power in the next interval: into its phases, from these into the station, out of it. */
export type NowArcs = {
  readonly vehicle: number;
  readonly phases: number;
  readonly phasesNode: number;
  readonly station: number;
};

/** Parts of a wish that are told apart when it is shared: 1/4096. */
const SHARES = 4_096;

/**
 * Plans the stays of all vehicles from an interval on: a vehicle gives at most its limit to each interval of its stay, vehicles on
 * the same phases together at most these phases' limit, all together the station's. A flow that leaves the source in full is a
 * plan that keeps every promise, and there is one exactly when a maximal flow does; where phases overlap without being
 * the same, or a least current or the bound on starts binds, it is needed and not sufficient. What is promised when not all can
 * be: higher priorities first; then by the rule.
 */
export function planStays(
  waiting: readonly Charging[],
  at: { readonly interval: number; readonly site: SchedulingSite; readonly rule: SharingRule },
): StayPlan {
  const plan = buildNetwork(waiting, at);
  promise(plan, waiting, at.rule);
  return plan;
}

/** What is promised to a vehicle, in watts of one interval. */
export function promisedTo({ network, promised }: StayPlan, each: Charging): number {
  return network.residual(present(promised.get(each), "the promise to a vehicle") ^ 1);
}

function buildNetwork(
  waiting: readonly Charging[],
  { interval, site }: { interval: number; site: SchedulingSite },
): StayPlan {
  const groups = [...new Set(waiting.map(phasesOf))];
  const intervals = Math.max(0, ...waiting.map(({ until }) => until - interval));
  const [source, sink, spare] = [0, 1, 2];
  const network = createFlowNetwork(3 + waiting.length + intervals * (1 + groups.length));
  const stationNode = (k: number) => 3 + waiting.length + (k - interval) * (1 + groups.length);
  const stations: number[] = [];
  const phases: number[][] = [];
  for (let k = interval; k < interval + intervals; k += 1) {
    const limitW = site.limitW[k] ?? 0;
    stations.push(network.addArc(stationNode(k), sink, limitW));
    phases.push(
      groups.map((group, g) =>
        network.addArc(stationNode(k) + 1 + g, stationNode(k), Math.floor(site.phaseLimitW * group.length)),
      ),
    );
  }
  const plan = {
    promised: new Map<Charging, number>(),
    now: new Map<Charging, NowArcs>(),
    nodeOf: new Map<Charging, number>(),
  };
  for (const [i, each] of waiting.entries()) {
    const node = 3 + i;
    const group = groups.indexOf(phasesOf(each));
    plan.nodeOf.set(each, node);
    plan.promised.set(each, network.addArc(source, node, 0));
    for (let k = Math.max(interval, each.vehicle.from); k < each.until; k += 1) {
      const phasesNode = stationNode(k) + 1 + group;
      const vehicle = network.addArc(node, phasesNode, each.vehicle.mostW);
      if (k > interval) continue;
      plan.now.set(each, {
        vehicle,
        phasesNode,
        phases: present(phases[0]?.[group], "the phases' arc"),
        station: present(stations[0], "the station's arc"),
      });
    }
  }
  return { network, sink, spare, ...plan };
}

function phasesOf({ vehicle: { phases } }: Charging): string {
  return [...phases].sort().join("");
}

function promise(plan: StayPlan, waiting: readonly Charging[], rule: SharingRule): void {
  const ranked = [...waiting].sort(byPriorityAndSlack);
  const empty = plan.network.save();
  const isAll = topUp(plan, ranked);
  if (isAll || rule === "leastLaxity") return;
  plan.network.restore(empty);
  for (const priority of new Set(ranked.map(priorityOf)))
    shareEvenly(
      plan,
      ranked.filter((each) => priorityOf(each) === priority),
    );
}

/** Promises each in turn what still fits, and says whether that is all; nobody loses by it what was promised already. */
function topUp(plan: StayPlan, ranked: readonly Charging[]): boolean {
  let isAll = true;
  for (const each of ranked) {
    const lacking = each.left - promisedTo(plan, each);
    if (promiseMore(plan, [[each, lacking]]) < lacking) isAll = false;
  }
  return isAll;
}

/** The same part of what each wants from all, the greatest that there is a plan for; what is left to each in turn. */
function shareEvenly(plan: StayPlan, ranked: readonly Charging[]): void {
  const before = plan.network.save();
  const fits = (share: number) => {
    plan.network.restore(before);
    const parts = ranked.map((each): [Charging, number] => [each, partOf(each, share)]);
    const total = parts.reduce((sum, [, part]) => sum + part, 0);
    return promiseMore(plan, parts) === total;
  };
  let [low, high] = [0, SHARES];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  fits(low);
  topUp(plan, ranked);
}

/** What it lacks of a part of what it wants. */
function partOf({ wanted, left }: Charging, share: number): number {
  return Math.max(0, Math.floor((wanted * share) / SHARES) - (wanted - left));
}

function promiseMore(
  { network, sink, promised }: StayPlan,
  parts: readonly (readonly [Charging, number])[],
): number {
  let total = 0;
  for (const [each, part] of parts) {
    network.setResidual(present(promised.get(each), "the promise to a vehicle"), part);
    total += part;
  }
  const sent = network.push(0, sink, total);
  for (const [each] of parts) network.setResidual(present(promised.get(each), "the promise to a vehicle"), 0);
  return sent;
}

function priorityOf({ vehicle: { priority = 0 } }: Charging): number {
  return priority;
}

/** Higher priorities first, then who came with the least time to spare: that does not change while it waits. */
function byPriorityAndSlack(one: Charging, other: Charging): number {
  return (
    priorityOf(other) - priorityOf(one) ||
    slack(one) - slack(other) ||
    (one.vehicle.id < other.vehicle.id ? -1 : 1)
  );
}

function slack({ vehicle, until, wanted }: Charging): number {
  return until - vehicle.from - wanted / vehicle.mostW;
}
