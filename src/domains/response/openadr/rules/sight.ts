import type { Event, Program, Resource, Subscription, Ven, VtnObject } from "../model/objects.ts";

/** Who asks: business logic, which reads everything, or a VEN with the targets that it was granted. */
export type Viewer =
  | { readonly kind: "business" }
  | { readonly kind: "ven"; readonly clientID: string; readonly held: ReadonlySet<string> };

/** The targets that a client was granted: those of its VEN and of that VEN's resources (OpenADR 3.1, object privacy). */
export function heldTargets(
  clientID: string,
  { vens, resources }: { readonly vens: readonly Ven[]; readonly resources: readonly Resource[] },
): ReadonlySet<string> {
  const own = vens.filter((ven) => ven.clientID === clientID);
  const ids = new Set(own.map(({ id }) => id));
  const parts = resources.filter(({ venID }) => ids.has(venID));
  return new Set([...own, ...parts].flatMap(({ targets }) => targets ?? []));
}

/** Objects of one client alone: no other VEN sees them. */
function isOwn(object: Exclude<VtnObject, Program | Event>, clientID: string): boolean {
  return object.clientID === clientID;
}

/**
 * What a viewer sees of an object; null for nothing. A VEN sees its own vens, resources, reports and subscriptions, programs and events that
 * have no targets, and those of which it holds one; of their targets it sees those that it holds.
 */
export function seenBy<Seen extends VtnObject>(viewer: Viewer, object: Seen): Seen | null {
  if (viewer.kind === "business") return object;
  if (object.objectType !== "PROGRAM" && object.objectType !== "EVENT")
    return isOwn(object, viewer.clientID) ? object : null;
  const { targets } = object;
  if (!targets || targets.length === 0) return object;
  const shown = targets.filter((target) => viewer.held.has(target));
  return shown.length === 0 ? null : { ...object, targets: shown };
}

/** Objects with targets of their own. */
export type Targeted = Program | Event | Subscription | Ven | Resource;

/** Whether an object has one of the targets that were asked for; all have when none were. */
export function hasTarget({ targets }: Pick<Targeted, "targets">, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((target) => targets?.includes(target));
}
