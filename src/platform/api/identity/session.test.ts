import { concatHex, getContractAddress, type Hex, hashMessage, toHex } from "viem";
import { generatePrivateKey } from "viem/accounts";
import type { SiweMessage } from "viem/siwe";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DomainEvent } from "#domains/domains.ts";
import { type Address, fromHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, openApiFixture, WORLD_NOW } from "#platform/api/api.fixture.ts";
import { type ChainFixture, openChainFixture } from "#platform/api/chain.fixture.ts";
import { createSender } from "#platform/chain/sender.ts";
import { keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { keySigner, type SignedIn, signIn, signInMessage } from "./signIn.fixture.ts";

const CHAIN_ID = 31_337;
const DOMAIN = "localhost:80";

let chain: ChainFixture;
let api: ApiFixture;
let worldNow = WORLD_NOW;

beforeAll(async () => {
  chain = await openChainFixture();
  api = await openApiFixture({ worldNow: () => worldNow, network: chain.network });
});
beforeEach(() => {
  worldNow = WORLD_NOW;
});
afterAll(async () => {
  await api?.close();
  await chain?.close();
});

async function state(headers: Partial<SignedIn> = {}) {
  const answer = await api.app.inject({ url: "/v1/session", headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function takeNonce(): Promise<string> {
  const { nonce, issuedAt } = (await api.app.inject({ method: "POST", url: "/v1/session/nonce" })).json();
  expect(issuedAt).toBe(WORLD_NOW);
  return nonce;
}

const home = keySigner(keyOf(4));
const place = { address: home.address, domain: DOMAIN, chainId: CHAIN_ID };

const send = (payload: object, headers: Record<string, string> = {}) =>
  api.app.inject({ method: "POST", url: "/v1/session", payload, headers });

test("before anyone signs in, a page learns chain, contracts, zone and currency", async () => {
  expect(await state()).toEqual({
    session: null,
    demonstration: null,
    chain: expect.objectContaining({
      chainId: CHAIN_ID,
      contracts: expect.objectContaining({ poolMarket: expect.stringMatching(/^0x/) }),
    }),
    timeZone: "Europe/Berlin",
    currency: "EUR",
  });
});

test("the owner of an account signs in, and is known by the cookie alone", async () => {
  const message = signInMessage({ ...place, nonce: await takeNonce() });
  const answer = await send({ message, signature: await home.sign(message) });
  expect(answer.json()).toEqual({
    address: addressOfKey(keyOf(4)),
    account: 24,
    name: `Home "4" <script>alert(1)</script>`,
    roles: ["participant"],
    areaId: 1,
    hasMeter: true,
    expiresAt: WORLD_NOW + 12 * 3_600,
  });
  const [cookie] = answer.cookies;
  expect(cookie).toMatchObject({ path: "/", httpOnly: true, sameSite: "Strict" });
  expect(cookie).not.toHaveProperty("secure");
  expect(cookie?.value).toMatch(/^[0-9a-f]{64}$/);
  expect((await state({ cookie: `${cookie?.name}=${cookie?.value}` })).session).toEqual(answer.json());
  expect((await state({ cookie: `${cookie?.name}=${"0".repeat(64)}` })).session).toBeNull();
});

test("over https the cookie is never sent in the clear", async () => {
  const message = signInMessage({ ...place, nonce: await takeNonce() });
  const payload = { message, signature: await home.sign(message) };
  const answer = await send(payload, { "x-forwarded-proto": "https" });
  expect(answer.cookies[0]).toMatchObject({ secure: true });
});

test("anyone who operates an area signs in as its operator, without an account", async () => {
  const operator = await signIn(api.app, OPERATOR_KEY);
  expect((await state(operator)).session).toMatchObject({ account: null, roles: ["operator"], areaId: 1 });
});

test("an address that is registered later has its account without signing in again", async () => {
  const key = fromHex(generatePrivateKey());
  const stranger = await signIn(api.app, key);
  expect((await state(stranger)).session).toMatchObject({
    account: null,
    name: null,
    roles: [],
    areaId: null,
    hasMeter: false,
  });
  const { events } = api.history;
  const [first, last] = [events[0], events.at(-1)];
  const owner = addressOfKey(key);
  const transactionHash = toHex(8, { size: 32 });
  const block = (last?.block ?? 0) + 1;
  events.push({ ...first, block, transactionHash, account: 28, owner } as DomainEvent);
  await api.follow();
  expect((await state(stranger)).session).toMatchObject({ account: 28, roles: ["participant"] });
});

test("signing out ends the session for good", async () => {
  const headers = await signIn(api.app, keyOf(5));
  const answer = await api.app.inject({ method: "DELETE", url: "/v1/session", headers });
  expect([answer.statusCode, answer.body]).toEqual([204, ""]);
  expect(answer.cookies[0]).toMatchObject({ value: "" });
  expect((await state(headers)).session).toBeNull();
});

test("signing in anew ends the session before", async () => {
  const before = await signIn(api.app, keyOf(5));
  const message = signInMessage({ ...place, nonce: await takeNonce() });
  const answer = await send({ message, signature: await home.sign(message) }, { ...before });
  expect(answer.statusCode).toBe(200);
  expect((await state(before)).session).toBeNull();
});

test("a session ends after 12 hours of the world's clock", async () => {
  const headers = await signIn(api.app, keyOf(5));
  worldNow = WORLD_NOW + 12 * 3_600 - 1;
  expect((await state(headers)).session).toMatchObject({ account: 25 });
  worldNow += 1;
  expect((await state(headers)).session).toBeNull();
});

const secondsFromNow = (seconds: number) => new Date((WORLD_NOW + seconds) * 1_000);

test.each<[string, Partial<SiweMessage>, string]>([
  ["another nonce", { nonce: "0123456789abcdef" }, "nonceUnknown"],
  ["another site", { domain: "evil.example" }, "wrongDomain"],
  ["another port", { domain: "localhost:81" }, "wrongDomain"],
  ["another chain", { chainId: 1 }, "wrongChain"],
  ["a time that is over", { expirationTime: secondsFromNow(0) }, "expired"],
  ["a time to come", { notBefore: secondsFromNow(1) }, "expired"],
  ["another address", { address: keySigner(keyOf(5)).address }, "signatureInvalid"],
])("a message for %s is refused with a word", async (_name, changes, reason) => {
  const message = signInMessage({ ...place, nonce: await takeNonce() }, changes);
  const answer = await send({ message, signature: await home.sign(message) });
  expect([answer.statusCode, answer.json()]).toEqual([401, expect.objectContaining({ reason })]);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  expect(answer.cookies).toEqual([]);
});

test("a signature counts for its message only, and a broken one for none", async () => {
  const message = signInMessage({ ...place, nonce: await takeNonce() });
  const signature = await home.sign(message);
  const changed = await send({ message: message.replace("Commonwatt", "Commonwat"), signature });
  expect(changed.json()).toMatchObject({ reason: "signatureInvalid" });
  const broken = signInMessage({ ...place, nonce: await takeNonce() });
  expect((await send({ message: broken, signature: "0x1234" })).json()).toMatchObject({
    reason: "signatureInvalid",
  });
});

test("a nonce counts once, within 5 minutes, and for a refused message too", async () => {
  const message = signInMessage({ ...place, nonce: await takeNonce() });
  const payload = { message, signature: await home.sign(message) };
  expect((await send({ ...payload, signature: "0x1234" })).statusCode).toBe(401);
  expect((await send(payload)).json()).toMatchObject({ reason: "nonceUnknown" });
  const late = signInMessage({ ...place, nonce: await takeNonce() });
  worldNow += 300;
  const answer = await send({ message: late, signature: await home.sign(late) });
  expect(answer.json()).toMatchObject({ reason: "nonceUnknown" });
});

test.each(["", "sign me in", "x".repeat(2_000)])("the message %j is none of ERC-4361", async (message) => {
  const answer = await send({ message, signature: await home.sign(message) });
  expect([answer.statusCode, answer.json().reason]).toEqual([422, "malformedMessage"]);
});

/** Runtime code that answers ERC-1271 with its magic value for one hash alone, and its constructor. */
function walletCode(hash: Hex): Hex {
  const code = concatHex([
    "0x600435", // PUSH1 4, CALLDATALOAD: the hash that is asked about
    "0x7f", // PUSH32: the hash that the wallet signed
    hash,
    "0x14", // EQ
    "0x7f", // PUSH32: 0x1626ba7e, the selector of isValidSignature
    toHex(0x1626ba7en << 224n, { size: 32 }),
    "0x02", // MUL
    "0x60005260206000f3", // MSTORE at 0, RETURN 32 bytes
  ]);
  const size = toHex((code.length - 2) / 2, { size: 1 });
  return concatHex(["0x60", size, "0x600c60003960", size, "0x6000f3", code]);
}

test("a contract wallet signs in by what its contract says (ERC-1271)", async () => {
  const { network } = chain;
  const sender = createSender(network, chain.chain.fundingPrivateKey);
  const nonce = await takeNonce();
  const count = await network.client.getTransactionCount({ address: sender.address });
  const address = getContractAddress({ from: sender.address, nonce: BigInt(count) });
  const message = signInMessage({ ...place, address, nonce });
  await sender.send({ label: "a wallet", to: null, data: walletCode(hashMessage(message)) });
  const signature = toHex(1, { size: 65 });
  const answer = await send({ message, signature });
  expect([answer.statusCode, answer.json().address]).toEqual([200, address.toLowerCase() as Address]);

  const other = signInMessage({ ...place, address, nonce: await takeNonce() });
  expect((await send({ message: other, signature })).json()).toMatchObject({
    reason: "signatureInvalid",
  });
});

test("a key signs in even while no node answers", async () => {
  const cut = await openApiFixture();
  expect(await signIn(cut.app, keyOf(4))).toHaveProperty("cookie");
  await cut.close();
});

test.each<[string, Record<string, string>, number]>([
  ["a program", {}, 200],
  ["the own page", { "sec-fetch-site": "same-origin", origin: "http://elsewhere" }, 200],
  ["the address bar", { "sec-fetch-site": "none" }, 200],
  ["the own page without fetch metadata", { origin: `http://${DOMAIN}` }, 200],
  ["another site", { "sec-fetch-site": "cross-site" }, 403],
  ["another port of this machine", { "sec-fetch-site": "same-site" }, 403],
  ["another site without fetch metadata", { origin: "http://evil.example" }, 403],
  ["a page without an origin", { origin: "null" }, 403],
])("of %s a request that changes something is answered %s", async (_name, headers, status) => {
  for (const [method, url] of [
    ["POST", "/v1/session/nonce"],
    ["DELETE", "/v1/session"],
    ["POST", "/v1/nothing"],
  ] as const) {
    const answer = await api.app.inject({ method, url, headers });
    if (status === 403) expect(answer.json()).toMatchObject({ status, reason: "crossSiteRequest" });
    else expect(answer.statusCode).not.toBe(403);
  }
  expect((await api.app.inject({ url: "/v1/session", headers })).statusCode).toBe(200);
});
