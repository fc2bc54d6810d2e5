import { afterAll, beforeAll, expect, test } from "vitest";
import { DOMAINS } from "#domains/domains.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { homeOrder, keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { sealAll } from "#platform/store/sealed/sealAll.fixture.ts";

const NAME = `Home "4" <script>alert(1)</script>`;

let api: ApiFixture;
let operator: SignedIn;
let home5: SignedIn;

beforeAll(async () => {
  api = await openApiFixture({
    accountNames: new Map([
      [24, NAME],
      [25, "Mill house"],
      [99, "Mill of nobody"],
    ]),
  });
  operator = await signIn(api.app, OPERATOR_KEY);
  home5 = await signIn(api.app, keyOf(5));
});
afterAll(() => api?.close());

type Hit = { kind: string; id: string; title: string };

async function find(q: string, headers: Partial<SignedIn> = {}): Promise<Hit[]> {
  const answer = await api.app.inject({ url: "/v1/lookup", query: { q }, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().hits;
}

test("finds an order of a closed book and one that waits, by its id in any case", async () => {
  const { orders } = (await api.app.inject("/v1/orders?intervalId=100")).json();
  const { orderId } = orders.find(
    ({ member, status }: { member: number; status: string }) => member === 5 && status === "filled",
  );
  const hit = {
    kind: "order",
    id: orderId,
    title: "a bid of 0.40 kWh at no more than €0.200 a kWh of account 25 for interval 100",
  };
  expect(await find(orderId)).toEqual([hit]);
  expect(await find(`  0x${orderId.slice(2).toUpperCase()} `)).toEqual([hit]);
  const { participant, signature, ...order } = homeOrder(104, {
    participant: 4,
    side: "offer",
    energyWh: 250,
    limitPriceMicroPerKwh: 200_000,
    sequence: 0,
  });
  const payload = { areaId: 1, intervalId: 104, member: participant, ...order, signature: toHex(signature) };
  const open = (await api.app.inject({ method: "POST", url: "/v1/orders", payload })).json();
  expect(await find(open.orderId, operator)).toMatchObject([{ kind: "order", id: open.orderId }]);
});

test("finds a transaction, and tells all that it did", async () => {
  const settled = api.history.events.find(({ kind }) => kind === "pageSettled")!;
  const hash = settled.transactionHash;
  expect(await find(hash)).toEqual([
    { kind: "transaction", id: hash, title: `settle in block ${settled.block}` },
  ]);
  const transaction = (
    await api.app.inject(`/v1/transactions/${hash.toUpperCase().replace("0X", "0x")}`)
  ).json();
  expect(transaction).toMatchObject({
    transactionHash: hash,
    block: settled.block,
    timestamp: settled.timestamp,
    sender: addressOfKey(OPERATOR_KEY),
    senderName: "Operator of Riverside <b>&",
    purpose: "settle",
    gasUsed: String(settled.gasUsed),
    areaId: 1,
    intervalId: 100,
  });
  const own = api.history.events.filter(({ transactionHash }) => transactionHash === hash);
  expect(transaction.events.map(({ kind }: { kind: string }) => kind)).toEqual(own.map(({ kind }) => kind));
  const paid = transaction.events.find(({ kind }: { kind: string }) => kind === "pageSettled");
  expect(paid.facts).toMatchObject({ page: 0, gridFeeMicro: expect.any(String) });
  expect((await api.app.inject(`/v1/transactions/0x${"77".repeat(32)}`)).statusCode).toBe(404);
  const published = api.history.events.find(({ kind }) => kind === "readingsPublished")!;
  const publication = (await api.app.inject(`/v1/transactions/${published.transactionHash}`)).json();
  expect(publication).toMatchObject({ purpose: "publish", senderName: "Meter gateway" });
});

test("finds participants by account and address, a meter with its account and latest reading", async () => {
  const account = { kind: "participant", id: "25", title: "account 25" };
  expect(await find("25")).toEqual([account]);
  expect(await find(addressOfKey(keyOf(5)))).toEqual([account]);
  const { members } = (await api.app.inject("/v1/participants/25")).json();
  const [{ meterId }] = members;
  expect(await find(meterId)).toEqual([
    account,
    { kind: "reading", id: "1/101/5", title: "reading of account 25 for interval 101" },
  ]);
});

test("finds by a hash or an address as it is shown in short, of days that are sealed too", async () => {
  const short = (value: string) => `${value.slice(0, 8)}…${value.slice(-4)}`;
  const owner = addressOfKey(keyOf(5));
  expect(await find(short(owner))).toEqual([{ kind: "participant", id: "25", title: "account 25" }]);
  const { members } = (await api.app.inject("/v1/participants/25")).json();
  expect(await find(short(members[0].meterId).replace("…", "..."))).toContainEqual({
    kind: "participant",
    id: "25",
    title: "account 25",
  });
  const { transactionHash } = api.history.events.find(({ kind }) => kind === "intervalCleared")!;
  expect(await find(`${transactionHash.slice(0, 8)}…ffff`)).toEqual([]);
  expect(await find(short(transactionHash))).toContainEqual(
    expect.objectContaining({ kind: "transaction", id: transactionHash }),
  );
  const { orders } = (await api.app.inject("/v1/orders?intervalId=100&limit=1")).json();
  const order = { kind: "order", id: orders[0].orderId };
  expect(await find(short(order.id))).toMatchObject([order]);
  const sealed = await openApiFixture();
  await sealAll(sealed.store, DOMAINS);
  const hits = (await sealed.app.inject(`/v1/lookup?q=${encodeURIComponent(short(order.id))}`)).json().hits;
  expect(hits).toMatchObject([order]);
  await sealed.close();
});

test("finds intervals by number, in an area, and a reading in it", async () => {
  const hit = {
    kind: "interval",
    id: "1/101",
    title: "interval 101 (2 Jan 1970, 02:15) of Riverside <b>&: settled",
  };
  expect(await find("101")).toEqual([hit]);
  expect(await find("1/101")).toEqual([hit]);
  expect(await find("1/101/6")).toMatchObject([{ kind: "reading", id: "1/101/6" }]);
  for (const nothing of ["2/101", "1/99", "1/101/99", "70000/101", "1/4294967296", "9999999999"])
    expect(await find(nothing)).toEqual([]);
});

test("a name is found, and told, by anyone who may know it", async () => {
  expect(await find("mill")).toEqual([]);
  expect(await find("24", home5)).toMatchObject([{ title: "account 24" }]);
  const mill = { kind: "participant", id: "25", title: "Mill house (account 25)" };
  expect(await find("MILL", operator)).toEqual([mill]);
  expect(await find("mill", home5)).toEqual([mill]);
  expect(await find("script", home5)).toEqual([]);
  expect(await find("24", operator)).toMatchObject([{ title: `${NAME} (account 24)` }]);
  const demonstration = { roles: [], request: () => Promise.reject(new Error("not asked")) };
  const open = await openApiFixture({ demonstration });
  expect((await open.app.inject("/v1/lookup?q=home")).json().hits).toMatchObject([{ id: "24" }]);
  await open.close();
});

test.each(["", "x".repeat(81)])("refuses what nobody looks for: %j", async (q) => {
  expect((await api.app.inject({ url: "/v1/lookup", query: { q } })).statusCode).toBe(400);
});

test.each(["%", "_", "'; --", "0x", "1/2/3/4", " "])("finds nothing by %j", async (q) => {
  expect(await find(q, operator)).toEqual([]);
});
