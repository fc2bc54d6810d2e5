import { z } from "zod";
import {
  attributes,
  eventPayloadDescriptor,
  eventPayloadDescriptors,
  interval,
  intervalPeriod,
  reportDescriptor,
  reportPayloadDescriptor,
  reportPayloadDescriptors,
  targets,
} from "./payloads.ts";
import {
  clientID,
  clientName,
  dateTime,
  duration,
  objectID,
  programName,
  resourceName,
  uri,
  venName,
} from "./scalars.ts";

/* The objects of OpenADR 3.1.1 as clients write them, and as the VTN keeps and shows them. Unknown fields are left out. */

/** Kinds of objects, as the protocol names them. */
export const OBJECT_TYPES = ["PROGRAM", "EVENT", "REPORT", "SUBSCRIPTION", "VEN", "RESOURCE"] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];
export const objectType = z.enum(OBJECT_TYPES);

export const OPERATIONS = ["READ", "CREATE", "UPDATE", "DELETE"] as const;

export const programRequest = z.object({
  programName,
  intervalPeriod: intervalPeriod.optional(),
  programDescriptions: z
    .array(z.object({ URL: uri }))
    .nullable()
    .optional(),
  payloadDescriptors: z
    .array(z.union([eventPayloadDescriptor, reportPayloadDescriptor]))
    .nullable()
    .optional(),
  attributes: attributes.optional(),
  targets: targets.optional(),
});

export const eventRequest = z.object({
  programID: objectID,
  eventName: z.string().nullable().optional(),
  duration: duration.optional(),
  priority: z.int().min(0).nullable().optional(),
  targets: targets.optional(),
  reportDescriptors: z.array(reportDescriptor).nullable().optional(),
  payloadDescriptors: eventPayloadDescriptors.optional(),
  intervalPeriod: intervalPeriod.optional(),
  intervals: z.array(interval).optional(),
});

export const reportRequest = z.object({
  eventID: objectID,
  clientName,
  reportName: z.string().nullable().optional(),
  payloadDescriptors: reportPayloadDescriptors.optional(),
  resources: z.array(
    z.object({
      resourceName,
      intervalPeriod: intervalPeriod.optional(),
      intervals: z.array(interval),
    }),
  ),
});

const objectOperation = z.object({
  objects: z.array(objectType),
  operations: z.array(z.enum(OPERATIONS)),
  callbackUrl: uri,
  bearerToken: z.string().nullable().optional(),
});

export const subscriptionRequest = z.object({
  clientName,
  programID: objectID.optional(),
  objectOperations: z.array(objectOperation),
  targets: targets.optional(),
});

const venFields = { venName, attributes: attributes.optional() };
const granted = { clientID, targets: targets.optional() };

export const blVenRequest = z.object({ objectType: z.literal("BL_VEN_REQUEST"), ...granted, ...venFields });
export const venVenRequest = z.object({ objectType: z.literal("VEN_VEN_REQUEST"), ...venFields });
/** Business logic says whose VEN it is and what it is granted; a VEN speaks of itself. */
export const venRequest = z.discriminatedUnion("objectType", [blVenRequest, venVenRequest]);

const resourceFields = { resourceName, venID: objectID, attributes: attributes.optional() };

/**
 * A client may leave out what the VTN knows without it, as the client library of openleadr-rs does: business logic the client of the VEN,
 * and a VEN which VEN it is.
 */
export const blResourceRequest = z.object({
  objectType: z.literal("BL_RESOURCE_REQUEST"),
  ...{ ...granted, clientID: clientID.optional() },
  ...resourceFields,
});
export const venResourceRequest = z.object({
  objectType: z.literal("VEN_RESOURCE_REQUEST"),
  ...{ ...resourceFields, venID: objectID.optional() },
});
export const resourceRequest = z.discriminatedUnion("objectType", [blResourceRequest, venResourceRequest]);

/** What the VTN adds to an object. */
const metadata = <Type extends ObjectType>(type: Type) => ({
  id: objectID,
  createdDateTime: dateTime,
  modificationDateTime: dateTime,
  objectType: z.literal(type),
});

export const program = z.object({ ...metadata("PROGRAM"), ...programRequest.shape });
export const event = z.object({ ...metadata("EVENT"), ...eventRequest.shape });
export const report = z.object({ ...metadata("REPORT"), ...reportRequest.shape, clientID });
export const subscription = z.object({
  ...metadata("SUBSCRIPTION"),
  ...subscriptionRequest.shape,
  clientID,
});
export const ven = z.object({ ...metadata("VEN"), ...granted, ...venFields });
export const resource = z.object({ ...metadata("RESOURCE"), ...granted, ...resourceFields });

/** An object of whatever kind. */
export const vtnObject = z.discriminatedUnion("objectType", [
  program,
  event,
  report,
  subscription,
  ven,
  resource,
]);
export type VtnObject = Readonly<z.infer<typeof vtnObject>>;

/** The object of one kind. */
export type ObjectOf<Type extends ObjectType> = Extract<VtnObject, { objectType: Type }>;

export type Program = ObjectOf<"PROGRAM">;
export type Event = ObjectOf<"EVENT">;
export type Subscription = ObjectOf<"SUBSCRIPTION">;
export type Ven = ObjectOf<"VEN">;
export type Resource = ObjectOf<"RESOURCE">;

/** What a client writes of each kind. */
export const REQUESTS = {
  PROGRAM: programRequest,
  EVENT: eventRequest,
  REPORT: reportRequest,
  SUBSCRIPTION: subscriptionRequest,
  VEN: venRequest,
  RESOURCE: resourceRequest,
} as const satisfies Record<ObjectType, z.ZodType>;

export type RequestOf<Type extends ObjectType> = z.infer<(typeof REQUESTS)[Type]>;
