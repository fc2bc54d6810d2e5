import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { registerClient } from "../clientBook.ts";
import { SCOPES_OF_ROLE } from "../rules/operations.ts";
import { InsecureVtnError, type ServedVtn, serveVtn } from "../serveVtn.ts";
import { clientsFile } from "../vtn.ts";
import { demonstrateVen } from "./demonstration.ts";
import { startVen } from "./simulatedVen.ts";
import { subscribeToEvents } from "./subscribeToEvents.ts";
import { createVenClient, type VenClient, VtnAnswerError } from "./venClient.ts";

/* The loop over HTTP: a token, a registration, events, a report; once each, whatever is restarted. */

const LOAD = { seed: 1, ratedW: 8_000, flexibleShare: 0.4 };
const MARKET = { clientID: "market", isBusiness: true };
const START = "2025-05-12T18:00:00Z";
const STARTS_AT = Date.parse(START) / 1_000;

let directory: string;
let vtn: ServedVtn;
let client: VenClient;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-ven-"));
  const secret = registerClient(clientsFile(directory), { id: "home", scopes: SCOPES_OF_ROLE.ven });
  vtn = await serve();
  client = createVenClient({ url: vtn.url, clientID: "home", secret });
});
afterEach(async () => {
  await vtn.close();
  rmSync(directory, { recursive: true, force: true });
});

const serve = (port = 0) =>
  serveVtn({ host: "127.0.0.1", port, publicUrl: null }, { directory, now: Date.now, say: () => undefined });

async function addEvent(eventName: string) {
  const [program] = vtn.desk.list(MARKET, "PROGRAM", { skip: 0, limit: 1 });
  const { id } = program ?? (await vtn.desk.create(MARKET, "PROGRAM", { programName: "a" }));
  return vtn.desk.create(MARKET, "EVENT", {
    ...{ programID: id, eventName },
    intervalPeriod: { start: START, duration: "PT15M" },
    intervals: [3, 1].map((kW, i) => ({
      id: i,
      payloads: [{ type: "IMPORT_CAPACITY_LIMIT", values: [kW] }],
    })),
  });
}

it("registers itself and its load, and reports an event when it is over, once", async () => {
  const event = await addEvent("limit");
  const ven = await startVen(client, { name: "my home", load: LOAD });
  expect(ven.ven).toMatchObject({ venName: "my home", clientID: "home" });
  expect(ven.resource).toMatchObject({ resourceName: "load", venID: ven.ven.id });
  expect(await ven.followUntil(STARTS_AT + 1_799)).toEqual([]);
  const [followed, ...more] = await ven.followUntil(STARTS_AT + 1_800);
  expect(more).toEqual([]);
  expect(followed?.intervals.map(({ usedWh }) => usedWh)).toEqual([750, 250]);
  const report = vtn.desk.find(MARKET, "REPORT", followed?.reportID ?? "");
  expect(report).toMatchObject({ eventID: event.id, clientID: "home", clientName: "my home" });
  expect(
    report.resources[0]?.intervals.map(({ intervalPeriod, payloads }) => [intervalPeriod, payloads[0]]),
  ).toEqual([
    [
      { start: "2025-05-12T18:00:00.000Z", duration: "PT900S" },
      { type: "USAGE", values: [0.75] },
    ],
    [
      { start: "2025-05-12T18:15:00.000Z", duration: "PT900S" },
      { type: "USAGE", values: [0.25] },
    ],
  ]);
  expect(await ven.followUntil(STARTS_AT + 9_000)).toEqual([]);
  const again = await startVen(client, { name: "another name", load: LOAD });
  expect([again.ven.id, again.resource.id]).toEqual([ven.ven.id, ven.resource.id]);
  expect(await again.followUntil(STARTS_AT + 9_000)).toEqual([]);
});

it("hears of an event by its subscription, and ends it when it closes", async () => {
  const ven = await startVen(client, { name: "home", load: LOAD });
  const listener = await subscribeToEvents(client, ven.ven.venName);
  const heard = listener.next(60_000);
  await addEvent("limit");
  await heard;
  expect(await ven.followUntil(STARTS_AT + 1_800)).toHaveLength(1);
  await listener.close();
  expect(await client.list("SUBSCRIPTION")).toEqual([]);
});

it("goes on with a VTN that was restarted, and reads lists of several pages", async () => {
  for (let i = 0; i < 60; i += 1) await addEvent(`event ${i}`);
  expect(await client.list("EVENT")).toHaveLength(60);
  const { port } = new URL(vtn.url);
  await vtn.close();
  vtn = await serve(Number(port));
  expect(await client.list("EVENT")).toHaveLength(60);
});

it("says what the VTN answered", async () => {
  const stranger = createVenClient({ url: vtn.url, clientID: "home", secret: "wrong" });
  await expect(stranger.list("EVENT")).rejects.toThrow(VtnAnswerError);
  await expect(stranger.list("EVENT")).rejects.toThrow(
    "auth/token with 401: no client has this id and this secret",
  );
  await expect(client.create("PROGRAM", { programName: "a" })).rejects.toThrow(
    "403: the token is not for the scope write_programs",
  );
});

it("demonstrates three kinds of signals, the same for a seed (R2.63, R8.33)", async () => {
  const run = async (name: string) => {
    const followed = await demonstrateVen(join(directory, name), LOAD);
    return followed.map(({ event, intervals }) => [event.eventName, intervals.map(({ usedWh }) => usedWh)]);
  };
  const first = await run("a");
  expect(first.map(([name]) => name)).toEqual(["renewable energy", "limit of the grid", "prices"]);
  expect(await run("b")).toEqual(first);
});

it("a VTN does not listen beyond loopback without a proxy's address, and one process has its directory", async () => {
  const open = (host: string) =>
    serveVtn(
      { host, port: 0, publicUrl: null },
      { directory: join(directory, "b"), now: Date.now, say: () => undefined },
    );
  await expect(open("0.0.0.0")).rejects.toThrow(InsecureVtnError);
  await expect(serve()).rejects.toThrow(/vtn\.lock is held/);
});
