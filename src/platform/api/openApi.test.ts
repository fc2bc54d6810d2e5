import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { type ApiFixture, openApiFixture } from "./api.fixture.ts";

/* The OpenAPI document against the running API, route by route: anyone who writes a client from it meets no surprise. */

type Schema = { type?: string; minimum?: number; maximum?: number; pattern?: string; enum?: string[] };
type Parameter = { name: string; in: "path" | "query" | "header"; required?: boolean; schema: Schema };
type Operation = {
  readonly path: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, { content?: Record<string, unknown> }>>;
};

let api: ApiFixture;
/** Signed in, so that no guard keeps a value from its check. */
let operator: SignedIn;
let operations: Operation[];
/** A HEAD-less stream would not end under `inject`. */
const STREAMS = new Set(["/v1/events", "/v1/audit/events"]);

beforeAll(async () => {
  api = await openApiFixture();
  const { paths = {} } = api.app.swagger() as unknown as { paths?: Record<string, Record<string, object>> };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) =>
        ({ path, method: method.toUpperCase(), parameters: [], ...operation }) as unknown as Operation,
    ),
  );
});
afterAll(() => api.close());
// One of the routes signs out.
beforeEach(async () => {
  operator = await signIn(api.app, OPERATOR_KEY);
});

/** A value of each parameter that its declaration allows. */
function allowed({ name, schema }: Parameter): string {
  if (schema.enum) return schema.enum[0]!;
  if (schema.type === "integer") return String(Math.max(1, schema.minimum ?? 0));
  const samples: Readonly<Record<string, string>> = {
    orderId: `0x${"12".repeat(32)}`,
    hash: `0x${"12".repeat(32)}`,
    meterId: `0x${"12".repeat(32)}`,
    id: `0x${"12".repeat(32)}`,
    before: "100.1",
    month: "2025-05",
    q: "4",
  };
  return samples[name] ?? "1";
}

function urlOf({ path, parameters }: Operation, changed: Readonly<Record<string, string>>): string {
  const value = (parameter: Parameter) => encodeURIComponent(changed[parameter.name] ?? allowed(parameter));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) =>
    value(parameters.find((each) => each.in === "path" && each.name === name)!),
  );
  const query = parameters
    .filter((each) => each.in === "query" && (each.required || each.name in changed))
    .map((each) => `${each.name}=${value(each)}`);
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

async function statusAt(operation: Operation, changed: Readonly<Record<string, string>>) {
  const url = urlOf(operation, changed);
  const answer = await api.app.inject({ method: operation.method, url, headers: operator });
  return {
    status: answer.statusCode,
    place: `${operation.method} ${url}: ${answer.body.slice(0, 200)}`,
    answer,
  };
}

/** The media types that the document gives for a status. */
function documented({ responses }: Operation, status: number): string[] {
  const response = responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`];
  return Object.keys(response?.content ?? {});
}

function parametersOf(type: string): [Operation, Parameter][] {
  return operations
    .filter(({ method, path }) => method === "GET" && !STREAMS.has(path))
    .flatMap((operation) =>
      operation.parameters
        .filter((each) => each.in !== "header" && each.schema.type === type)
        .map((each): [Operation, Parameter] => [operation, each]),
    );
}

test("every route's errors have the media type that the document gives", async () => {
  for (const operation of operations) {
    const { method, path } = operation;
    for (const headers of [{}, operator]) {
      const url = `${urlOf(operation, {})}${urlOf(operation, {}).includes("?") ? "&" : "?"}surprise=1`;
      const bodies = method === "POST" ? [undefined, "{", '{"surprise":1}'] : [undefined];
      if (STREAMS.has(path) && path !== "/v1/events") continue;
      for (const payload of bodies) {
        const answer = await api.app.inject({
          method,
          url,
          headers: { ...headers, ...(payload && { "content-type": "application/json" }) },
          ...(payload && { payload }),
        });
        if (answer.statusCode === 204) continue;
        const [type = ""] = String(answer.headers["content-type"]).split(";");
        const place = `${method} ${url} ${payload}: ${answer.statusCode} ${answer.body.slice(0, 200)}`;
        expect(documented(operation, answer.statusCode), place).toContain(type);
      }
    }
    if (path !== "/rpc")
      for (const status of [404, 500])
        expect(documented(operation, status), path).toEqual(["application/problem+json"]);
  }
});

test("every number says its bounds, which are those that the server keeps", async () => {
  const numbers = parametersOf("integer");
  expect(numbers.length).toBeGreaterThan(60);
  for (const [operation, { name, schema }] of numbers) {
    const { minimum = Number.NaN, maximum = Number.NaN } = schema;
    for (const value of [minimum, minimum + 1, Math.floor(maximum / 2), maximum]) {
      const { status, place } = await statusAt(operation, { [name]: String(value) });
      // 403: an area that the operator does not operate; the number itself was taken.
      expect([200, 403, 404, 422], place).toContain(status);
    }
    for (const value of [minimum - 1, maximum + 1, "", "1.5", "1e1"]) {
      const { status, place } = await statusAt(operation, { [name]: String(value) });
      // An empty part of a path is another path.
      expect(value === "" ? [400, 404] : [400], place).toContain(status);
    }
  }
});

test("every text says its pattern, choices or length, which are those that the server keeps", async () => {
  for (const [operation, parameter] of parametersOf("string")) {
    const { name, schema } = parameter;
    const declared = schema as Schema & { maxLength?: number };
    expect(
      declared.pattern ?? declared.enum ?? declared.maxLength,
      `${operation.path} ${name}`,
    ).toBeDefined();
    for (const value of declared.enum ?? [allowed(parameter)]) {
      if (declared.pattern) expect(value).toMatch(new RegExp(declared.pattern));
      const { status, place } = await statusAt(operation, { [name]: value });
      expect([200, 404], place).toContain(status);
    }
    const wrong = declared.maxLength ? "a".repeat(declared.maxLength + 1) : "~";
    const { status, place } = await statusAt(operation, { [name]: wrong });
    expect(status, place).toBe(400);
  }
});
