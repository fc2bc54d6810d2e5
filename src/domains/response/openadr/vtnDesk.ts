import { randomUUID } from "node:crypto";
import { ADMISSIONS, type Admission } from "./admissions.ts";
import type { ObjectOf, ObjectType, RequestOf, VtnObject } from "./model/objects.ts";
import type { Change, ObjectStore } from "./objectStore.ts";
import { RefusedRequestError } from "./refusedRequest.ts";
import { dependentsOf } from "./rules/cascade.ts";
import type { ListQuery } from "./rules/listQuery.ts";
import { matches } from "./rules/matches.ts";
import { inOrder } from "./rules/order.ts";
import { heldTargets, seenBy, type Viewer } from "./rules/sight.ts";

/** Who asks the VTN: a client with its token, or a field of ours that acts as business logic. */
export type Principal = { readonly clientID: string; readonly isBusiness: boolean };

/**
 * The objects of a VTN as its clients read and write them. The HTTP routes are one user of it; a field that runs programs of its own
 * is another: it creates programs and events as business logic, and hears of reports by `onChange`.
 */
export type VtnDesk = {
  list<Type extends ObjectType>(who: Principal, type: Type, query: ListQuery): readonly ObjectOf<Type>[];
  find<Type extends ObjectType>(who: Principal, type: Type, id: string): ObjectOf<Type>;
  create<Type extends ObjectType>(
    who: Principal,
    type: Type,
    request: RequestOf<Type>,
  ): Promise<ObjectOf<Type>>;
  update<Type extends ObjectType>(
    who: Principal,
    type: Type,
    written: Written<Type>,
  ): Promise<ObjectOf<Type>>;
  remove<Type extends ObjectType>(who: Principal, type: Type, id: string): Promise<ObjectOf<Type>>;
  /** What a client may see now. */
  viewerOf(who: Principal): Viewer;
  /** Is told of changes once they are on the disk, in their order. */
  onChange(listener: (changes: readonly Change[]) => void): void;
};

type Written<Type extends ObjectType> = { readonly id: string; readonly request: RequestOf<Type> };

export type VtnDeskOptions = {
  readonly store: ObjectStore;
  /** Ms of the unix epoch. */
  readonly now: () => number;
  /** Throws RefusedRequestError for an address that the VTN will not call. */
  readonly checkCallbacks: (urls: readonly string[]) => Promise<void>;
};

/** Of all kinds together: what a process holds in memory. */
const MOST_OBJECTS = 250_000;
/** Kinds that business logic alone writes: who may write them may write each of them. */
const OF_BUSINESS: ReadonlySet<ObjectType> = new Set(["PROGRAM", "EVENT"]);

/** @throws RefusedRequestError, from each of its functions */
export function createVtnDesk(options: VtnDeskOptions): VtnDesk {
  const { store, now } = options;
  const listeners: ((changes: readonly Change[]) => void)[] = [];
  const viewerOf = viewersOf(store);
  const commit = async (changes: readonly Change[]) => {
    await store.commit(changes);
    for (const listener of listeners) listener(changes);
  };
  const writable = <Type extends ObjectType>(who: Principal, type: Type, id: string) =>
    found(store, type, { id, viewer: OF_BUSINESS.has(type) ? BUSINESS : viewerOf(who) });
  return {
    viewerOf,
    onChange: (listener) => void listeners.push(listener),
    list: (who, type, query) => listed(store, type, { query, viewer: viewerOf(who), now: now() }),
    find: (who, type, id) => found(store, type, { id, viewer: viewerOf(who) }),
    async create(who, type, request) {
      await options.checkCallbacks(callbacksOf(request));
      if (store.count() >= MOST_OBJECTS)
        throw new RefusedRequestError(503, `the VTN holds ${MOST_OBJECTS} objects`);
      const fields = admit(type, request, { store, viewer: viewerOf(who), ...who, previous: null });
      const at = new Date(now()).toISOString();
      const metadata = { id: randomUUID(), createdDateTime: at, modificationDateTime: at, objectType: type };
      const object = { ...metadata, ...fields } as ObjectOf<typeof type>;
      await commit([{ operation: "CREATE", object }]);
      return object;
    },
    async update(who, type, { id, request }) {
      writable(who, type, id);
      await options.checkCallbacks(callbacksOf(request));
      const previous = writable(who, type, id);
      const fields = admit(type, request, { store, viewer: viewerOf(who), ...who, previous });
      const { createdDateTime, modificationDateTime: before } = previous;
      const modificationDateTime = new Date(Math.max(now(), Date.parse(before) + 1)).toISOString();
      const metadata = { id, createdDateTime, modificationDateTime, objectType: type };
      const object = { ...metadata, ...fields } as ObjectOf<typeof type>;
      await commit([{ operation: "UPDATE", object }]);
      return object;
    },
    async remove(who, type, id) {
      const object = writable(who, type, id);
      const gone = [...dependentsOf(object, store), object];
      await commit(gone.map((each) => ({ operation: "DELETE", object: each })));
      return object;
    },
  };
}

const BUSINESS: Viewer = { kind: "business" };

function viewersOf(store: ObjectStore): (who: Principal) => Viewer {
  return ({ clientID, isBusiness }) => {
    if (isBusiness) return BUSINESS;
    const held = heldTargets(clientID, { vens: store.all("VEN"), resources: store.all("RESOURCE") });
    return { kind: "ven", clientID, held };
  };
}

function found<Type extends ObjectType>(
  store: ObjectStore,
  type: Type,
  { id, viewer }: { readonly id: string; readonly viewer: Viewer },
): ObjectOf<Type> {
  const object: VtnObject | null = store.find(type, id);
  const seen = object === null ? null : seenBy(viewer, object);
  if (seen === null) throw new RefusedRequestError(404, `there is no ${type.toLowerCase()} ${id}`);
  return seen as ObjectOf<Type>;
}

function listed<Type extends ObjectType>(
  store: ObjectStore,
  type: Type,
  { query, viewer, now }: { readonly query: ListQuery; readonly viewer: Viewer; readonly now: number },
): readonly ObjectOf<Type>[] {
  const asked = OF_BUSINESS.has(type) ? askedOf(viewer, query.targets ?? []) : viewer;
  const programOf = (eventID: string) => store.find("EVENT", eventID)?.programID ?? null;
  const all: readonly VtnObject[] = store.all(type);
  const fitting = all
    .flatMap((object) => seenBy(asked, object) ?? [])
    .filter((object) => matches(object, query, { programOf, now }));
  return inOrder(fitting).slice(query.skip, query.skip + query.limit) as unknown as readonly ObjectOf<Type>[];
}

/** A VEN that asks for targets is shown those alone, of what it holds. */
function askedOf(viewer: Viewer, targets: readonly string[]): Viewer {
  if (viewer.kind === "business" || targets.length === 0) return viewer;
  return { ...viewer, held: new Set(targets.filter((target) => viewer.held.has(target))) };
}

function admit<Type extends ObjectType>(
  type: Type,
  request: RequestOf<Type>,
  context: Parameters<Admission<Type>>[1],
): ReturnType<Admission<Type>> {
  const admission = ADMISSIONS[type] as Admission<Type>;
  return admission(request, context);
}

function callbacksOf(request: RequestOf<ObjectType>): readonly string[] {
  return "objectOperations" in request ? request.objectOperations.map(({ callbackUrl }) => callbackUrl) : [];
}
