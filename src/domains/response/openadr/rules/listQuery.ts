import { z } from "zod";
import { type ObjectType, objectType } from "../model/objects.ts";
import { clientName, objectID, resourceName, target, venName } from "../model/scalars.ts";

/** Most objects of one answer (OpenADR 3.1.1). */
const MOST_LISTED = 50;

/** A parameter that may come several times comes as a text when it comes once. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(item));
const number = (text: unknown) => (typeof text === "string" && /^\d+$/.test(text) ? Number(text) : text);

const page = {
  skip: z.preprocess(number, z.int32().min(0)).default(0),
  limit: z.preprocess(number, z.int32().min(0).max(MOST_LISTED)).default(MOST_LISTED),
};
const targets = listOf(target).default([]);
const isActive = z.enum(["true", "false"]).transform((text) => text === "true");

/** What each list may be asked for; whatever else stands in an address is left out. */
export const LIST_QUERIES = {
  PROGRAM: z.object({ ...page, targets }),
  EVENT: z.object({ ...page, targets, programID: objectID.optional(), active: isActive.optional() }),
  REPORT: z.object({
    ...page,
    programID: objectID.optional(),
    eventID: objectID.optional(),
    clientName: clientName.optional(),
  }),
  SUBSCRIPTION: z.object({
    ...page,
    programID: objectID.optional(),
    clientName: clientName.optional(),
    objects: listOf(objectType).optional(),
  }),
  VEN: z.object({ ...page, targets, venName: venName.optional() }),
  RESOURCE: z.object({
    ...page,
    targets,
    venID: objectID.optional(),
    resourceName: resourceName.optional(),
  }),
} as const satisfies Record<ObjectType, z.ZodType>;

export type ListQuery = {
  readonly skip: number;
  readonly limit: number;
  readonly targets?: readonly string[];
  readonly programID?: string | undefined;
  readonly eventID?: string | undefined;
  readonly clientName?: string | undefined;
  readonly objects?: readonly ObjectType[] | undefined;
  readonly venName?: string | undefined;
  readonly venID?: string | undefined;
  readonly resourceName?: string | undefined;
  readonly active?: boolean | undefined;
};
