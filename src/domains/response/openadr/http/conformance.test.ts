import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problem } from "../model/answers.ts";
import { readDescription } from "../model/description.fixture.ts";
import { type ObjectType, REQUESTS, vtnObject } from "../model/objects.ts";
import { OPERATIONS, type Operation, SCOPES, type Scope } from "../rules/operations.ts";
import { openVtnFixture, type VtnFixture } from "./vtnServer.fixture.ts";

/*
 * Every operation of OpenADR 3.1.1 with every scope, and each status that its description names and a client can bring about. The
 * operations are our table; where the description is there, the table is held against it.
 */

const description = readDescription();

describe.skipIf(description === null)("the table of operations, against the OpenAPI description", () => {
  const keyOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

  it("has each operation with its scope, and no other", () => {
    const ours = OPERATIONS.map((each) => [keyOf(each), each.scope]).sort();
    const theirs = description?.operations.map((each) => [keyOf(each), each.scope]).sort();
    expect(ours).toEqual(theirs);
  });

  it("knows each scope that is defined there, and one that is only used there", () => {
    const used = description?.operations.flatMap(({ scope }) => scope ?? []) ?? [];
    expect([...SCOPES].sort()).toEqual([...new Set([...(description?.scopes ?? []), ...used])].sort());
    expect(SCOPES.filter((scope) => !description?.scopes.includes(scope))).toEqual(["read_bl"]);
  });
});

let fixture: VtnFixture;
/** An object of each kind that is there while the operations are tried. */
let there: Record<ObjectType, string>;
let count = 0;

beforeAll(async () => {
  fixture = await openVtnFixture();
  for (const scope of SCOPES) fixture.register(`only-${scope}`, [scope]);
  const create = async (as: string, path: string, body: object) =>
    (await fixture.ask(as, "POST", path, body)).json.id as string;
  const PROGRAM = await create("business", "/programs", { programName: "there" });
  const EVENT = await create("business", "/events", { programID: PROGRAM });
  const VEN = await create("business", "/vens", {
    objectType: "BL_VEN_REQUEST",
    clientID: "home",
    venName: "there",
  });
  const resource = { objectType: "BL_RESOURCE_REQUEST", clientID: "home", venID: VEN, resourceName: "there" };
  const RESOURCE = await create("business", "/resources", resource);
  const REPORT = await create("home", "/reports", { eventID: EVENT, clientName: "home", resources: [] });
  const SUBSCRIPTION = await create("home", "/subscriptions", { clientName: "home", objectOperations: [] });
  there = { PROGRAM, EVENT, VEN, RESOURCE, REPORT, SUBSCRIPTION };
});
afterAll(() => fixture?.close());

/** A request that is right in itself, under a name that no other has. */
function bodyOf(type: ObjectType): Record<string, unknown> {
  count += 1;
  const name = `${type}-${count}`;
  const bodies: Record<ObjectType, Record<string, unknown>> = {
    PROGRAM: { programName: name },
    EVENT: { programID: there.PROGRAM },
    REPORT: { eventID: there.EVENT, clientName: name, resources: [] },
    SUBSCRIPTION: { clientName: name, objectOperations: [] },
    VEN: { objectType: "BL_VEN_REQUEST", clientID: name, venName: name },
    RESOURCE: {
      objectType: "BL_RESOURCE_REQUEST",
      clientID: "home",
      venID: there.VEN,
      resourceName: name,
    },
  };
  return bodies[type];
}

function urlOf({ path, subject }: Operation, id?: string): string {
  const fallback = subject.kind === "object" ? there[subject.objectType] : "any";
  return path.replace(/\{[A-Za-z]+\}/, id ?? fallback);
}

const typeOf = ({ subject }: Operation) => ("objectType" in subject ? subject.objectType : null);
const hasBody = ({ method }: Operation) => method === "POST" || method === "PUT";
const nameOf = ({ method, path }: Operation) => `${method} ${path}`;

async function send(
  as: string | null,
  operation: Operation,
  { id, body }: { id?: string; body?: unknown } = {},
) {
  const type = typeOf(operation);
  const sent = body ?? (hasBody(operation) && type !== null ? bodyOf(type) : undefined);
  return fixture.ask(as, operation.method, urlOf(operation, id), sent);
}

/** What the description names, and the statuses of HTTP that stand before all operations. */
function describedStatuses({ method, path }: Operation): readonly number[] {
  const own = description?.operations.find((each) => each.method === method && each.path === path)?.statuses;
  // The definitions (Response Codes) admit 409 wherever something is created; updates of programs need a token like all others.
  const besides = method === "POST" ? [409] : method === "PUT" ? [401] : [];
  const isOfNotifiers = path === "/notifiers" ? [401, 403] : [];
  return [...(own ?? []), ...besides, ...isOfNotifiers];
}

const guarded = OPERATIONS.filter((operation) => operation.scope !== null);

/** Whether one scope alone suffices, written out apart from the rule that the VTN goes by. */
function isEnough(scope: Scope, needed: Scope): boolean {
  if (scope === needed) return true;
  if (needed === "read_all") return ["read_bl", "read_targets", "read_ven_objects"].includes(scope);
  return scope === "read_all" && ["read_bl", "read_targets", "read_ven_objects"].includes(needed);
}

describe.each(guarded.map((operation) => [nameOf(operation), operation] as const))("%s", (_, operation) => {
  const needed = operation.scope as Scope;

  it.each(SCOPES)("with the scope %s alone", async (scope) => {
    // An id that there is not: what a scope permits is seen, and nothing is deleted.
    const { status, json } = await send(`only-${scope}`, operation, { id: "none", body: ofVen(operation) });
    if (isEnough(scope, needed)) expect(status).not.toBe(403);
    else expect([status, json.status]).toEqual([403, 403]);
    if (description) expect([...describedStatuses(operation), 403]).toContain(status);
  });

  it("is refused without a token, and with one that never was", async () => {
    const none = await send(null, operation);
    const wrong = await fixture.app.inject({
      method: operation.method,
      url: urlOf(operation),
      headers: { authorization: "Bearer never" },
    });
    expect([none.status, wrong.statusCode]).toEqual([401, 401]);
    expect(none.headers["www-authenticate"]).toContain("Bearer");
    expect(problem.safeParse(none.json).success).toBe(true);
  });
});

/** What a VEN writes where business logic writes something else: a client with `write_vens` alone is none. */
function ofVen(operation: Operation): object | undefined {
  const type = typeOf(operation);
  if (!hasBody(operation) || (type !== "VEN" && type !== "RESOURCE")) return undefined;
  const { clientID: _, ...fields } = bodyOf(type);
  return { ...fields, objectType: `VEN_${type}_REQUEST` };
}

const writer = (operation: Operation) => (typeOf(operation) === "REPORT" ? "home" : "business");

const ofObjects = guarded.filter((operation) => typeOf(operation) !== null);
const named = (operations: readonly Operation[]) =>
  operations.map((operation) => [nameOf(operation), operation] as const);

it.each(named(ofObjects))("%s answers with what is described", async (_, operation) => {
  const type = typeOf(operation) as ObjectType;
  const isDeletion = operation.method === "DELETE";
  const collection = urlOf(operation).replace(/\/[^/]+$/, "");
  const made = isDeletion
    ? (await fixture.ask(writer(operation), "POST", collection, bodyOf(type))).json.id
    : undefined;
  const { status, json } = await send(writer(operation), operation, { ...(made && { id: made }) });
  expect(status).toBe(operation.method === "POST" ? 201 : 200);
  if (description) expect(describedStatuses(operation)).toContain(status);
  for (const object of [json].flat()) expect(vtnObject.safeParse(object)).toMatchObject({ success: true });
  if (made) expect((await fixture.ask("business", "GET", urlOf(operation, made))).status).toBe(404);
});

it.each(named(ofObjects.filter(({ path }) => path.includes("{"))))(
  "%s answers 404 for an id that there is not, 400 for what is no id",
  async (_, operation) => {
    const missing = await send(writer(operation), operation, { id: "none" });
    const malformed = await send(writer(operation), operation, { id: "no%20id" });
    const long = await send(writer(operation), operation, { id: "a".repeat(129) });
    expect([missing, malformed, long].map(({ status, json }) => [status, json.status])).toEqual([
      [404, 404],
      [400, 400],
      [400, 400],
    ]);
  },
);

describe.each(named(ofObjects.filter(hasBody)))("%s", (_, operation) => {
  const type = typeOf(operation) as ObjectType;

  it("answers 400 for a body without each required field", async () => {
    const required = Object.keys(bodyOf(type)).filter(
      (field) => !REQUESTS[type].safeParse(without(bodyOf(type), field)).success,
    );
    expect(required.length).toBeGreaterThan(0);
    for (const field of required) {
      const { status, json } = await send(writer(operation), operation, {
        body: without(bodyOf(type), field),
      });
      expect([field, status, json.detail]).toEqual([field, 400, expect.stringContaining("body")]);
    }
  });

  it.each([
    ["{", "application/json"],
    ["", "application/json"],
    ["[]", "application/json"],
    ["null", "application/json"],
    ['{"__proto__":{"a":1}}', "application/json"],
    ["<a/>", "application/xml"],
  ])("answers 400 for the body %j of %s", async (payload, contentType) => {
    const authorization = `Bearer ${await fixture.token(writer(operation))}`;
    const answer = await fixture.app.inject({
      ...{ method: operation.method, url: urlOf(operation), payload },
      headers: { authorization, "content-type": contentType },
    });
    expect([answer.statusCode, answer.json().status]).toEqual([400, 400]);
  });
});

it.each(named(ofObjects.filter(({ method, path }) => method === "GET" && !path.includes("{"))))(
  "%s answers 400 for pages that there are not",
  async (_, { path }) => {
    for (const query of [
      "limit=51",
      "limit=-1",
      "limit=a",
      "skip=-1",
      "skip=1.5",
      "skip=1&skip=2",
      "limit=",
    ]) {
      const { status } = await fixture.ask("business", "GET", `${path}?${query}`);
      expect([query, status]).toEqual([query, 400]);
    }
    const empty = await fixture.ask("business", "GET", `${path}?limit=0`);
    expect([empty.status, empty.json]).toEqual([200, []]);
  },
);

function without(body: Record<string, unknown>, field: string): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}

it.each([
  ["/programs", "business", () => bodyOf("PROGRAM")],
  ["/vens", "business", () => bodyOf("VEN")],
  ["/resources", "business", () => bodyOf("RESOURCE")],
] as const)("POST %s of a name that is taken conflicts", async (path, as, make) => {
  const body = make();
  expect((await fixture.ask(as, "POST", path, body)).status).toBe(201);
  const { status, json } = await fixture.ask(as, "POST", path, body);
  expect([status, json.title, json.detail]).toEqual([409, "Conflict", expect.stringMatching(/taken/)]);
});

it("POST /vens for a client that has one conflicts", async () => {
  const body = bodyOf("VEN");
  expect((await fixture.ask("business", "POST", "/vens", body)).status).toBe(201);
  const { status } = await fixture.ask("business", "POST", "/vens", { ...body, venName: "another" });
  expect(status).toBe(409);
});

it.each([
  ["/events", 409, { programID: "none" }],
  ["/reports", 409, { eventID: "none", clientName: "a", resources: [] }],
  ["/subscriptions", 409, { programID: "none", clientName: "a", objectOperations: [] }],
  ["/resources", 404, { objectType: "VEN_RESOURCE_REQUEST", venID: "none", resourceName: "a" }],
] as const)("POST %s answers %i for %j", async (path, expected, body) => {
  const { status } = await fixture.ask(path === "/reports" ? "home" : "business", "POST", path, body);
  expect(status).toBe(expected);
});

it("an optional field that is null is one that was left out, as the client library openadr3-client sends it", async () => {
  const body = { programName: "with nulls", intervalPeriod: null, programDescriptions: null, targets: null };
  const { status, json } = await fixture.ask("business", "POST", "/programs", body);
  expect([status, Object.keys(json).sort()]).toEqual([
    201,
    ["createdDateTime", "id", "modificationDateTime", "objectType", "programName"],
  ]);
  expect((await fixture.ask("business", "POST", "/programs", { programName: null })).status).toBe(400);
});

it("a body that is nested without end is refused", async () => {
  const headers = {
    authorization: `Bearer ${await fixture.token("business")}`,
    "content-type": "application/json",
  };
  for (const nested of [
    `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
    `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
  ])
    for (const payload of [nested, `{"programName":"a","attributes":[{"type":"a","values":[${nested}]}]}`]) {
      const answer = await fixture.app.inject({ method: "POST", url: "/programs", payload, headers });
      expect(answer.statusCode).toBe(400);
    }
});

it("a method that an address does not take, an address that there is not, too long a body", async () => {
  const patch = await fixture.app.inject({ method: "PATCH", url: "/programs/a" });
  expect([patch.statusCode, patch.headers.allow]).toEqual([405, "DELETE, GET, PUT"]);
  expect((await fixture.app.inject("/nothing")).statusCode).toBe(404);
  const long = await fixture.ask("business", "POST", "/programs", { programName: "a".repeat(1_100_000) });
  expect([long.status, long.json.status]).toEqual([413, 413]);
});

it("the notifiers are webhooks alone; there are no topics of MQTT, and who may ask is judged before", async () => {
  expect((await fixture.ask("home", "GET", "/notifiers")).json).toEqual({ WEBHOOK: true });
  const topics = OPERATIONS.filter(({ subject }) => subject.kind === "topics");
  expect(topics).toHaveLength(12);
  for (const topic of topics) {
    expect((await fixture.ask("business", "GET", urlOf(topic))).status).toBe(404);
    const isForVens = topic.scope !== "read_bl";
    expect((await fixture.ask("home", "GET", urlOf(topic))).status).toBe(isForVens ? 404 : 403);
  }
});
