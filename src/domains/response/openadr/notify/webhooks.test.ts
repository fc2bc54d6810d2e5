import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openVtnFixture, type VtnFixture } from "../http/vtnServer.fixture.ts";
import { notification } from "../model/answers.ts";

/* Subscribers are told what they may see, in order, with their token, and not for ever where nobody answers. */

type Call = {
  readonly path: string;
  readonly token: string | undefined;
  readonly body: ReturnType<typeof JSON.parse>;
};

let vtn: VtnFixture;
let server: Server;
let calls: Call[];
let status: number;
let base: string;
let programID: string;

beforeEach(async () => {
  vtn = await openVtnFixture();
  [calls, status] = [[], 200];
  server = createServer((request, response) => {
    read(request).then((text) => {
      calls.push({ path: request.url ?? "", token: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(status, status === 302 ? { location: `${base}/elsewhere` } : {}).end();
    });
  });
  await new Promise<void>((opened) => server.listen(0, "127.0.0.1", opened));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  programID = (await ask("business", "POST", "/programs", { programName: "a" })).id;
});
afterEach(async () => {
  await vtn.close();
  await new Promise((closed) => server.close(closed));
});

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

async function ask(as: string, method: "POST" | "PUT" | "DELETE", path: string, body?: object) {
  const { json, status: answered } = await vtn.ask(as, method, path, body);
  expect([answered, json.detail]).toEqual([method === "POST" ? 201 : 200, undefined]);
  return json;
}

const subscribe = (as: string, objects: string[], more: object = {}) =>
  ask(as, "POST", "/subscriptions", {
    clientName: as,
    objectOperations: [
      {
        objects,
        operations: ["CREATE", "UPDATE", "DELETE"],
        callbackUrl: `${base}/${as}`,
        bearerToken: `of ${as}`,
      },
    ],
    ...more,
  });
const addEvent = (eventName: string, targets: string[] = []) =>
  ask("business", "POST", "/events", { programID, eventName, targets });
const told = () =>
  calls.map(({ path, body }) => [path.slice(1), body.operation, body.object.eventName ?? body.objectType]);

it("tells of what was created, changed and deleted, in that order, with the subscriber's token", async () => {
  await subscribe("home", ["EVENT"]);
  const event = await addEvent("first");
  await ask("business", "PUT", `/events/${event.id}`, { programID, eventName: "second" });
  await ask("business", "DELETE", `/events/${event.id}`);
  await vtn.vtn.webhooks.idle();
  expect(told()).toEqual([
    ["home", "CREATE", "first"],
    ["home", "UPDATE", "second"],
    ["home", "DELETE", "second"],
  ]);
  expect(calls.every(({ token }) => token === "Bearer of home")).toBe(true);
  for (const { body } of calls) expect(notification.safeParse(body).success).toBe(true);
});

it("tells a VEN nothing of what it may not see, and hides the targets that it does not hold", async () => {
  const ven = { objectType: "BL_VEN_REQUEST", clientID: "home", venName: "home", targets: ["north"] };
  await ask("business", "POST", "/vens", ven);
  for (const who of ["home", "office", "business"]) await subscribe(who, ["EVENT", "REPORT"]);
  const event = await addEvent("both", ["north", "south"]);
  await addEvent("south", ["south"]);
  await ask("home", "POST", "/reports", { eventID: event.id, clientName: "home", resources: [] });
  await vtn.vtn.webhooks.idle();
  const of = (who: string) =>
    told()
      .filter(([path]) => path === who)
      .map(([, , what]) => what);
  expect(of("home")).toEqual(["both", "REPORT"]);
  expect(of("office")).toEqual([]);
  expect(of("business")).toEqual(["both", "south", "REPORT"]);
  expect(calls.find(({ path }) => path === "/home")?.body.object.targets).toEqual(["north"]);
});

it("goes by the subscription's program and targets", async () => {
  const other = await ask("business", "POST", "/programs", { programName: "other" });
  await subscribe("business", ["EVENT", "PROGRAM"], { programID, targets: ["north"] });
  await addEvent("north", ["north"]);
  await addEvent("south", ["south"]);
  await ask("business", "POST", "/events", { programID: other.id, targets: ["north"], eventName: "other" });
  await vtn.vtn.webhooks.idle();
  expect(told()).toEqual([["business", "CREATE", "north"]]);
});

it("tries four times, follows no redirection, and gives a subscription up until it is written anew", async () => {
  const subscription = await subscribe("home", ["EVENT"]);
  status = 302;
  await addEvent("redirected");
  await vtn.vtn.webhooks.idle();
  expect(calls.map(({ path }) => path)).toEqual(Array(4).fill("/home"));
  status = 500;
  for (let i = 0; i < 6; i += 1) {
    await addEvent(`failed ${i}`);
    await vtn.vtn.webhooks.idle();
  }
  expect(calls).toHaveLength(4 * 5);
  [calls, status] = [[], 200];
  await addEvent("not told");
  const {
    id,
    createdDateTime: _,
    modificationDateTime: __,
    objectType: ___,
    clientID: ____,
    ...fields
  } = subscription;
  await ask("home", "PUT", `/subscriptions/${id}`, fields);
  await addEvent("told again");
  await vtn.vtn.webhooks.idle();
  expect(told()).toEqual([["home", "CREATE", "told again"]]);
});

it("by the policy `proven` an address that does not answer the challenge is refused, as one within a network is", async () => {
  const strict = await openVtnFixture({ callbacks: "proven" });
  const post = (callbackUrl: string) =>
    strict.ask("home", "POST", "/subscriptions", {
      clientName: "home",
      objectOperations: [{ objects: ["EVENT"], operations: ["CREATE"], callbackUrl }],
    });
  for (const [url, why] of [
    [`${base}/home`, /no public address/],
    ["https://commonwatt.invalid/", /did not answer/],
    ["http://example.com/", /not https/],
  ] as const) {
    const { status: answered, json } = await post(url);
    expect([answered, json.detail]).toEqual([400, expect.stringMatching(why)]);
  }
  expect((await strict.ask("home", "GET", "/subscriptions")).json).toEqual([]);
  expect(calls).toEqual([]);
  await strict.close();
});
