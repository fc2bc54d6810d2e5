import { afterAll, beforeAll, expect, test } from "vitest";
import type { Order } from "#domains/pool/rules/order.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { accountOf, homeOrder, keyOf } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;

const order = (
  side: "bid" | "offer",
  participant: number,
  energyWh: number,
  price: number,
  sequence = 0,
): Order<number> => ({ side, participant, energyWh, limitPriceMicroPerKwh: price * 1_000, sequence });

type Options = Parameters<ApiFixture["history"]["clear"]>[2];

function clear(intervalId: number, orders: readonly Order<number>[], options?: Options) {
  const signed = orders.map((each) => homeOrder(intervalId, each));
  return api.history.clear(intervalId, signed, options);
}

beforeAll(async () => {
  api = await openApiFixture();
  // Three homes offer 1.20 kWh at one price, and 0.602 kWh are bid for.
  clear(103, [
    order("bid", 4, 602, 200),
    order("offer", 5, 400, 173),
    order("offer", 6, 150, 173, 0),
    order("offer", 6, 250, 173, 1),
    order("offer", 7, 400, 173),
    order("offer", 7, 10, 190),
  ]);
  clear(104, [order("bid", 4, 500, 150), order("offer", 5, 500, 180)]);
  clear(105, [order("bid", 4, 500, 150)]);
  const plan = clear(106, [order("bid", 4, 500, 200), order("offer", 5, 500, 180)]);
  api.history.returnPage(plan);
  const pair = [order("bid", 4, 500, 200), order("offer", 5, 500, 180)];
  const firstStep = { maxStepOrders: 1, onlySteps: 1 };
  clear(107, pair, firstStep);
  // 108 and 96 are given up, 96 for good, since delivery begins; 109 is cleared again; 111 has no supplier.
  api.history.abandon(clear(108, pair, firstStep));
  api.history.abandon(clear(96, pair, firstStep));
  api.history.abandon(clear(109, pair, firstStep));
  clear(109, pair);
  clear(111, pair, { isSupplied: false });
  await api.follow();
});
afterAll(() => api?.close());

async function get(url: string, headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ url, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

type Listed = { orderId: string; side: string; energyWh: string; limitPriceMicroPerKwh: string };

/** The explanation of the first order of a member in an interval that has these fields. */
async function explain(intervalId: number, member: number, fields: Partial<Listed> = {}) {
  const { orders } = await get(`/v1/orders?intervalId=${intervalId}&account=${accountOf(member)}`);
  const found = (orders as Listed[]).find((each) =>
    Object.entries(fields).every(([name, value]) => each[name as keyof Listed] === value),
  );
  return get(`/v1/orders/${found!.orderId}/explanation`);
}

test("an order of a shared level is explained with its share, the orders beside it, and the rule", async () => {
  const explanation = await explain(103, 5);
  expect(explanation.sentence).toBe(
    "3 homes offered at €0.173; together they could sell 0.602 of their 1.20 kWh, so each got 50.2%: " +
      "0.201 of 0.40 kWh sold at €0.187. Of the 0.002 kWh that sharing left over, 0.001 kWh each went to members 5 and 6.",
  );
  expect(explanation.rule).toContain("in proportion to each home's energy");
  expect(explanation.side).toBe("offer");
  expect(explanation.clearing).toEqual({
    clearingPriceMicroPerKwh: "186500",
    marginalBidMicroPerKwh: "200000",
    marginalOfferMicroPerKwh: "173000",
  });
  expect(explanation.level).toMatchObject({ levelWh: "1200", filledWh: "602", participants: 3 });
  expect(explanation.level.share).toBeCloseTo(602 / 1_200, 12);
  expect(
    explanation.level.orders.map(({ member, fillWh }: { member: number; fillWh: string }) => [
      member,
      fillWh,
    ]),
  ).toEqual([
    [5, "201"],
    [6, "150"],
    [6, "51"],
    [7, "200"],
  ]);
});

test("of several orders of a home at one price, each says what all of them got", async () => {
  const { sentence } = await explain(103, 6, { energyWh: "250" });
  expect(sentence).toContain(
    "so each got 50.2%: 2 orders there got 0.201 of 0.40 kWh, this one 0.051 of 0.25 kWh sold at €0.187.",
  );
});

test.each([
  [
    4,
    { side: "bid" },
    "Filled whole, 0.50 of 0.50 kWh bought at €0.175: its limit of €0.260 was €0.060 above €0.200, the lowest bid that was filled.",
  ],
  [
    5,
    { energyWh: "400" },
    "Filled whole, 0.40 of 0.40 kWh bought at €0.175: its limit of €0.200 was that of the lowest bid that was filled, and all bid at it was needed.",
  ],
  [
    5,
    { energyWh: "100" },
    "Unfilled: its limit of €0.090 was €0.110 below €0.200, the lowest bid that was filled.",
  ],
  [
    6,
    {},
    "Filled whole, 0.60 of 0.60 kWh sold at €0.175: its limit of €0.100 was €0.050 below €0.150, the highest offer that was filled.",
  ],
  [
    7,
    { side: "offer" },
    "Partly filled, 0.30 of 0.50 kWh sold at €0.175: its limit of €0.150 was that of the highest offer that was filled, and no more was needed.",
  ],
  [
    7,
    { limitPriceMicroPerKwh: "290000" },
    "Unfilled: its limit of €0.290 was €0.140 above €0.150, the highest offer that was filled.",
  ],
  [
    7,
    { limitPriceMicroPerKwh: "299000" },
    "Left out: the chain refused it, since the member's margin did not cover what its orders could cost at worst.",
  ],
])("an order of member %i with %o is explained", async (member, fields, sentence) => {
  expect((await explain(102, member, fields)).sentence).toBe(sentence);
});

test("without a trade the distance to the other side is named, or that nobody is there", async () => {
  const apart = await explain(104, 4);
  expect(apart.sentence).toBe(
    "Unfilled: its limit of €0.150 was €0.030 below €0.180, the lowest offer, so nothing was traded.",
  );
  expect(apart.clearing).toEqual({
    clearingPriceMicroPerKwh: null,
    marginalBidMicroPerKwh: null,
    marginalOfferMicroPerKwh: null,
  });
  expect((await explain(105, 4)).sentence).toBe("Unfilled: nobody offered energy in this interval.");
});

test("a fill whose interval was given back does not count", async () => {
  expect((await explain(106, 4)).sentence).toContain(
    "The interval was given back later, as no readings came in time: no trade of it counts.",
  );
});

test("an open order says when its gate closes, in the area's zone", async () => {
  const intervalId = 110;
  const { participant, signature, ...rest } = homeOrder(intervalId, order("bid", 4, 250, 200));
  const payload = { areaId: 1, intervalId, member: participant, ...rest, signature: toHex(signature) };
  const { orderId } = (await api.app.inject({ method: "POST", url: "/v1/orders", payload })).json();
  const explanation = await get(`/v1/orders/${orderId}/explanation`, await signIn(api.app, keyOf(4)));
  // 110 × 900 s − 300 s is 03:25 in UTC on 2 January 1970, an hour later in Berlin.
  expect(explanation.sentence).toBe(
    "It waits at the desk until the gate closes: 2 Jan 1970, 04:25 (Europe/Berlin).",
  );
  expect(explanation).toMatchObject({ clearing: null, level: null, order: { status: "open" } });
});

test("an order of a clearing that is not complete waits for its further steps", async () => {
  const explanation = await explain(107, 4);
  expect(explanation.sentence).toBe("It is on the chain, in a clearing that has further steps to come.");
  expect(explanation).toMatchObject({ clearing: null, level: null });
});

test("a clearing that was given up is told, whether another may follow, follows, or does not", async () => {
  expect((await explain(108, 4)).sentence).toBe(
    "The clearing that it was in was given up before it was complete; the interval is cleared again.",
  );
  expect((await explain(96, 4)).sentence).toBe(
    "Unfilled: the clearing was given up before it was complete, and what it reserved is given back.",
  );
  expect((await explain(109, 4)).sentence).toContain(
    " An earlier clearing of the interval was given up before it was complete, and all was cleared again.",
  );
});

test("who bought in an unsupplied interval is told that what is not used earns nothing", async () => {
  const words = "No supplier stands for the interval: what is bought and not used earns nothing.";
  expect((await explain(111, 4)).sentence).toContain(words);
  expect((await explain(111, 5)).sentence).not.toContain(words);
});

test.each([
  [`/v1/orders/0x${"12".repeat(32)}/explanation`, 404],
  ["/v1/orders/0x12/explanation", 400],
])("%s is answered %i", async (url, status) => {
  expect((await api.app.inject({ url })).statusCode).toBe(status);
});
