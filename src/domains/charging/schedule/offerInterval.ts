import { present } from "#kernel/units/assert.ts";
import { type Charging, isOnBefore, mayCharge } from "./charging.ts";
import { planStays, promisedTo, type SharingRule, type StayPlan } from "./stayPlan.ts";
import type { SchedulingSite } from "./waitingVehicle.ts";

const PHASES = 3;

/** @property goesOn so many intervals less to spare count for a vehicle that charges already, so that it goes on */
export type Offering = {
  readonly interval: number;
  readonly site: SchedulingSite;
  readonly rule: SharingRule;
  readonly goesOn: number;
};

/** What is left of the station and of each phase, W. */
type Room = { stationW: number; readonly phaseW: number[] };

type Interval = Offering & {
  readonly plan: StayPlan;
  readonly room: Room;
  readonly offers: Map<Charging, number>;
  /** What of each offer the plan counts on; an offer is above it where a small rest needs a least current. */
  readonly flows: Map<Charging, number>;
};

/**
 * What each vehicle is offered in an interval, W, such that what the plan of the whole stay promises can still be given later. As
 * much goes out as can: each in turn up to its own limit (`leastLaxity`), or all in proportion to the power that each needs until
 * it leaves, then each in turn (`proportional`). A vehicle that gets less than its least current pauses. What nobody is
 * promised goes to those who lack something.
 *
 * @param waiting who wants something still, those too who come later
 */
export function offerInterval(
  waiting: readonly Charging[],
  offering: Offering,
): ReadonlyMap<Charging, number> {
  const { interval, site } = offering;
  const plan = planStays(waiting, offering);
  const room = {
    stationW: site.limitW[interval] ?? 0,
    phaseW: Array.from({ length: PHASES }, () => site.phaseLimitW),
  };
  const at: Interval = { ...offering, plan, room, offers: new Map(), flows: new Map() };
  const here = waiting.filter((each) => plan.now.has(each)).sort(byLaxity(at));
  const shares = sharesOf(here, at);
  for (const each of here) serve(at, each, shares.get(each) ?? each.vehicle.mostW);
  if (offering.rule === "proportional") for (const each of here) raiseOffer(at, each);
  for (const each of here) giveWhatIsLeft(at, each);
  return at.offers;
}

function byLaxity(at: Interval): (one: Charging, other: Charging) => number {
  const laxity = (each: Charging) =>
    each.until -
    at.interval -
    promisedTo(at.plan, each) / each.vehicle.mostW -
    (isOnBefore(each, at.interval) ? at.goesOn : 0);
  return (one, other) => laxity(one) - laxity(other) || (one.vehicle.id < other.vehicle.id ? -1 : 1);
}

/** What each may take at first: of the limit in proportion to its need, no less than its least current. */
function sharesOf(here: readonly Charging[], at: Interval): ReadonlyMap<Charging, number> {
  if (at.rule === "leastLaxity") return new Map();
  const needs = here.map((each) => promisedTo(at.plan, each) / (each.until - at.interval));
  const total = needs.reduce((sum, need) => sum + need, 0);
  return new Map(
    here.map((each, i) => {
      const shareW = total === 0 ? 0 : Math.floor((at.room.stationW * (needs[i] ?? 0)) / total);
      return [each, Math.min(each.vehicle.mostW, Math.max(each.vehicle.leastW, shareW))];
    }),
  );
}

/** Offers a vehicle as much as it may have up to a power, and holds that fast against those that come after it. */
function serve(at: Interval, each: Charging, upToW: number): void {
  const { plan } = at;
  const { leastW } = each.vehicle;
  const mostW = Math.min(upToW, roomFor(at.room, each));
  if (mostW < leastW || !mayCharge(each, at.interval, at.site)) {
    lower(at, each, 0);
    return;
  }
  lower(at, each, mostW);
  const { vehicle } = nowOf(plan, each);
  const flowW = raiseFlow(at, each, { fromW: plan.network.residual(vehicle ^ 1), toW: mostW });
  plan.network.setResidual(vehicle ^ 1, flowW);
  if (flowW === 0) return;
  if (flowW < leastW && !holdFree(at, each, leastW - flowW)) {
    lower(at, each, 0);
    return;
  }
  plan.network.setResidual(vehicle ^ 1, 0);
  at.flows.set(each, flowW);
  offer(at, each, Math.max(flowW, leastW));
}

/** Takes a vehicle's power in this interval down to a limit; what is over goes to its later intervals, or is not promised any more. */
function lower(
  { plan: { network, sink, promised, nodeOf }, plan }: Interval,
  each: Charging,
  toW: number,
): void {
  const { vehicle, phases, station } = nowOf(plan, each);
  const overW = network.residual(vehicle ^ 1) - toW;
  network.setResidual(vehicle, 0);
  if (overW <= 0) return;
  for (const arc of [phases, station]) network.setResidual(arc, network.residual(arc) + overW);
  for (const arc of [vehicle, phases, station])
    network.setResidual(arc ^ 1, network.residual(arc ^ 1) - overW);
  const moved = network.push(present(nodeOf.get(each), "the node of a vehicle"), sink, overW);
  const source = present(promised.get(each), "the promise to a vehicle") ^ 1;
  network.setResidual(source, network.residual(source) - (overW - moved));
}

/** Takes power of later intervals into this one, as far as what others are promised allows; gives the power then. */
function raiseFlow(
  { plan: { network, nodeOf }, plan }: Interval,
  each: Charging,
  { fromW, toW }: { readonly fromW: number; readonly toW: number },
): number {
  const { vehicle, phasesNode } = nowOf(plan, each);
  network.setResidual(vehicle, 0);
  network.setResidual(vehicle ^ 1, 0);
  return fromW + network.push(phasesNode, present(nodeOf.get(each), "the node of a vehicle"), toW - fromW);
}

/** Keeps power free in this interval that a vehicle is offered without use for it: a least current for a small rest. */
function holdFree(
  { plan: { network, sink, spare }, plan }: Interval,
  each: Charging,
  powerW: number,
): boolean {
  const before = network.save();
  const arc = network.addArc(spare, nowOf(plan, each).phasesNode, powerW);
  const isFree = network.push(spare, sink, powerW) === powerW;
  if (!isFree) network.restore(before);
  network.setResidual(arc, 0);
  network.setResidual(arc + 1, 0);
  return isFree;
}

function raiseOffer(at: Interval, each: Charging): void {
  const offeredW = at.offers.get(each) ?? 0;
  if (offeredW === 0 || at.flows.get(each) !== offeredW) return;
  const toW = Math.min(each.vehicle.mostW, offeredW + roomFor(at.room, each));
  offer(at, each, raiseFlow(at, each, { fromW: offeredW, toW }) - offeredW);
}

function giveWhatIsLeft(at: Interval, each: Charging): void {
  const offeredW = at.offers.get(each) ?? 0;
  const { leastW, mostW } = each.vehicle;
  const usefulW = Math.min(mostW, Math.max(leastW, each.left));
  const moreW = Math.min(usefulW - offeredW, roomFor(at.room, each));
  if (moreW <= 0) return;
  const lacks = each.left > promisedTo(at.plan, each);
  if (offeredW === 0 && !(lacks && moreW >= leastW && mayCharge(each, at.interval, at.site))) return;
  offer(at, each, moreW);
}

function offer(at: Interval, each: Charging, moreW: number): void {
  at.offers.set(each, (at.offers.get(each) ?? 0) + moreW);
  const { phases } = each.vehicle;
  at.room.stationW -= moreW;
  for (const phase of phases) at.room.phaseW[phase] = (at.room.phaseW[phase] ?? 0) - moreW / phases.length;
}

function roomFor({ stationW, phaseW }: Room, { vehicle: { phases } }: Charging): number {
  const phaseRoom = Math.min(...phases.map((phase) => phaseW[phase] ?? 0));
  return Math.max(0, Math.min(stationW, Math.floor(phaseRoom * phases.length + ROUNDING_W)));
}

/** Thirds of a watt do not add up to whole ones in floating point; phases are limited to a millionth of a watt. */
const ROUNDING_W = 1e-6;

function nowOf({ now }: StayPlan, each: Charging) {
  return present(now.get(each), "a vehicle's power in the next interval");
}
