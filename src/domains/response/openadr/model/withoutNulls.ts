/** Deeper than any object of OpenADR; what lies deeper is left as it is, for a schema to refuse. */
const DEEPEST = 16;

/**
 * A body without its fields that are null. OpenADR's definitions say of optional fields that null is their default, so that clients send it
 * also where the description does not name it; a required field that is null is missing then.
 */
export function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((each) => withoutNulls(each, depth + 1));
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNulls(each, depth + 1)]));
}
