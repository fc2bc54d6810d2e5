import { type AddressInfo, createServer } from "node:net";
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, it } from "vitest";
import { passwordOf } from "#domains/metering/rules/deviceLogin.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { meterOf } from "#platform/store/meteredHomes.fixture.ts";
import { homeSensors } from "#world/meters/homeSensors.ts";
import { tellHomeAssistant } from "./homeAssistant.ts";
import type { MeterPlace } from "./meterPlace.ts";

const place: MeterPlace = {
  ...{ meterId: meterOf(AREA_ID, 4), areaId: AREA_ID, member: 4, intervalSeconds: 900 },
  ...{ chainId: DEPLOYMENT.chainId, meterLedger: addressOf(DEPLOYMENT, "meterLedger") },
};

let api: ApiFixture;
let gateway: string;
beforeAll(async () => {
  api = await openApiFixture({ worldNow: () => Date.now() / 1_000 });
  gateway = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => api.close());

async function askHome(authorization?: string) {
  const url = `/v1/meters/${place.meterId}/home`;
  const answer = await api.app.inject({ url, headers: authorization ? { authorization } : {} });
  return { status: answer.statusCode, body: answer.json() };
}

it("a home is told to the device of its meter, and to nobody else (R7.20)", async () => {
  const at = Math.floor(Date.now() / 1_000);
  const { meterId } = place;
  const basic = (name: string, key: Uint8Array) =>
    `Basic ${Buffer.from(`${name}:${passwordOf({ meterId, at }, place, key)}`).toString("base64")}`;
  expect((await askHome()).status).toBe(401);
  expect((await askHome("Basic x")).status).toBe(401);
  expect((await askHome(basic(meterId, keyOf(5)))).status).toBe(403);
  expect((await askHome(basic(meterOf(AREA_ID, 5), keyOf(4)))).status).toBe(403);
  const { status, body } = await askHome(basic(meterId, keyOf(4)));
  expect(status).toBe(200);
  // Two settled intervals, of which the meter of member 4 took 450 Wh each, and one that is cleared.
  expect(Number(body.total.localImportWh) + Number(body.total.gridImportWh)).toBe(900);
  expect(body.traded).toMatchObject({ intervalId: 102, soldWh: "0" });
  expect(Number(body.traded.boughtWh)).toBeGreaterThan(0);
  expect(Number(body.today.tariffMicro)).toBeGreaterThan(Number(body.today.costMicro));
});

it("Home Assistant learns of the home by discovery, and of each sensor a state (R2.50, R6.10)", async () => {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const heard = new Map<string, string>();
  const stop = new AbortController();
  broker.subscribe(
    "#",
    ({ topic, payload }, done) => {
      heard.set(topic, payload.toString());
      if (payload.toString() === "online") stop.abort();
      done();
    },
    () => {},
  );
  const said: string[] = [];
  await tellHomeAssistant({
    ...{ broker: address, gateway, place, deviceKey: keyOf(4), signal: stop.signal },
    everyMs: 60_000,
    say: (sentence) => void said.push(sentence),
  });
  expect(said).toEqual([]);
  const id = `commonwatt_${place.meterId.slice(2, 14)}`;
  const config = JSON.parse(heard.get(`homeassistant/device/${id}/config`) ?? "{}");
  const states = JSON.parse(heard.get(config.components.price_now.state_topic) ?? "{}");
  for (const { key, hasAttributes } of homeSensors("EUR")) {
    expect(config.components[key], key).toMatchObject({ platform: "sensor", unique_id: `${id}_${key}` });
    expect(states[key], key).toBeDefined();
    if (hasAttributes) expect(typeof states[`${key}_attributes`], key).toBe("object");
  }
  expect(config.components.energy_from_community).toMatchObject({
    device_class: "energy",
    state_class: "total_increasing",
    unit_of_measurement: "kWh",
  });
  expect(config.components.cost).toMatchObject({ device_class: "monetary", state_class: "total" });
  expect(states.price_now).toBe(0.195);
  expect(states.energy_from_community + states.energy_from_grid).toBeCloseTo(0.9, 9);
  expect(states.power_traded).toBeGreaterThan(0);
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  await ended;
});
