import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openVtnFixture, type VtnFixture } from "./vtnServer.fixture.ts";

/* Object privacy of OpenADR 3.1: a VEN sees what it holds a target of, what has none, and what is its own. */

let vtn: VtnFixture;
let programID: string;

beforeEach(async () => {
  vtn = await openVtnFixture();
  programID = (await create("business", "/programs", { programName: "program" })).id;
});
afterEach(() => vtn.close());

async function create(as: string, path: string, body: object) {
  const { status, json } = await vtn.ask(as, "POST", path, body);
  expect([status, json.detail]).toEqual([201, undefined]);
  return json;
}

const grant = (clientID: string, targets: string[]) =>
  create("business", "/vens", { objectType: "BL_VEN_REQUEST", clientID, venName: clientID, targets });
const names = async (as: string, path: string) =>
  (await vtn.ask(as, "GET", path)).json.map(
    (each: { eventName?: string; programName?: string }) => each.eventName ?? each.programName,
  );
const addEvent = (eventName: string, targets?: string[] | null, more: object = {}) =>
  create("business", "/events", { programID, eventName, targets, ...more });

describe("events and programs with targets", () => {
  beforeEach(async () => {
    await addEvent("all");
    await addEvent("all too", null);
    await addEvent("north", ["north"]);
    await addEvent("south", ["south"]);
    await addEvent("north and south", ["north", "south"]);
  });

  it("are seen by whom holds one of them, and by business logic", async () => {
    expect(await names("home", "/events")).toEqual(["all too", "all"]);
    await grant("home", ["north"]);
    expect(await names("home", "/events")).toEqual(["north and south", "north", "all too", "all"]);
    expect(await names("office", "/events")).toEqual(["all too", "all"]);
    expect(await names("business", "/events")).toHaveLength(5);
  });

  it("are held by a VEN's resources as well, as long as they are there", async () => {
    const ven = await grant("home", []);
    const resource = await create("business", "/resources", {
      ...{ objectType: "BL_RESOURCE_REQUEST", clientID: "home", venID: ven.id },
      ...{ resourceName: "boiler", targets: ["south"] },
    });
    expect(await names("home", "/events")).toEqual(["north and south", "south", "all too", "all"]);
    await vtn.ask("business", "DELETE", `/resources/${resource.id}`);
    expect(await names("home", "/events")).toEqual(["all too", "all"]);
  });

  it("show a VEN those targets alone that it holds, one by one as well", async () => {
    await grant("home", ["north"]);
    const [both] = (await vtn.ask("home", "GET", "/events")).json;
    expect(both).toMatchObject({ eventName: "north and south", targets: ["north"] });
    expect((await vtn.ask("home", "GET", `/events/${both.id}`)).json.targets).toEqual(["north"]);
    expect((await vtn.ask("business", "GET", `/events/${both.id}`)).json.targets).toEqual(["north", "south"]);
  });

  it("are found by targets, of which a VEN may ask for what it holds", async () => {
    await grant("home", ["north"]);
    expect(await names("business", "/events?targets=north&targets=south")).toHaveLength(3);
    expect(await names("business", "/events?targets=none")).toEqual([]);
    expect(await names("home", "/events?targets=north&targets=south")).toEqual(["north and south", "north"]);
    expect(await names("home", "/events?targets=south")).toEqual([]);
  });

  it("are not there for others: 404, as what never was, and no report on them", async () => {
    const { id } = await addEvent("south again", ["south"]);
    expect((await vtn.ask("home", "GET", `/events/${id}`)).status).toBe(404);
    const report = { eventID: id, clientName: "home", resources: [] };
    const [hidden, missing] = [
      await vtn.ask("home", "POST", "/reports", report),
      await vtn.ask("home", "POST", "/reports", { ...report, eventID: "none" }),
    ];
    expect([hidden.status, missing.status]).toEqual([409, 409]);
    expect(hidden.json.detail.replace(id, "x")).toBe(missing.json.detail.replace("none", "x"));
  });
});

it("no VEN sees, changes or deletes another's ven, resource, report or subscription; business logic sees them", async () => {
  const event = await addEvent("all");
  const ven = await create("home", "/vens", { objectType: "VEN_VEN_REQUEST", venName: "home" });
  const made = {
    vens: ven,
    resources: await create("home", "/resources", {
      ...{ objectType: "VEN_RESOURCE_REQUEST", venID: ven.id, resourceName: "boiler" },
    }),
    reports: await create("home", "/reports", { eventID: event.id, clientName: "home", resources: [] }),
    subscriptions: await create("home", "/subscriptions", { clientName: "home", objectOperations: [] }),
  };
  for (const [path, object] of Object.entries(made)) {
    expect(object.clientID).toBe("home");
    const { id, createdDateTime: _, modificationDateTime: __, objectType, clientID: ___, ...fields } = object;
    const body = ["VEN", "RESOURCE"].includes(objectType)
      ? { ...fields, objectType: `VEN_${objectType}_REQUEST` }
      : fields;
    for (const who of ["home", "business"])
      expect((await vtn.ask(who, "GET", `/${path}`)).json).toEqual([object]);
    expect((await vtn.ask("office", "GET", `/${path}`)).json).toEqual([]);
    expect((await vtn.ask("office", "GET", `/${path}/${id}`)).status).toBe(404);
    expect((await vtn.ask("office", "PUT", `/${path}/${id}`, body)).status).toBe(404);
    expect((await vtn.ask("office", "DELETE", `/${path}/${id}`)).status).toBe(404);
    expect((await vtn.ask("home", "PUT", `/${path}/${id}`, body)).status).toBe(200);
  }
});

it("a VEN cannot grant itself a target, nor speak as business logic; what it was granted stays when it writes", async () => {
  const ven = await grant("home", ["north"]);
  const asBusiness = { objectType: "BL_VEN_REQUEST", clientID: "home", venName: "home", targets: ["south"] };
  expect((await vtn.ask("home", "PUT", `/vens/${ven.id}`, asBusiness)).status).toBe(403);
  expect((await vtn.ask("office", "POST", "/vens", asBusiness)).status).toBe(403);
  const own = { objectType: "VEN_VEN_REQUEST", venName: "renamed", targets: ["south"], clientID: "office" };
  const { json } = await vtn.ask("home", "PUT", `/vens/${ven.id}`, own);
  expect(json).toMatchObject({ venName: "renamed", targets: ["north"], clientID: "home" });
});

describe("lists", () => {
  it("are by priority, the newest first, in pages that fit together", async () => {
    for (const [name, priority] of [
      ["a", null],
      ["b", 2],
      ["c", 0],
      ["d", 2],
    ] as const)
      await addEvent(name, null, { priority });
    expect(await names("home", "/events")).toEqual(["c", "d", "b", "a"]);
    expect(await names("home", "/events?skip=1&limit=2")).toEqual(["d", "b"]);
    expect(await names("home", "/events?skip=4")).toEqual([]);
  });

  it("leave out what has transpired when only active events are asked for", async () => {
    const period = (start: string) => ({
      intervalPeriod: { start, duration: "PT1H" },
      intervals: [{ id: 0, payloads: [] }],
    });
    await addEvent("over", null, period("2020-01-01T00:00:00Z"));
    await addEvent("to come", null, period("2100-01-01T00:00:00Z"));
    await addEvent("always", null);
    expect(await names("home", "/events?active=true")).toEqual(["always", "to come"]);
    expect(await names("home", "/events?active=false")).toHaveLength(3);
    expect((await vtn.ask("home", "GET", "/events?active=perhaps")).status).toBe(400);
  });

  it("of reports and subscriptions go by their program, event, client and kinds of objects", async () => {
    const event = await addEvent("event");
    await create("home", "/reports", { eventID: event.id, clientName: "a", resources: [] });
    await create("office", "/reports", { eventID: event.id, clientName: "b", resources: [] });
    const count = async (path: string) => (await vtn.ask("business", "GET", path)).json.length;
    expect(await count(`/reports?programID=${programID}`)).toBe(2);
    expect(await count("/reports?programID=none")).toBe(0);
    expect(await count(`/reports?eventID=${event.id}&clientName=a`)).toBe(1);
    const operation = { objects: ["EVENT"], operations: ["CREATE"], callbackUrl: "https://example.com/" };
    await create("home", "/subscriptions", { clientName: "a", programID, objectOperations: [operation] });
    expect(await count(`/subscriptions?objects=EVENT&objects=VEN&programID=${programID}`)).toBe(1);
    expect(await count("/subscriptions?objects=VEN")).toBe(0);
  });
});

it("a deleted program takes its events, their reports and its subscriptions along; a ven its resources", async () => {
  const event = await addEvent("event");
  await create("home", "/reports", { eventID: event.id, clientName: "a", resources: [] });
  await create("home", "/subscriptions", { clientName: "a", programID, objectOperations: [] });
  const ven = await grant("home", []);
  await create("home", "/resources", {
    objectType: "VEN_RESOURCE_REQUEST",
    venID: ven.id,
    resourceName: "a",
  });
  await vtn.ask("business", "DELETE", `/programs/${programID}`);
  await vtn.ask("business", "DELETE", `/vens/${ven.id}`);
  for (const path of ["programs", "events", "reports", "subscriptions", "vens", "resources"])
    expect([path, (await vtn.ask("business", "GET", `/${path}`)).json]).toEqual([path, []]);
});

it("an update keeps the id and the creation, and always comes later", async () => {
  const [before] = (await vtn.ask("business", "GET", "/programs")).json;
  const body = { programName: "renamed", id: "other", createdDateTime: "2000-01-01T00:00:00Z", unknown: 1 };
  const { json: after } = await vtn.ask("business", "PUT", `/programs/${programID}`, body);
  expect(after).toEqual({
    ...before,
    programName: "renamed",
    modificationDateTime: after.modificationDateTime,
  });
  expect(Date.parse(after.modificationDateTime)).toBeGreaterThan(Date.parse(before.modificationDateTime));
});
