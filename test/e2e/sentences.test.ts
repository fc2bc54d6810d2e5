import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { overlongMoney } from "./overlongMoney.fixture.ts";
import { projectCommunity, randomCommunity } from "./randomMarkets.fixture.ts";

// Every sentence that the API makes of random markets, whose prices and amounts have six decimals, says money with its
// currency and at most three. The routes are those of the API's own document, so that a new one is asked too.

const SEED = 20_250_516;
const INTERVALS = 8;
const NOW = Date.parse("2035-01-01T00:00:00Z") / 1_000;

let api: ApiFixture;
let operator: SignedIn;
const community = randomCommunity(SEED, INTERVALS);

beforeAll(async () => {
  api = await openApiFixture({ now: () => NOW, tariffOf: community.tariffOf });
  operator = await signIn(api.app, OPERATOR_KEY);
  await projectCommunity(api.store, community);
});
afterAll(() => api?.close());

it("says money with its currency, and with three decimals at most", async () => {
  const said = [...(await sentencesOfJson()), ...(await sentencesOfStatements())];
  for (const { sentence, path } of said) {
    expect(overlongMoney(sentence), `${path}: ${sentence}`).toEqual([]);
    const uncoined = sentence.replaceAll(/[\d,]+(\.\d+)?( of [\d.]+)? (kWh|kW|Wh|%)/g, "");
    expect(uncoined.match(/ (at|of|paid|received|than|below|above) -?\d+\.\d{2,}/g), sentence).toBeNull();
  }
  const all = said.map(({ sentence }) => sentence).join("\n");
  for (const kind of [
    /Paid in all: €/,
    /the bill is €/,
    /In all the member (paid|received) €/,
    /its limit of €/,
    / kWh trade for €/,
    /no (more|less) than €/,
    /per kWh on/,
  ])
    expect(all).toMatch(kind);
});

type Said = { readonly sentence: string; readonly path: string };

/** What stands for a name in braces of a route's path. */
async function valuesOf(): Promise<Record<string, readonly string[]>> {
  const { orders } = await json<{ orders: OrderKey[] }>("/v1/orders?limit=500");
  const unique = (values: readonly (string | number)[]) => [...new Set(values.map(String))];
  const { transactions } = await json<{ transactions: { transactionHash: string }[] }>(
    `/v1/intervals/1/${orders[0]!.intervalId}/evidence`,
  );
  return {
    areaId: ["1"],
    orderId: unique(orders.map(({ orderId }) => orderId)),
    intervalId: unique(orders.map(({ intervalId }) => intervalId)),
    account: unique(orders.map(({ account }) => account)),
    member: unique(orders.map(({ member }) => member)),
    hash: unique(transactions.map(({ transactionHash }) => transactionHash)),
  };
}

type OrderKey = { orderId: string; intervalId: number; account: number; member: number };

async function sentencesOfJson(): Promise<Said[]> {
  const { paths } = await json<{ paths: Record<string, { get?: unknown }> }>("/docs/json");
  const values = await valuesOf();
  const asked = Object.entries(paths)
    .filter(([, methods]) => methods.get !== undefined)
    .flatMap(([path]) => filled(path, values));
  const looked = values.orderId!.map((orderId) => `/v1/lookup?q=${orderId}`);
  const said: Said[] = [];
  for (const path of [...asked, ...looked]) {
    if (path.endsWith("/events")) continue;
    const { headers, body } = await api.app.inject({ url: path, headers: operator });
    if (/json/.test(String(headers["content-type"])))
      for (const sentence of sentencesIn(JSON.parse(body))) said.push({ sentence, path });
  }
  return said;
}

/** A path with each combination of values; none where a name has no values. */
function filled(path: string, values: Record<string, readonly string[]>): string[] {
  const [whole, name] = /\{(\w+)\}/.exec(path) ?? [];
  if (whole === undefined) return path.startsWith("/v1/") ? [path] : [];
  return (values[name!] ?? []).flatMap((value) => filled(path.replace(whole, value), values));
}

/** Texts of several words. */
function sentencesIn(value: unknown): string[] {
  if (typeof value === "string") return /[a-z] \S+ [a-z]/.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(sentencesIn) : [];
}

/** Of statements the prose; their tables are exact. */
async function sentencesOfStatements(): Promise<Said[]> {
  const month = new Date(community.from * 1_000).toISOString().slice(0, 7);
  const path = `/v1/statements?month=${month}`;
  const { body } = await api.app.inject({ url: path, headers: operator });
  return [...body.matchAll(/<(p|td class="text")[^>]*>([\s\S]*?)<\//g)].map(([, , html]) => ({
    sentence: html!.replaceAll(/<[^>]*>/g, ""),
    path,
  }));
}

async function json<Body>(url: string): Promise<Body> {
  const answer = await api.app.inject({ url, headers: operator });
  expect(answer.statusCode, answer.body).toBe(200);
  return JSON.parse(answer.body) as Body;
}
