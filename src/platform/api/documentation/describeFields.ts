import type { FieldWords } from "./fieldWords.ts";
import { type OpenApiSchema, settledSchema, typeOf } from "./openApiSchema.ts";

/** What the schema of a kind of number says of itself everywhere; it does not say what this number is. */
const KINDS: ReadonlySet<string> = new Set(["unix seconds", "a whole number in decimal digits"]);

/** Gives each property of a schema, at any depth, what its name means, unless the schema says that itself. */
export function describeFields(schema: OpenApiSchema, words: FieldWords): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const description = descriptionOf(name, property, words);
    if (description !== undefined) property.description = description;
    dropSafeBounds(property);
    describeFields(property, words);
  }
  for (const each of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) describeFields(each, words);
  if (schema.items) describeFields(schema.items, words);
  if (typeof schema.additionalProperties === "object") describeFields(schema.additionalProperties, words);
}

/** That a whole number is one that JSON can hold says nothing of it, and is said of each. */
function dropSafeBounds(schema: OpenApiSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  for (const each of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) dropSafeBounds(each);
}

/** What a field or a parameter says; undefined where nobody has said it. */
export function descriptionOf(name: string, schema: OpenApiSchema, words: FieldWords): string | undefined {
  const own = schema.description ?? settledSchema(schema).description;
  if (own !== undefined && !KINDS.has(own)) return own;
  const word = words[`${name}:${typeOf(schema)}`] ?? words[name];
  return word !== undefined && own === "unix seconds" ? `${word}; unix seconds` : word;
}
