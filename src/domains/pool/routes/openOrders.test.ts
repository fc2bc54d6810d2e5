import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { type ApiFixture, NOW, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import {
  accountOf,
  homeOrder,
  INTERVAL_SECONDS,
  keyOf,
  OPERATOR_KEY,
  TERMS,
} from "#platform/store/marketHistory.fixture.ts";

/* One order of member 4, whose account an entity signs for, waits at the desk. Each route is asked by everybody, before and after its gate closes. */

const INTERVAL_ID = 104;
const GATE = INTERVAL_ID * INTERVAL_SECONDS - TERMS.gateClosureSeconds;
const ORDER = homeOrder(INTERVAL_ID, {
  participant: 4,
  side: "bid",
  energyWh: 987,
  limitPriceMicroPerKwh: 123_457,
  sequence: 3,
});
const SIGNATURE = toHex(ORDER.signature);

type Reader = "outsider" | "stranger" | "otherMember" | "owner" | "entity" | "operator";
const OTHERS: readonly Reader[] = ["outsider", "stranger", "otherMember"];
const OWN: readonly Reader[] = ["owner", "entity", "operator"];

let api: ApiFixture;
let time: number;
let orderId: string;
let readers: Record<Reader, Partial<SignedIn>>;

const payload = (changes: object = {}) => {
  const { participant, signature: _, ...order } = ORDER;
  return {
    areaId: 1,
    intervalId: INTERVAL_ID,
    member: participant,
    ...order,
    signature: SIGNATURE,
    ...changes,
  };
};

beforeAll(async () => {
  // The desk's own clock stands still, so that it holds the order after the gate too, as before a clearing.
  api = await openApiFixture({ now: () => time });
  time = NOW;
  const entity = accountOf(6);
  api.history.add(NOW, { kind: "entitySet", account: entity, isEntity: true });
  api.history.add(NOW, {
    kind: "entityJoined",
    account: accountOf(4),
    entity,
    effectiveAt: GATE + 7_200,
  });
  await api.follow();
  readers = {
    outsider: {},
    stranger: await signIn(api.app, wordOf(5_555)),
    otherMember: await signIn(api.app, keyOf(5)),
    owner: await signIn(api.app, keyOf(4)),
    entity: await signIn(api.app, keyOf(6)),
    operator: await signIn(api.app, OPERATOR_KEY),
  };
  const sent = await api.app.inject({ method: "POST", url: "/v1/orders", payload: payload() });
  expect(sent.statusCode, sent.body).toBe(201);
  orderId = sent.json().orderId;
});
afterAll(() => api.close());
beforeEach(() => {
  time = GATE - 1;
});

const ask = (url: string, reader: Reader) => api.app.inject({ url, headers: readers[reader] });

/** Whether an answer tells of the order, in any form. */
const isTold = (body: string) => [orderId, SIGNATURE, "123457", "0.987"].some((mark) => body.includes(mark));

describe.each([
  "/v1/orders",
  "/v1/orders?status=open",
  "/v1/orders?account=24&limit=500",
  `/v1/orders?areaId=1&intervalId=${INTERVAL_ID}`,
  "/v1/participants/24/orders",
  "/v1/participants/24/orders?status=open",
])("the list %s", (url) => {
  const ids = async (reader: Reader) =>
    (await ask(url, reader)).json().orders.map((order: { orderId: string }) => order.orderId);

  test.each(OTHERS)(
    "does not show an open order to the %s, and pages as if it were not there",
    async (who) => {
      const shown = await ids(who);
      expect(shown).not.toContain(orderId);
      time = GATE;
      expect(await ids(who)).toContain(orderId);
      expect(shown).toEqual((await ids(who)).filter((id: string) => id !== orderId).slice(0, shown.length));
    },
  );

  test.each(OWN)("shows it to the %s before and after", async (who) => {
    expect(await ids(who)).toContain(orderId);
    time = GATE;
    expect(await ids(who)).toContain(orderId);
  });
});

describe.each(["", "/explanation", "/trail"])("the single order%s", (part) => {
  test.each(OTHERS)("is unknown to the %s until the gate closes", async (who) => {
    const hidden = await ask(`/v1/orders/${orderId}${part}`, who);
    expect(hidden.statusCode).toBe(404);
    const nowhere = `0x${"12".repeat(32)}`;
    const unknown = await ask(`/v1/orders/${nowhere}${part}`, who);
    expect(hidden.body.replace(orderId, nowhere)).toBe(unknown.body);
    time = GATE;
    expect((await ask(`/v1/orders/${orderId}${part}`, who)).statusCode).toBe(200);
  });

  test.each(OWN)("is known to the %s", async (who) => {
    expect((await ask(`/v1/orders/${orderId}${part}`, who)).statusCode).toBe(200);
  });
});

test.each(OTHERS)("a look-up by its id finds nothing for the %s until the gate closes", async (who) => {
  expect((await ask(`/v1/lookup?q=${orderId}`, who)).json()).toEqual({ hits: [] });
  time = GATE;
  expect((await ask(`/v1/lookup?q=${orderId}`, who)).json().hits).toHaveLength(1);
});

test.each(OWN)("a look-up by its id finds it for the %s", async (who) => {
  expect((await ask(`/v1/lookup?q=${orderId}`, who)).json().hits).toHaveLength(1);
});

test("the figures count an order only when its gate is closed", async () => {
  const count = async () =>
    /^commonwatt_orders_uncleared (\d+)$/m.exec((await ask("/metrics", "outsider")).body)?.[1];
  expect(await count()).toBe("0");
  time = GATE;
  expect(await count()).toBe("1");
});

const VALUES: Readonly<Record<string, string>> = {
  areaId: "1",
  intervalId: String(INTERVAL_ID),
  account: "24",
  member: "4",
  hash: `0x${"12".repeat(32)}`,
};
const STREAMS = ["/v1/events", "/v1/audit/events"];

test.each(OTHERS)("no route at all tells the %s of it before the gate closes", async (who) => {
  const { paths = {} } = api.app.swagger() as { paths?: Record<string, object> };
  const urls = Object.entries(paths)
    .filter(([path, methods]) => "get" in methods && !STREAMS.includes(path))
    .map(([path]) => path.replace(/\{(\w+)\}/g, (_, name) => (name === "orderId" ? orderId : VALUES[name]!)));
  expect(urls.length).toBeGreaterThan(30);
  for (const url of ["/metrics", ...urls]) {
    const { body } = await ask(url, who);
    expect(isTold(body.replace(`there is no order ${orderId}`, "")), `${url}: ${body}`).toBe(false);
  }
});

test("the stream of events tells nobody of it", async () => {
  const address = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const newest = api.history.events.at(-1)!;
  const response = await fetch(`${address}/v1/events?lastEventId=0-0`, { signal: stop.signal });
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes(`id: ${newest.block}-${newest.logIndex}\n`)) break;
  }
  stop.abort();
  expect(text).toContain("event: intervalCleared");
  expect(isTold(text)).toBe(false);
});

test("the desk's refusals do not tell a forger what stands in the book", async () => {
  const forged = payload({ signature: `0x${"11".repeat(64)}` });
  const guess = await api.app.inject({ method: "POST", url: "/v1/orders", payload: forged });
  const miss = await api.app.inject({
    method: "POST",
    url: "/v1/orders",
    payload: { ...forged, sequence: 4 },
  });
  expect([guess, miss].map((answer) => [answer.statusCode, answer.json().reason])).toEqual([
    [422, "invalidSignature"],
    [422, "invalidSignature"],
  ]);
});
