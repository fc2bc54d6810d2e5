import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** OpenADR 3.1.1's OpenAPI description where it lies: COMMONWATT_OPENADR, or beside the project. */
const PATH =
  process.env.COMMONWATT_OPENADR ??
  join(import.meta.dirname, "../../../../../../shared/data/openadr/openadr3-3.1.1.yaml");

type Json = { readonly [key: string]: unknown };

/** An operation as the description has it. */
export type DescribedOperation = {
  readonly method: string;
  readonly path: string;
  /** The scope that it asks for; null where anybody may come. */
  readonly scope: string | null;
  readonly statuses: readonly number[];
};

export type Description = {
  readonly operations: readonly DescribedOperation[];
  readonly scopes: readonly string[];
  /** A schema with its references followed and its parts of `allOf` put together; words and defaults left out. */
  schema(name: string): unknown;
};

/** Null where the description is not there. */
export function readDescription(): Description | null {
  if (!existsSync(PATH)) return null;
  const document = parse(readFileSync(PATH, "utf8")) as Json;
  const components = document.components as { schemas: Json; securitySchemes: Json };
  const schemes = components.securitySchemes as {
    oAuth2ClientCredentials: { flows: { clientCredentials: { scopes: Json } } };
  };
  return {
    operations: operationsOf(document.paths as Record<string, Record<string, Json>>),
    scopes: Object.keys(schemes.oAuth2ClientCredentials.flows.clientCredentials.scopes),
    schema: (name) => normalise(components.schemas[name], components.schemas),
  };
}

const METHODS = ["get", "post", "put", "delete"];

function operationsOf(paths: Record<string, Record<string, Json>>): DescribedOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => method in operations).map((method) => {
      const operation = operations[method] as {
        security?: readonly { oAuth2ClientCredentials?: readonly string[] }[];
        responses: Json;
      };
      const [scope = null] = operation.security?.flatMap((each) => each.oAuth2ClientCredentials ?? []) ?? [];
      const statuses = Object.keys(operation.responses).map(Number);
      return { method: method.toUpperCase(), path, scope, statuses };
    }),
  );
}

const INT32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
/** What says nothing about which values are admitted. */
const WORDS = ["description", "example", "default", "discriminator", "$schema"];

/** One form of a schema, whether it is of the description or of our model. */
export function normalise(schema: unknown, schemas: Json = {}): unknown {
  if (Array.isArray(schema)) return schema.map((each) => normalise(each, schemas));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, allOf, ...own } = schema as Json & { $ref?: string; allOf?: readonly unknown[] };
  if ($ref !== undefined) return normalise(schemas[$ref.split("/").at(-1) ?? ""], schemas);
  const parts = (allOf ?? []).map((part) => normalise(part, schemas) as Json);
  return tidy([...parts, plain(own, schemas)].reduce(merge, {}));
}

function plain(own: Json, schemas: Json): Json {
  const entries = Object.entries(own).filter(([key]) => !WORDS.includes(key));
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key !== "properties") return [key, key === "enum" ? value : normalise(value, schemas)];
      const properties = Object.entries(value as Json);
      return [key, Object.fromEntries(properties.map(([name, each]) => [name, normalise(each, schemas)]))];
    }),
  );
}

function merge(left: Json, right: Json): Json {
  const [a, b] = [left, right] as { properties?: Json; required?: readonly string[] }[];
  return {
    ...left,
    ...right,
    ...((a?.properties ?? b?.properties) && { properties: { ...a?.properties, ...b?.properties } }),
    ...((a?.required ?? b?.required) && { required: [...(a?.required ?? []), ...(b?.required ?? [])] }),
  };
}

function tidy(schema: Json): Json {
  const {
    oneOf,
    anyOf,
    const: only,
    format,
    required,
    additionalProperties: _,
    ...rest
  } = schema as Json & {
    oneOf?: unknown[];
    anyOf?: unknown[];
    required?: string[];
  };
  const choices = (oneOf ?? anyOf)?.filter((each) => (each as Json).type !== "integer");
  const isObject = rest.properties !== undefined;
  const bounds = format === "int32" ? { ...INT32, ...rest } : rest;
  // A time's pattern is the program's way of saying its format; 0 is how the description bounds no text.
  if (format === "date-time") delete (bounds as Record<string, unknown>).pattern;
  if ((bounds as Json).minLength === 0) delete (bounds as Record<string, unknown>).minLength;
  return {
    ...tidyBounds(bounds),
    ...(isObject && { type: "object" }),
    ...(choices && { anyOf: choices.map((each) => JSON.stringify(sorted(each))).sort() }),
    ...(only !== undefined && { enum: [only] }),
    ...(required && required.length > 0 && { required: [...new Set(required)].sort() }),
    ...((format === "uri" || format === "date-time") && { format }),
  };
}

/** The same with the keys of each object in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** `exclusiveMaximum` of a whole number is the maximum less one; the largest safe number bounds nothing. */
function tidyBounds(bounds: Json): Json {
  const { exclusiveMaximum, maximum, minimum, ...rest } = bounds as Json & {
    maximum?: number;
    minimum?: number;
  };
  const most = exclusiveMaximum === true && maximum !== undefined ? maximum - 1 : maximum;
  const keepsMost = most !== undefined && most !== Number.MAX_SAFE_INTEGER;
  const keepsLeast = minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER;
  return { ...rest, ...(keepsMost && { maximum: most }), ...(keepsLeast && { minimum }) };
}
