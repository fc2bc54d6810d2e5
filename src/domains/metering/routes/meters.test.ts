import { afterAll, beforeAll, expect, test } from "vitest";
import { openMeterGateway } from "#domains/metering/meterGateway.ts";
import { joinGateways } from "#domains/metering/readingDesk.ts";
import {
  ledgerSeparator,
  type MeterReading,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, accountOf, INTERVAL_SECONDS, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { meterOf } from "#platform/store/meteredHomes.fixture.ts";

const separator = ledgerSeparator(DEPLOYMENT.chainId, addressOf(DEPLOYMENT, "meterLedger"));
const INTERVAL_ID = 101;

let api: ApiFixture;
let kept: SignedReading[];

beforeAll(async () => {
  kept = [];
  const gateway = openMeterGateway({
    sender: { address: addressOfKey(keyOf(1)), account: undefined as never } as never,
    deployment: DEPLOYMENT,
    areaId: AREA_ID,
    intervalSeconds: INTERVAL_SECONDS,
    now: () => NOW,
    meterAt: async (id) =>
      id === meterOf(AREA_ID, 4)
        ? { areaId: AREA_ID, member: 4, account: accountOf(4), deviceKey: addressOfKey(keyOf(4)) }
        : null,
    meteredIn: async () => [4],
    keep: async (reading) => void kept.push(reading),
    kept: (intervalId) => kept.filter((reading) => reading.intervalId === intervalId),
    publicationOf: async () => ({ root: toHex(wordOf(0)), version: 0 }),
  });
  api = await openApiFixture({ readingDesk: joinGateways(new Map([[AREA_ID, gateway]])) });
});
afterAll(() => api.close());

function body(changes: Partial<MeterReading> = {}) {
  const reading: MeterReading = {
    meterId: meterOf(AREA_ID, 4),
    areaId: AREA_ID,
    member: 4,
    intervalId: INTERVAL_ID,
    importWh: 450,
    exportWh: 3,
    quality: "measured",
    version: 1,
    ...changes,
  };
  const { signature, ...rest } = signReading(reading, separator, keyOf(4));
  return { ...rest, signature: toHex(signature) };
}

async function post(readings: readonly unknown[]) {
  const answer = await api.app.inject({ method: "POST", url: "/v1/readings", payload: { readings } });
  return { status: answer.statusCode, body: answer.json() };
}

test("a device hands in what it signed, and learns what is on disk (R6.11, R8.26)", async () => {
  const { status, body: said } = await post([body(), { ...body(), importWh: 451 }, body({ areaId: 9 })]);
  expect(status).toBe(200);
  expect(said.answers.map(({ status: each, reason }: Record<string, string>) => [each, reason])).toEqual([
    ["accepted", null],
    ["refused", "invalidSignature"],
    ["refused", "unknownArea"],
  ]);
  expect(kept).toHaveLength(1);
  expect(kept[0]).toMatchObject({ importWh: 450, exportWh: 3, intervalId: INTERVAL_ID });
  // After a lost answer it comes again, and is kept once.
  expect((await post([body()])).body.answers).toEqual([
    { meterId: meterOf(AREA_ID, 4), intervalId: INTERVAL_ID, status: "accepted", reason: null },
  ]);
  expect(kept).toHaveLength(1);
  expect((await post([body({ importWh: 9 })])).body.answers[0].reason).toBe("duplicateReading");
  expect((await post([body({ intervalId: 102 })])).body.answers[0].reason).toBe("notOver");
});

test("what is no reading is refused as a whole, and more than a thousand are", async () => {
  expect((await post([])).status).toBe(400);
  expect((await post([{ ...body(), importWh: 0.5 }])).status).toBe(400);
  expect((await post(Array.from({ length: 1_001 }, () => body()))).status).toBe(400);
  expect((await post(Array.from({ length: 1_000 }, () => body()))).status).toBe(200);
});

test("a metering point says what its device signs for", async () => {
  const answer = await api.app.inject({
    url: `/v1/meters/${meterOf(AREA_ID, 4).toUpperCase().replace("0X", "0x")}`,
  });
  expect(answer.json()).toEqual({
    meterId: meterOf(AREA_ID, 4),
    areaId: AREA_ID,
    member: 4,
    capacityW: expect.any(Number),
    intervalSeconds: INTERVAL_SECONDS,
    deviceKey: addressOfKey(keyOf(4)),
    chainId: DEPLOYMENT.chainId,
    meterLedger: addressOf(DEPLOYMENT, "meterLedger"),
    now: NOW,
    clockSpeed: 1,
  });
  const none: Hex = toHex(wordOf(12_345));
  expect((await api.app.inject({ url: `/v1/meters/${none}` })).statusCode).toBe(404);
});
