import { z } from "zod";

/** Most bytes that a name or an id of the protocol may have. */
const NAME_CHARACTERS = 128;
const URI_CHARACTERS = 8_000;
const TOKEN_CHARACTERS = 4_096;

const name = () => z.string().min(1).max(NAME_CHARACTERS);

/** Id of an object, given by the VTN; fits into an address. */
export const objectID = name().regex(/^[a-zA-Z0-9_-]*$/);
/** Who a client is: what its token was given for. */
export const clientID = name();
export const clientName = name();
export const programName = name();
export const venName = name();
export const resourceName = name();
/** A group that objects are meant for, and that business logic grants to VENs. */
export const target = name();
/** What a payload's values are: PRICE, USAGE, or a string that two parties agreed upon. */
export const payloadType = name();

export const units = name().nullable();
export const readingType = name().nullable();

export const uri = z.url().min(2).max(URI_CHARACTERS);
export const token = z.string().min(1).max(TOKEN_CHARACTERS);
export const scopeText = z.string().max(TOKEN_CHARACTERS);

const RFC_3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** The beginnings that say "now" (OpenADR 3.1, intervalPeriod). */
export const NOW_TEXTS: ReadonlySet<string> = new Set([
  "0001-01-01",
  "0001-01-01T00:00:00",
  "0001-01-01T00:00:00Z",
]);

/** A time by RFC 3339, or one of the texts for "now". */
export const dateTime = z
  .string()
  .refine((text) => NOW_TEXTS.has(text) || isTime(text), "is no date and time by RFC 3339")
  .meta({ format: "date-time" });

/** A duration by ISO 8601, as OpenADR admits it. */
export const DURATION =
  /^(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
export const duration = z.string().regex(DURATION);

/** A whole number of 32 bits. */
export const int32 = z.int32();

function isTime(text: string): boolean {
  if (!RFC_3339.test(text)) return false;
  // A leap second is a time, and no Date knows it; a 30 February is none.
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day)).getUTCDate() === day;
}
