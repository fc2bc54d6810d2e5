import { toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemonstrationWallet, type DemonstrationKey } from "#community/demonstrationWallet.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type ChainFixture, openChainFixture } from "#platform/api/chain.fixture.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";
import { signInAt } from "./signIn.fixture.ts";

let chain: ChainFixture;
let api: ApiFixture;
let address: string;

const pair = (privateKey: Uint8Array) => ({
  privateKey,
  hex: toHex(privateKey),
  address: addressOfKey(privateKey),
});
const keys: DemonstrationKey[] = [
  { role: "home", account: 24, name: "Home 4", key: pair(keyOf(4)) },
  { role: "operator", account: null, name: "Operator", key: pair(OPERATOR_KEY) },
];

beforeAll(async () => {
  chain = await openChainFixture();
  const { network } = chain;
  const demonstration = createDemonstrationWallet({ network, deployment: DEPLOYMENT, keys });
  api = await openApiFixture({ network, demonstration });
  address = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await api?.close();
  await chain?.close();
});

const ask = (payload: object) =>
  api.app.inject({ method: "POST", url: "/v1/demonstration/requests", payload });

const signerOf = ({ key }: DemonstrationKey) => ({
  address: key.address,
  sign: async (message: string) => {
    const params = [message, key.address];
    return (await ask({ address: key.address, method: "personal_sign", params })).json().result;
  },
});

test("a page signs in with the demonstration's keys, in either role", async () => {
  const [home, operator] = keys as [DemonstrationKey, DemonstrationKey];
  for (const [key, session] of [
    [home, { account: 24, roles: ["participant"], name: `Home "4" <script>alert(1)</script>` }],
    [operator, { account: null, roles: ["operator"], name: "Operator" }],
  ] as const) {
    const headers = await signInAt(address, signerOf(key));
    const state = (await api.app.inject({ url: "/v1/session", headers })).json();
    expect(state.session).toMatchObject(session);
    expect(state.demonstration.roles).toHaveLength(2);
    expect(state.demonstration.sentence).toMatch(/everybody knows the keys.*test currency only/);
    expect(JSON.stringify(state)).not.toContain(key.key.hex.slice(2));
  }
});

test("what the wallet refuses is a problem with its words", async () => {
  const stranger = `0x${"11".repeat(20)}`;
  const refused = await ask({ address: stranger, method: "personal_sign", params: ["x", stranger] });
  expect([refused.statusCode, refused.json()]).toEqual([
    422,
    expect.objectContaining({ reason: "walletRefused", detail: expect.stringContaining("no key") }),
  ]);
  const unknown = await ask({ address: stranger, method: "eth_sign", params: [] });
  expect(unknown.statusCode).toBe(400);
});

test("a community that is real has no such wallet", async () => {
  const real = await openApiFixture();
  const payload = { address: `0x${"11".repeat(20)}`, method: "personal_sign", params: ["x"] };
  const answer = await real.app.inject({ method: "POST", url: "/v1/demonstration/requests", payload });
  expect([answer.statusCode, answer.json().reason]).toEqual([404, "notFound"]);
  await real.close();
});
