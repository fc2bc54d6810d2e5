import type { VtnObject } from "../model/objects.ts";
import { hasTranspired } from "./eventIntervals.ts";
import type { ListQuery } from "./listQuery.ts";
import { hasTarget } from "./sight.ts";

/** What a match is judged by beside the object: the program of an event, and the time, ms of the unix epoch. */
export type MatchContext = {
  readonly programOf: (eventID: string) => string | null;
  readonly now: number;
};

/** Whether an object fits all that a list was asked for. */
export function matches(object: VtnObject, query: ListQuery, context: MatchContext): boolean {
  if (object.objectType !== "REPORT" && !hasTarget(object, query.targets ?? [])) return false;
  if (query.programID !== undefined && programOf(object, context) !== query.programID) return false;
  return fitsKind(object, query, context);
}

/** The program that an object belongs to; null for a ven, a resource, and a subscription to all. */
export function programOf(object: VtnObject, { programOf }: Pick<MatchContext, "programOf">): string | null {
  switch (object.objectType) {
    case "PROGRAM":
      return object.id;
    case "EVENT":
      return object.programID;
    case "REPORT":
      return programOf(object.eventID);
    case "SUBSCRIPTION":
      return object.programID ?? null;
    default:
      return null;
  }
}

function fitsKind(object: VtnObject, query: ListQuery, { now }: MatchContext): boolean {
  const fits = <Value>(asked: Value | undefined, value: Value) => asked === undefined || asked === value;
  switch (object.objectType) {
    case "PROGRAM":
      return true;
    case "EVENT":
      return !query.active || !hasTranspired(object, now);
    case "REPORT":
      return fits(query.eventID, object.eventID) && fits(query.clientName, object.clientName);
    case "SUBSCRIPTION":
      return (
        fits(query.clientName, object.clientName) && subscribesTo(object.objectOperations, query.objects)
      );
    case "VEN":
      return fits(query.venName, object.venName);
    case "RESOURCE":
      return fits(query.venID, object.venID) && fits(query.resourceName, object.resourceName);
  }
}

function subscribesTo(
  operations: readonly { readonly objects: readonly string[] }[],
  asked: readonly string[] | undefined,
): boolean {
  return (
    asked === undefined || operations.some(({ objects }) => asked.some((type) => objects.includes(type)))
  );
}
