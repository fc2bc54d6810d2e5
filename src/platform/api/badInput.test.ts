import type { InjectOptions } from "fastify";
import { HttpRequestError } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { type ApiFixture, openApiFixture } from "./api.fixture.ts";

let api: ApiFixture;
/** Signed in, so that no guard keeps bad input from the routes. */
let operator: SignedIn;

beforeAll(async () => {
  api = await openApiFixture();
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api.close());

const NASTY = [
  "-1",
  "0",
  "1.5",
  "1e3",
  "0x10",
  "99999999999999999999999999",
  "9007199254740993",
  "4294967296",
  "NaN",
  "null",
  "undefined",
  "",
  " ",
  "'; DROP TABLE orders; --",
  "1 OR 1=1",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\ud83d\ude00\u202e",
  "a".repeat(300),
  "[object Object]",
  "__proto__",
  "%",
];

async function ask(options: InjectOptions) {
  const answer = await api.app.inject({ ...options, headers: { ...operator, ...options.headers } });
  const place = `${options.method} ${String(options.url)} ${JSON.stringify(options.payload ?? null)}: ${answer.body}`;
  expect(answer.statusCode, place).toBeLessThan(500);
  if (answer.statusCode >= 400) {
    expect(answer.headers["content-type"], place).toContain("application/problem+json");
    expect(answer.json(), place).toMatchObject({ status: answer.statusCode, title: expect.any(String) });
  }
  return answer;
}

type Operation = { path: string; method: "GET" | "POST" | "DELETE"; inputs: { name: string; in: string }[] };

/** Every operation of the OpenAPI document, with its parameters; what signs out comes last. */
function operations(): Operation[] {
  const { paths = {} } = api.app.swagger() as unknown as {
    paths?: Record<string, Record<string, { parameters?: [] }>>;
  };
  return Object.entries(paths)
    .filter(([path]) => path !== "/v1/events")
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => ({
        path,
        method: method.toUpperCase() as Operation["method"],
        inputs: parameters,
      })),
    )
    .sort((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
}

const fill = (path: string, value: string) => path.replace(/\{\w+\}/g, () => value);

test("no nasty parameter of any route gives a fault of the server, and refusals are problems", async () => {
  const all = operations();
  expect(all.length).toBeGreaterThan(20);
  let refused = 0;
  for (const { path, method, inputs } of all) {
    const payload = method === "POST" ? {} : undefined;
    for (const nasty of NASTY) {
      const raw = await ask({
        method,
        url: fill(path, nasty.replace(/[^\x21-\x7e]/g, "?")),
        ...(payload && { payload }),
      });
      await ask({ method, url: fill(path, encodeURIComponent(nasty)), ...(payload && { payload }) });
      refused += +(raw.statusCode >= 400);
      for (const { name } of inputs.filter((input) => input.in === "query")) {
        const url = `${fill(path, "1")}?${name}=${encodeURIComponent(nasty)}`;
        await ask({ method, url });
        await ask({ method, url: `${url}&${name}=2` });
      }
    }
    await ask({ method, url: `${fill(path, "1")}?surprise=1`, ...(payload && { payload }) });
  }
  expect(refused).toBeGreaterThan(100);
});

test("no nasty field of an order gives a fault of the server", async () => {
  const order = {
    areaId: 1,
    intervalId: 104,
    member: 4,
    side: "bid",
    limitPriceMicroPerKwh: 200_000,
    energyWh: 250,
    sequence: 1,
    signature: `0x${"11".repeat(64)}`,
  };
  const values: unknown[] = [...NASTY, -1, 0, 1.5, 1e300, 2 ** 53, null, true, [], {}, [1], { toString: 1 }];
  for (const field of Object.keys(order)) {
    for (const value of values) {
      const { statusCode } = await ask({
        method: "POST",
        url: "/v1/orders",
        payload: { ...order, [field]: value },
      });
      expect(statusCode).toBeGreaterThanOrEqual(400);
    }
    const { [field as "side"]: _, ...rest } = order;
    expect((await ask({ method: "POST", url: "/v1/orders", payload: rest })).statusCode).toBe(400);
  }
});

test.each([
  ["malformed JSON", { "content-type": "application/json" }, '{"areaId":', 400],
  ["an empty body", { "content-type": "application/json" }, "", 400],
  ["an array", { "content-type": "application/json" }, "[]", 400],
  ["a number", { "content-type": "application/json" }, "7", 400],
  ["a poisoned prototype", { "content-type": "application/json" }, '{"__proto__":{"a":1}}', 400],
  ["another content type", { "content-type": "text/xml" }, "<order/>", 415],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }, "a=1", 415],
  ["too large a body", { "content-type": "application/json" }, `"${"a".repeat(20_000)}"`, 413],
])("a post of %s is refused", async (_name, headers, payload, status) => {
  const answer = await ask({ method: "POST", url: "/v1/orders", headers, payload });
  expect(answer.statusCode).toBe(status);
});

test("unknown paths and methods are problems as well", async () => {
  expect((await ask({ method: "GET", url: "/v1/nothing" })).statusCode).toBe(404);
  expect((await ask({ method: "GET", url: "/%E0%A4%A" })).statusCode).toBe(400);
  const deleted = await ask({ method: "DELETE", url: "/v1/orders" });
  expect(deleted.statusCode).toBe(405);
  expect(deleted.headers.allow).toBe("GET, HEAD, POST");
  expect((await ask({ method: "POST", url: "/v1/intervals/1/100", payload: {} })).statusCode).toBe(405);
  expect((await ask({ method: "DELETE", url: "/v1/events" })).headers.allow).toBe("GET");
  expect((await ask({ method: "GET", url: "/v1/events?lastEventId=x" })).statusCode).toBe(400);
  const header = { "last-event-id": "'; --" };
  expect((await ask({ method: "GET", url: "/v1/events", headers: header })).statusCode).toBe(400);
});

test("an order that can't be checked because the chain is away is answered with 503", async () => {
  const cut = await openApiFixture({
    orderDesk: {
      submit: async () => {
        throw new HttpRequestError({ url: "http://127.0.0.1:1/secret" });
      },
      openOrders: () => [],
    },
  });
  const payload = {
    areaId: 1,
    intervalId: 104,
    member: 4,
    side: "bid",
    limitPriceMicroPerKwh: 1,
    energyWh: 1,
  };
  const signature = `0x${"11".repeat(64)}`;
  const answer = await cut.app.inject({
    method: "POST",
    url: "/v1/orders",
    payload: { ...payload, sequence: 0, signature },
  });
  await cut.close();
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ reason: "chainUnreachable" });
  expect(answer.body).not.toContain("secret");
});

test("a fault of the server says nothing but where to find it in the log", async () => {
  const broken = await openApiFixture({
    now: () => {
      throw new Error("secret detail");
    },
  });
  const answer = await broken.app.inject("/v1/prices");
  await broken.close();
  expect(answer.statusCode).toBe(500);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  expect(answer.json()).toEqual({
    type: "about:blank",
    title: "Internal server error",
    status: 500,
    reason: "internalError",
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});
