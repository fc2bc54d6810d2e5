import { afterAll, beforeAll, expect, it } from "vitest";
import type { QuotaAnswer, SubmittedQuotaOrder } from "#domains/charging/quotaDesk.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";

const ORDER_ID = `0x${"0a".repeat(32)}` as const;
const BODY = {
  ...{ period: 970_400, member: 4, side: "bid", limitPriceMicroPerKw: "50000", quotaW: 2_000, sequence: 0 },
  signature: `0x${"01".repeat(64)}`,
};

let api: ApiFixture;
let received: SubmittedQuotaOrder[];
let answer: QuotaAnswer;

beforeAll(async () => {
  received = [];
  const submit = async (order: SubmittedQuotaOrder) => {
    received.push(order);
    return answer;
  };
  api = await openApiFixture({ quotaDesks: new Map([[2, { submit }]]) });
});
afterAll(() => api.close());

const post = (body: object, area = "2") =>
  api.app.inject({ method: "POST", url: `/v1/areas/${area}/quota-orders`, payload: body });

it("hands a signed order to the desk of its area", async () => {
  answer = { status: "accepted", orderId: ORDER_ID, receivedAt: 1_746_720_420 };
  const response = await post(BODY);
  expect([response.statusCode, response.json()]).toEqual([201, answer]);
  expect(received.at(-1)).toEqual({
    ...{ areaId: 2, period: 970_400, participant: 4, side: "bid", quantity: 2_000, sequence: 0 },
    ...{ limitPriceMicroPerThousand: 50_000, signature: new Uint8Array(64).fill(1) },
  });
});

it.each([
  ["gateClosed", 409],
  ["bidNotCovered", 422],
] as const)("answers %s with %i", async (reason, status) => {
  answer = { status: "refused", orderId: ORDER_ID, reason, detail: "bids were taken until then" };
  const response = await post(BODY);
  expect(response.statusCode).toBe(status);
  expect(response.json()).toMatchObject({ reason, orderId: ORDER_ID, detail: answer.detail });
});

it("refuses an area without quotas, and what is no order", async () => {
  expect((await post(BODY, "1")).statusCode).toBe(404);
  expect((await post({ ...BODY, sequence: 16 })).statusCode).toBe(400);
  expect((await post({ ...BODY, signature: "0x12" })).statusCode).toBe(400);
  expect((await post({ ...BODY, quotaW: "5e3" })).statusCode).toBe(400);
});
