import type { VtnObject } from "../model/objects.ts";

/**
 * The order of lists: events by priority, the lowest number first and those without one last; everything else, and events of one
 * priority, as it came, the newest first. The sort is stable, so that pages fit together.
 */
export function inOrder<Listed extends VtnObject>(newestFirst: readonly Listed[]): readonly Listed[] {
  return newestFirst.toSorted((a, b) => priorityOf(a) - priorityOf(b));
}

function priorityOf(object: VtnObject): number {
  return (object.objectType === "EVENT" ? object.priority : 0) ?? Number.MAX_SAFE_INTEGER;
}
