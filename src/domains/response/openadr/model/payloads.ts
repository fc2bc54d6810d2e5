import { z } from "zod";
import { dateTime, duration, int32, payloadType, readingType, target, units } from "./scalars.ts";

/* Parts of OpenADR 3.1's objects, named as the protocol names them. */

const MOST_PERCENT = 100;

export const targets = z.array(target).nullable();

const point = z.object({ x: z.number(), y: z.number() });

/** Values of one type, a price or readings of energy. */
export const valuesMap = z.object({
  type: payloadType,
  values: z.array(z.union([z.number(), z.string(), z.boolean(), point])),
});
export type ValuesMap = z.infer<typeof valuesMap>;

export const attributes = z.array(valuesMap).nullable();

/** When intervals begin and how long each of them is. */
export const intervalPeriod = z.object({
  start: dateTime.optional(),
  duration: duration.optional(),
  randomizeStart: duration.optional(),
});
export type IntervalPeriod = z.infer<typeof intervalPeriod>;

export const interval = z.object({
  id: int32,
  intervalPeriod: intervalPeriod.optional(),
  payloads: z.array(valuesMap),
});
export type Interval = z.infer<typeof interval>;

export const eventPayloadDescriptor = z.object({
  objectType: z.literal("EVENT_PAYLOAD_DESCRIPTOR"),
  payloadType,
  units: units.optional(),
  currency: z.string().nullable().optional(),
});

export const reportPayloadDescriptor = z.object({
  objectType: z.literal("REPORT_PAYLOAD_DESCRIPTOR"),
  payloadType,
  readingType: readingType.optional(),
  units: units.optional(),
  accuracy: z.number().nullable().optional(),
  confidence: int32.min(0).max(MOST_PERCENT).nullable().optional(),
});

/**
 * Descriptors where the list says of which kind they are. A client may leave the kind out there, as the client library of
 * openleadr-rs does; it is filled in.
 */
export const eventPayloadDescriptors = z.preprocess(
  (value) => withKind(value, "EVENT_PAYLOAD_DESCRIPTOR"),
  z.array(eventPayloadDescriptor).nullable(),
);
export const reportPayloadDescriptors = z.preprocess(
  (value) => withKind(value, "REPORT_PAYLOAD_DESCRIPTOR"),
  z.array(reportPayloadDescriptor).nullable(),
);

/** Asks for a report on an event. */
export const reportDescriptor = z.object({
  payloadType,
  readingType: readingType.optional(),
  units: units.optional(),
  targets: targets.optional(),
  aggregate: z.boolean().optional(),
  startInterval: int32.optional(),
  numIntervals: int32.optional(),
  historical: z.boolean().optional(),
  frequency: int32.optional(),
  repeat: int32.optional(),
  reportIntervals: z.enum(["INTERVALS", "SUB_INTERVALS", "OPEN_INTERVALS"]).optional(),
});

function withKind(value: unknown, objectType: string): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each) ? { objectType, ...each } : each,
  );
}
