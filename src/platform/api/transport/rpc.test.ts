import { createPublicClient, http, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONTRACTS } from "#domains/domains.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type ChainFixture, openChainFixture } from "#platform/api/chain.fixture.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { readEvidencedHistory } from "#platform/chain/evidencedHistory.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";

let chain: ChainFixture;
let api: ApiFixture;
let url: string;

beforeAll(async () => {
  chain = await openChainFixture();
  api = await openApiFixture({ network: chain.network });
  url = `${await api.app.listen({ host: "127.0.0.1", port: 0 })}/rpc`;
});
afterAll(async () => {
  await api?.close();
  await chain?.close();
});

type Answer = { result?: unknown; error?: { code: number; message: string } };

async function post(payload: unknown, headers: Record<string, string> = {}) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const json = (await response.json()) as Answer;
  return { status: response.status, headers: response.headers, json };
}

const call = (method: string, params: unknown[] = [], id: unknown = 1) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

test("the chain is read through it as through its node", async () => {
  const direct = chain.network.client;
  const through = await connectNetwork({ rpcUrl: url, expectedChainId: DEPLOYMENT.chainId });
  expect(await through.client.getBlock()).toEqual(await direct.getBlock());
  expect((await post(call("web3_clientVersion"))).json.result).toContain("anvil");
});

test("a signed transaction of 120 kB goes through, and its block is evidenced", async () => {
  const network = await connectNetwork({ rpcUrl: url, gasPrice: 0n });
  const sender = createSender(network, chain.chain.fundingPrivateKey);
  const data = toHex(new Uint8Array(119_000).fill(0));
  const receipt = await sender.send({ label: "a long one", to: DEPLOYMENT.contracts.token, data });
  expect(receipt.status).toBe("success");
  const blocks = [];
  const history = {
    client: network.client,
    deployment: DEPLOYMENT,
    specs: CONTRACTS,
    fromBlock: 0,
    headers: "ethereum" as const,
  };
  for await (const block of readEvidencedHistory(history)) blocks.push(block);
  expect(blocks.map(({ fault }) => fault)).toEqual(blocks.map(() => null));
  expect(blocks.at(-1)?.hash).toBe(receipt.blockHash);
});

test.each([
  "anvil_setBalance",
  "evm_setNextBlockTimestamp",
  "anvil_dumpState",
  "debug_traceTransaction",
  "eth_sendTransaction",
  "eth_sign",
  "eth_accounts",
  "eth_newFilter",
  "personal_sign",
  "ETH_CHAINID",
  "constructor",
])("%s is not offered", async (method) => {
  const before = await chain.network.client.getBlockNumber();
  const { status, json } = await post(call(method, [], "a"));
  expect([status, json]).toEqual([
    200,
    { jsonrpc: "2.0", id: "a", error: { code: -32601, message: expect.stringContaining(method) } },
  ]);
  expect(await chain.network.client.getBlockNumber()).toBe(before);
});

test("a batch is answered in its order, each call by itself", async () => {
  const { json } = await post([
    call("eth_chainId", [], 7),
    call("anvil_reset", [], 7),
    { hello: 1 },
    call("eth_getBalance", ["nonsense"], "x"),
    call("eth_blockNumber", [], null),
  ]);
  expect(json).toMatchObject([
    { id: 7, result: toHex(DEPLOYMENT.chainId) },
    { id: 7, error: { code: -32601 } },
    { id: null, error: { code: -32600 } },
    { id: "x", error: { code: -32602 } },
    { id: null, result: expect.stringMatching(/^0x/) },
  ]);
});

test("a client that batches by itself is served", async () => {
  const client = createPublicClient({ transport: http(url, { batch: true }) });
  const [id, block] = await Promise.all([client.getChainId(), client.getBlockNumber()]);
  expect([id, typeof block]).toEqual([DEPLOYMENT.chainId, "bigint"]);
});

test("a revert comes with its data, as the node says it", async () => {
  const { json } = await post(call("eth_call", [{ data: "0x60aa60005260206000fd" }, "latest"]));
  expect(json.error).toEqual({ code: 3, message: expect.any(String), data: toHex(0xaa, { size: 32 }) });
});

test.each<[string, unknown, number, number]>([
  ["no JSON", "{", 400, -32700],
  ["an empty batch", [], 200, -32600],
  ["too many calls", Array.from({ length: 101 }, () => call("eth_chainId")), 200, -32600],
  ["a call without an id", { jsonrpc: "2.0", method: "eth_chainId" }, 200, -32600],
  ["a call of another version", { id: 1, method: "eth_chainId" }, 200, -32600],
  ["a number", 7, 200, -32600],
  ["too long a body", `"${"a".repeat(1_100_000)}"`, 413, -32700],
])("%s is refused in the form of JSON-RPC", async (_name, payload, status, code) => {
  const answer = await post(payload);
  expect([answer.status, answer.json]).toEqual([
    status,
    { jsonrpc: "2.0", id: null, error: { code, message: expect.any(String) } },
  ]);
});

test("pages of any site may ask, here and nowhere else", async () => {
  const headers = {
    origin: "https://auditor.example",
    "sec-fetch-site": "cross-site",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
  };
  const preflight = await api.app.inject({ method: "OPTIONS", url: "/rpc", headers });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
  });
  expect(preflight.headers).not.toHaveProperty("access-control-allow-credentials");
  const asked = await post(call("eth_chainId"), { origin: headers.origin, "sec-fetch-site": "cross-site" });
  expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  expect(asked.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  const broken = await post("{");
  expect(broken.headers.get("access-control-allow-origin")).toBe("*");
  for (const path of ["/v1/orders", "/v1/session", "/docs/json"]) {
    const other = await api.app.inject({ method: "OPTIONS", url: path, headers });
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
    const read = await api.app.inject({ url: path, headers });
    expect(read.headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test("when the node is gone the answer says so, and not where it was", async () => {
  const cut = await openApiFixture();
  const answer = await cut.app.inject({ method: "POST", url: "/rpc", payload: call("eth_chainId") });
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { jsonrpc: "2.0", id: null, error: { code: -32603, message: "the chain does not answer" } },
  ]);
  await cut.close();
});
