import type { ObjectOf, ObjectType, VtnObject } from "../model/objects.ts";

type Lookup = { all<Type extends ObjectType>(type: Type): readonly ObjectOf<Type>[] };

/**
 * What goes with an object that is deleted, what depends on something before it: events and subscriptions with their program, reports with
 * their event, resources with their ven.
 */
export function dependentsOf(object: VtnObject, store: Lookup): readonly VtnObject[] {
  switch (object.objectType) {
    case "PROGRAM": {
      const events = store.all("EVENT").filter(({ programID }) => programID === object.id);
      const subscriptions = store.all("SUBSCRIPTION").filter(({ programID }) => programID === object.id);
      return [...events.flatMap((event) => [...dependentsOf(event, store), event]), ...subscriptions];
    }
    case "EVENT":
      return store.all("REPORT").filter(({ eventID }) => eventID === object.id);
    case "VEN":
      return store.all("RESOURCE").filter(({ venID }) => venID === object.id);
    default:
      return [];
  }
}
