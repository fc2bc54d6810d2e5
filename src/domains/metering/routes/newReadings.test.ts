import { fastify } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { ReadingRefusal } from "#domains/metering/meterGateway.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { answerError } from "#platform/api/problem.ts";
import type { MeteringContext } from "./meteringContext.ts";
import { addNewReadings } from "./newReadings.ts";

/* What the gateway itself accepts is in meterGateway.test.ts; here is how it is asked, and how it answers. */

const METER = `0x${"ab".repeat(32)}`;
const READING = {
  ...{ areaId: 1, intervalId: 500, member: 4, meterId: METER, importWh: 40, exportWh: "0" },
  ...{ quality: "measured", version: 1, signature: `0x${"12".repeat(64)}` },
};

const collected: SignedReading[] = [];
let answer: ReadingRefusal | null;
const app: Api = fastify().withTypeProvider<ZodTypeProvider>();
app.setValidatorCompiler(validatorCompiler);
app.setSerializerCompiler(serializerCompiler);
app.setErrorHandler(answerError);
const gateway = {
  collect: async (reading: SignedReading) => {
    collected.push(reading);
    return answer;
  },
};
addNewReadings(app, { meterGateways: new Map([[1, gateway]]) } as unknown as MeteringContext);

beforeEach(() => {
  answer = null;
  collected.length = 0;
});
afterAll(() => app.close());

const post = async (change: object = {}) => {
  const { statusCode, body } = await app.inject({
    method: "POST",
    url: "/v1/readings",
    payload: { ...READING, ...change },
  });
  return { status: statusCode, body: JSON.parse(body) };
};

it("hands a reading to the gateway of its area, and says when it is kept (R8.26)", async () => {
  expect(await post()).toEqual({
    status: 201,
    body: { status: "accepted", intervalId: 500, meterId: METER },
  });
  expect(collected).toMatchObject([
    { member: 4, importWh: 40, exportWh: 0, signature: new Uint8Array(64).fill(0x12) },
  ]);
});

it("names interval, meter and reason of a refusal", async () => {
  answer = "alreadyPublished";
  const late = await post();
  expect(late).toMatchObject({ status: 409, body: { reason: "alreadyPublished" } });
  expect(late.body.detail).toContain(`interval 500, meter ${METER}`);
  answer = "invalidSignature";
  expect(await post()).toMatchObject({ status: 422, body: { reason: "invalidSignature" } });
});

it("refuses what is no reading, and an area without a gateway here", async () => {
  expect((await post({ areaId: 2 })).status).toBe(404);
  for (const wrong of [
    { importWh: -1 },
    { importWh: 2 ** 32 },
    { version: 2 },
    { meterId: "0x12" },
    { extra: 1 },
  ])
    expect((await post(wrong)).status).toBe(400);
  expect(collected).toEqual([]);
});
