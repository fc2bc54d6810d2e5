import { type OpenApiSchema, settledSchema, typeOf } from "./openApiSchema.ts";

const ADDRESS = `0x${"a1b2c3d4e5".repeat(4)}`;
const HASH = `0x${"5f0e".repeat(16)}`;
const SIGNATURE = `0x${"9c3d".repeat(32)}1b`;
const INTERVAL_START = 1_746_990_000;

/** Values that a reader recognizes, by the name of a field, where they are of the schema's type. */
const VALUES: Readonly<Record<string, string | number>> = {
  account: 12,
  buyer: 12,
  seller: 7,
  supplier: 1,
  dso: 2,
  fund: 3,
  member: 4,
  buyerMember: 4,
  sellerMember: 2,
  areaId: 1,
  intervalId: INTERVAL_START / 900,
  fromInterval: INTERVAL_START / 900,
  untilInterval: INTERVAL_START / 900 + 35_040,
  endsAt: INTERVAL_START + 900,
  to: INTERVAL_START + 86_400,
  until: INTERVAL_START + 86_400,
  validUntil: INTERVAL_START + 86_400,
  chainId: 31_337,
  intervalSeconds: 900,
  gateClosureSeconds: 900,
  waitingSeconds: 3_600,
  capacityW: 17_250,
  penaltyPermille: "1000",
  block: 3_911,
  fromBlock: 1,
  toBlock: 3_911,
  lastBlock: 3_911,
  status: 404,
  limit: 50,
  offset: 0,
  month: "2025-05",
  q: "1/1941100",
  before: "1941100.1",
  lastEventId: "3911-4",
  "last-event-id": "3911-4",
  type: "about:blank",
  timeZone: "Europe/Berlin",
  currency: "EUR",
  name: "Riverside",
  nonce: "h3Kq81LmZc0aVt7D",
  signature: SIGNATURE,
  orderId: HASH,
  hash: HASH,
  localShare: 0.62,
};

/** A value that a schema allows, as like a real one as its names say. */
export function exampleOf(schema: OpenApiSchema, name = ""): unknown {
  if (schema.example !== undefined) return schema.example;
  const settled = settledSchema(schema);
  if (settled.example !== undefined) return settled.example;
  if (settled.const !== undefined) return settled.const;
  if (settled.enum) return settled.enum[0];
  switch (typeOf(settled)) {
    case "object":
      return exampleOfObject(settled);
    case "array":
      return [exampleOf(settled.items ?? {}, name)];
    case "integer":
    case "number":
      return numberOf(settled, name);
    case "boolean":
      return true;
    case "string":
      return textOf(settled, name);
    default:
      return {};
  }
}

function exampleOfObject({ properties = {}, additionalProperties }: OpenApiSchema): unknown {
  const entries = Object.entries(properties).map(([key, each]) => [key, exampleOf(each, key)]);
  if (entries.length > 0 || typeof additionalProperties !== "object") return Object.fromEntries(entries);
  return { name: exampleOf(additionalProperties) };
}

function numberOf({ minimum = 0, maximum = Number.POSITIVE_INFINITY }: OpenApiSchema, name: string): number {
  const value = VALUES[name];
  const like = typeof value === "number" ? value : likeOf(name);
  return Math.min(Math.max(like, minimum), maximum);
}

/** A number by what its name ends in: a time, an energy, a price; else one. */
function likeOf(name: string): number {
  if (/(At|From|Now)$|^(at|from|now|since|timestamp)$/.test(name)) return INTERVAL_START;
  if (/Wh$/.test(name)) return 250;
  return /PerKwh$|^(marginal(Bid|Offer)|localPrice)$/.test(name) ? 214_000 : 1;
}

function textOf({ pattern }: OpenApiSchema, name: string): string {
  const value = VALUES[name];
  const known = typeof value === "string" ? [value] : [];
  if (pattern === undefined) return known[0] ?? "…";
  const fits = new RegExp(pattern);
  const amount = /PerKwh$/.test(name) ? "214000" : /Micro$/.test(name) ? "53500" : "250";
  const bytes = /(Hash|Root|root|leaf|meterId)$/.test(name) ? HASH : ADDRESS;
  return [...known, amount, bytes, HASH, "2025-05", SIGNATURE].find((text) => fits.test(text)) ?? "…";
}
