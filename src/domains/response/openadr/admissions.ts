import type { ObjectOf, ObjectType, RequestOf, Ven } from "./model/objects.ts";
import type { ObjectStore } from "./objectStore.ts";
import { RefusedRequestError } from "./refusedRequest.ts";
import { seenBy, type Viewer } from "./rules/sight.ts";

/** What the VTN itself writes into an object is left out. */
export type FieldsOf<Type extends ObjectType> = Omit<
  ObjectOf<Type>,
  "id" | "createdDateTime" | "modificationDateTime" | "objectType"
>;

/** Whose request it is, and the object that it is to take the place of; null for a new one. */
export type AdmissionContext<Type extends ObjectType> = {
  readonly store: Pick<ObjectStore, "find" | "all">;
  readonly viewer: Viewer;
  readonly clientID: string;
  readonly previous: ObjectOf<Type> | null;
};

export type Admission<Type extends ObjectType> = (
  request: RequestOf<Type>,
  context: AdmissionContext<Type>,
) => FieldsOf<Type>;

/**
 * The fields of an object by what a client wrote, of each kind. A client's id is that of its token, unless business logic says
 * otherwise; what a VEN may not write stays as it was.
 *
 * @throws RefusedRequestError
 */
export const ADMISSIONS: { readonly [Type in ObjectType]: Admission<Type> } = {
  PROGRAM: admitProgram,
  EVENT: admitEvent,
  REPORT: admitReport,
  SUBSCRIPTION: admitSubscription,
  VEN: admitVen,
  RESOURCE: admitResource,
};

function admitProgram(
  request: RequestOf<"PROGRAM">,
  { store, previous }: AdmissionContext<"PROGRAM">,
): FieldsOf<"PROGRAM"> {
  const same = others(store.all("PROGRAM"), previous).find(
    (each) => each.programName === request.programName,
  );
  if (same) throw taken(`the program name ${request.programName}`, same.id);
  return request;
}

function admitEvent(request: RequestOf<"EVENT">, { store }: AdmissionContext<"EVENT">): FieldsOf<"EVENT"> {
  if (store.find("PROGRAM", request.programID) === null) throw missing(409, `program ${request.programID}`);
  return request;
}

function admitReport(
  request: RequestOf<"REPORT">,
  { store, viewer, clientID, previous }: AdmissionContext<"REPORT">,
): FieldsOf<"REPORT"> {
  const event = store.find("EVENT", request.eventID);
  if (event === null || seenBy(viewer, event) === null) throw missing(409, `event ${request.eventID}`);
  return { ...request, clientID: previous?.clientID ?? clientID };
}

function admitSubscription(
  request: RequestOf<"SUBSCRIPTION">,
  { store, viewer, clientID, previous }: AdmissionContext<"SUBSCRIPTION">,
): FieldsOf<"SUBSCRIPTION"> {
  const { programID } = request;
  const program = programID === undefined ? null : store.find("PROGRAM", programID);
  if (programID !== undefined && (program === null || seenBy(viewer, program) === null))
    throw missing(409, `program ${programID}`);
  return { ...request, clientID: previous?.clientID ?? clientID };
}

function admitVen(request: RequestOf<"VEN">, context: AdmissionContext<"VEN">): FieldsOf<"VEN"> {
  const { store, previous } = context;
  const { objectType: _, ...fields } = request;
  const ven = { ...granted(request, context), ...fields };
  const rest = others(store.all("VEN"), previous);
  const sameName = rest.find(({ venName }) => venName === ven.venName);
  if (sameName) throw taken(`the VEN name ${ven.venName}`, sameName.id);
  const sameClient = rest.find((each) => each.clientID === ven.clientID);
  if (sameClient) throw new RefusedRequestError(409, `client ${ven.clientID} has a VEN already`);
  return ven;
}

function admitResource(
  request: RequestOf<"RESOURCE">,
  context: AdmissionContext<"RESOURCE">,
): FieldsOf<"RESOURCE"> {
  const { store, viewer, previous } = context;
  const { objectType: _, ...fields } = request;
  const ven = venOf(request, context);
  if (ven === null || seenBy(viewer, ven) === null)
    throw missing(404, `VEN ${request.venID ?? "of this client"}`);
  const resource = {
    ...{ ...fields, venID: ven.id },
    ...granted(request, { ...context, clientID: ven.clientID }),
  };
  const same = others(store.all("RESOURCE"), previous).find(
    ({ venID, resourceName }) => venID === ven.id && resourceName === resource.resourceName,
  );
  if (same) throw taken(`the name ${resource.resourceName} within VEN ${ven.id}`, same.id);
  return resource;
}

/** The VEN of a resource; that of the client where the request names none. */
function venOf(
  { venID }: RequestOf<"RESOURCE">,
  { store, clientID, previous }: AdmissionContext<"RESOURCE">,
): Ven | null {
  const id = venID ?? previous?.venID;
  if (id !== undefined) return store.find("VEN", id);
  return store.all("VEN").find((ven) => ven.clientID === clientID) ?? null;
}

type Granted = { readonly clientID: string; readonly targets?: string[] | null | undefined };

/** Whose a ven or a resource is, and its targets: business logic says so, and no VEN can (OpenADR 3.1, object privacy). */
function granted(
  request: RequestOf<"VEN"> | RequestOf<"RESOURCE">,
  {
    viewer,
    clientID,
    previous,
  }: {
    readonly viewer: Viewer;
    readonly clientID: string;
    readonly previous: Granted | null;
  },
): { clientID: string; targets?: string[] | null } {
  const isOfBusiness =
    request.objectType === "BL_VEN_REQUEST" || request.objectType === "BL_RESOURCE_REQUEST";
  if (isOfBusiness && viewer.kind !== "business")
    throw new RefusedRequestError(403, `${request.objectType} is for business logic`);
  const from = isOfBusiness ? request : (previous ?? { clientID });
  const { clientID: owner = clientID, targets } = from;
  return { clientID: owner, ...(targets !== undefined && { targets }) };
}

function others<Kept extends { readonly id: string }>(
  all: readonly Kept[],
  previous: Kept | null,
): readonly Kept[] {
  return all.filter(({ id }) => id !== previous?.id);
}

function missing(status: 404 | 409, what: string): RefusedRequestError {
  return new RefusedRequestError(status, `there is no ${what}`);
}

function taken(what: string, id: string): RefusedRequestError {
  return new RefusedRequestError(409, `${what} is taken by ${id}`);
}
