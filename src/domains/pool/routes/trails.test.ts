import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { homeOrder, keyOf, OPERATOR_KEY, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let [home5, home7, operator]: Partial<SignedIn>[] = [];
const nobody = {};

beforeAll(async () => {
  api = await openApiFixture();
  // Member 4 trades and is not settled yet; member 7 is read and trades nothing.
  api.history.clear(103, ordinaryOrders(103).slice(0, 3));
  api.history.publish(103, { 4: [4_321, 0], 5: [700, 0], 6: [0, 650], 7: [0, 1_234] });
  const given = api.history.clear(104, ordinaryOrders(104));
  api.history.returnPage(given);
  const steps = { maxStepOrders: 2, onlySteps: 1 };
  api.history.abandon(api.history.clear(106, ordinaryOrders(106), steps));
  api.history.abandon(api.history.clear(98, ordinaryOrders(98), steps));
  const unread = api.history.clear(98, ordinaryOrders(98), { isSupplied: false });
  api.history.publish(98, { 4: [500, 0], 6: [0, 650], 7: [0, 300] });
  api.history.settle(unread);
  await api.follow();
  home5 = await signIn(api.app, keyOf(5));
  home7 = await signIn(api.app, keyOf(7));
  operator = await signIn(api.app, OPERATOR_KEY);
});
afterAll(() => api?.close());

type Step = { stage: string; at: number | null; sentence: string; transactionHash: string | null };
type Trail = { title: string; steps: Step[] };
type Order = { orderId: string; member: number; status: string; side: string };

async function get<T>(url: string, headers: Partial<SignedIn> = nobody): Promise<T> {
  const answer = await api.app.inject({ url, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function orderOf(intervalId: number, isIt: (order: Order) => boolean): Promise<Order> {
  const { orders } = await get<{ orders: Order[] }>(`/v1/orders?intervalId=${intervalId}&limit=100`);
  return orders.find(isIt)!;
}

const trailOf = ({ orderId }: Order, headers?: Partial<SignedIn>) =>
  get<Trail>(`/v1/orders/${orderId}/trail`, headers);
const stages = ({ steps }: Trail) => steps.map(({ stage, at }) => [stage, at]);
const transactionOf = (intervalId: number, purpose: string) =>
  api.history.events.find(
    (event) => "intervalId" in event && event.intervalId === intervalId && event.purpose === purpose,
  )!.transactionHash;
const sentence = ({ steps }: Trail, stage: string) => steps.find((step) => step.stage === stage)!.sentence;

describe("an order", () => {
  test("is followed from signature to payment, with times, transactions and figures", async () => {
    const order = await orderOf(100, ({ member, status }) => member === 5 && status === "filled");
    const trail = await trailOf(order);
    const gate = 100 * 900 - 300;
    expect(trail.title).toBe(
      "A bid of 0.40 kWh at no more than €0.200 a kWh of member 5 (account 25) for interval 100 (2 Jan 1970, 02:00)",
    );
    expect(stages(trail)).toEqual([
      ["signed", gate - 60],
      ["received", gate - 60],
      ["submitted", gate],
      ["cleared", gate],
      ["reserved", gate],
      ["metered", 101 * 900],
      ["published", 101 * 900],
      ["settled", 101 * 900],
      ["paid", 101 * 900],
    ]);
    const [signed, , submitted, cleared, , , published, settled, paid] = trail.steps;
    expect(signed?.sentence).toContain(addressOfKey(keyOf(5)));
    const clearing = transactionOf(100, "clear");
    expect([submitted, cleared].map((step) => step?.transactionHash)).toEqual([clearing, clearing]);
    expect(cleared?.sentence).toBe("0.40 of its 0.40 kWh trade for €0.070.");
    expect(sentence(trail, "metered")).toBe(
      "The meter counted 0.70 kWh of import and 0.00 kWh of export (measured).",
    );
    expect(published?.transactionHash).toBe(transactionOf(100, "publish"));
    const { readings } = await get<{ readings: { root: string } }>("/v1/intervals/1/100");
    expect(published?.sentence).toContain(readings.root);
    expect(settled?.transactionHash).toBe(transactionOf(100, "settle"));
    const { lines } = await get<{ lines: { intervalId: number; netMicro: string }[] }>(
      "/v1/participants/25/bills",
      home5,
    );
    const { netMicro } = lines.find(({ intervalId }) => intervalId === 100)!;
    const net = (Number(netMicro) / 1e6).toFixed(3);
    expect(paid?.sentence).toBe(
      `In all the member paid €${net} for this interval: paid €0.070 for trades, paid €0.008 of grid fee.`,
    );
  });

  test("that sold is told what it received", async () => {
    const order = await orderOf(100, ({ member, side }) => member === 6 && side === "offer");
    expect(sentence(await trailOf(order), "paid")).toMatch(/^In all the member received €0\.\d{3}/);
  });

  test("that was not submitted is bound by the root of the book, and ends unfilled", async () => {
    const order = await orderOf(102, ({ member, status }) => member === 7 && status === "unfilled");
    const trail = await trailOf(order);
    const { bookRoot } = await get<{ bookRoot: string }>("/v1/intervals/1/102");
    expect(stages(trail).map(([stage]) => stage)).toEqual(["signed", "received", "submitted", "cleared"]);
    expect(sentence(trail, "submitted")).toContain(`bound by the root of the book ${bookRoot}`);
    expect(sentence(trail, "cleared")).toBe("None of its 0.03 kWh trade.");
  });

  test("that the chain refused ends there", async () => {
    const order = await orderOf(102, ({ status }) => status === "refused");
    const trail = await trailOf(order);
    expect(trail.steps.at(-1)).toMatchObject({
      stage: "refused",
      sentence: expect.stringContaining("margin did not cover"),
    });
  });

  test("that waits at the desk shows what is to come", async () => {
    const { participant, signature, ...order } = homeOrder(105, {
      participant: 4,
      side: "bid",
      energyWh: 250,
      limitPriceMicroPerKwh: 200_000,
      sequence: 0,
    });
    const payload = {
      areaId: 1,
      intervalId: 105,
      member: participant,
      ...order,
      signature: toHex(signature),
    };
    const { orderId } = (await api.app.inject({ method: "POST", url: "/v1/orders", payload })).json();
    const trail = await get<Trail>(`/v1/orders/${orderId}/trail`, operator);
    expect(stages(trail).slice(0, 2)).toEqual([
      ["signed", expect.any(Number)],
      ["received", expect.any(Number)],
    ]);
    const later = trail.steps.slice(2);
    expect(later.map(({ stage }) => stage)).toEqual([
      ...["submitted", "cleared", "reserved", "metered", "published", "settled", "paid"],
    ]);
    expect(later.every(({ at, transactionHash }) => at === null && transactionHash === null)).toBe(true);
  });

  test("does not tell a sealed reading to others", async () => {
    const order = await orderOf(103, ({ member }) => member === 4);
    const words = async (headers?: Partial<SignedIn>) => JSON.stringify(await trailOf(order, headers));
    for (const headers of [nobody, home7]) {
      expect(await words(headers)).not.toMatch(/4\.321/);
      expect(await words(headers)).toContain("The reading is sealed");
    }
    expect(await words(operator)).toContain("4.321 kWh of import");
  });

  test("of an interval that was given back gets its reserve again", async () => {
    const order = await orderOf(104, ({ member, status }) => member === 4 && status === "filled");
    const trail = await trailOf(order);
    expect(trail.steps.slice(-2)).toMatchObject([
      {
        stage: "settled",
        sentence: "The interval was given back, as its readings did not come in time: no trade counts.",
      },
      { stage: "paid", sentence: expect.stringMatching(/^€0\.\d{3} went back from escrow/) },
    ]);
  });

  test("in a clearing that was given up ends there, until it is cleared again", async () => {
    const waiting = await trailOf(await orderOf(106, ({ member }) => member === 4));
    expect(waiting.steps.at(-1)).toEqual({
      stage: "submitted",
      at: 106 * 900 - 200,
      sentence:
        "A clearing of the interval began and was given up before all was in; what was reserved is given back.",
      transactionHash: null,
    });
    const again = await trailOf(await orderOf(98, ({ member }) => member === 4));
    expect(stages(again).map(([stage]) => stage)).toEqual([
      ...["signed", "received", "submitted", "submitted", "cleared", "reserved", "metered", "published"],
      ...["settled", "paid"],
    ]);
    expect(sentence(again, "settled")).toContain("No supplier stood for the interval");
  });

  test("of a member whose reading did not come in time says that it counted as zero", async () => {
    const trail = await trailOf(
      await orderOf(98, ({ member, status }) => member === 5 && status === "filled"),
    );
    expect(sentence(trail, "metered")).toBe("No reading of this member is known.");
    expect(sentence(trail, "settled")).toContain(
      "no reading of this member came in time, so it counted as zero",
    );
  });

  test("that nobody knows is not found", async () => {
    expect((await api.app.inject(`/v1/orders/0x${"77".repeat(32)}/trail`)).statusCode).toBe(404);
  });
});

describe("a reading", () => {
  const url = (intervalId: number, member: number) =>
    `/v1/intervals/1/${intervalId}/readings/${member}/trail`;

  test("that a settlement opened is followed by everybody, from the device to the payment", async () => {
    const trail = await get<Trail>(url(100, 5));
    expect(trail.title).toBe("Reading of member 5 (account 25) for interval 100 (2 Jan 1970, 02:00)");
    expect(stages(trail)).toEqual(
      ["metered", "signed", "published", "settled", "paid"].map((stage) => [stage, 101 * 900]),
    );
    expect(sentence(trail, "signed")).toContain(`key ${addressOfKey(keyOf(5))}`);
    expect(sentence(trail, "metered")).toContain("0.70 kWh of import");
  });

  test("that is sealed is followed by its owner and the operator", async () => {
    const statuses = [];
    for (const headers of [nobody, home5!, home7!, operator!])
      statuses.push((await api.app.inject({ url: url(103, 7), headers })).statusCode);
    expect(statuses).toEqual([401, 403, 200, 200]);
    const trail = await get<Trail>(url(103, 7), home7);
    expect(sentence(trail, "metered")).toContain("1.234 kWh of export");
    // 1,234 Wh at the feed-in price of 0.08.
    expect(trail.steps.at(-1)).toMatchObject({
      stage: "paid",
      sentence: expect.stringContaining(
        "traded nothing in this interval: its energy is billed at the tariff: received €0.099",
      ),
    });
  });

  test("that is not there is not found, by those who may know", async () => {
    expect((await api.app.inject({ url: url(102, 7), headers: operator! })).statusCode).toBe(404);
    expect((await api.app.inject({ url: url(102, 7) })).statusCode).toBe(401);
  });
});
