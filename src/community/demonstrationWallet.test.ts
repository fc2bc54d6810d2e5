import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringToHex, type TypedDataDefinition, verifyMessage, verifyTypedData } from "viem";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  fundingCalls,
  kycHash,
  mintCall,
  readFree,
  readMargin,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import { openArea } from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { DemonstrationWallet, WalletRequest } from "#platform/api/identity/demonstrationWallet.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { type Call, createSender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { PARTIES } from "#world/simulation/accounts.ts";
import {
  createDemonstrationWallet,
  demonstrationKeys,
  namedApart,
  WalletRefusedError,
} from "./demonstrationWallet.ts";
import { keyNames } from "./keyNames.ts";

const keyring = createKeyring("demonstration of the wallet");
const members = [
  { member: 4, holder: 4, name: "Home A", role: "home", key: keyNames.home("a") },
  { member: 5, holder: 5, name: "Home B", role: "home", key: keyNames.home("b") },
  { member: 6, holder: PARTIES.dso, name: "Transformer", role: "gridOperator", key: keyNames.gridOperator },
] as const;
const accountNames = new Map([
  [1, "Supplier"],
  [2, "Grid operator"],
  [3, "Community fund"],
]);
const home = keyring.key(keyNames.home("a"));
const operator = keyring.key(keyNames.operator);

let directory: string;
let chain: EmbeddedChain;
let network: Network;
let deployment: Deployment;
let account: number;
let seat: { areaId: number; member: number };
let wallet: DemonstrationWallet;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-wallet-"));
  chain = await startEmbeddedChain({ directory, chainId: 52_044, genesisTimestamp: 1_700_000_000 });
  network = await connectNetwork({ rpcUrl: chain.rpcUrl, gasPrice: 0n });
  const admin = createSender(network, chain.fundingPrivateKey);
  const { address } = admin;
  deployment = await deployContracts({
    network,
    admin,
    specs: CONTRACTS,
    holders: { registrar: address, operator: address, certifier: address },
  });
  const registered = { owner: home.address, kycHash: kycHash("home", "salt") };
  [account = 0] = await registerParticipants(admin, deployment, [registered]);
  const parties = { supplier: account, dso: account, fund: account };
  const times = { intervalSeconds: 900, waitingSeconds: 86_400 };
  const areaId = await openArea(admin, deployment, { ...times, ...parties, gateway: address });
  seat = { areaId, member: PARTIES.supplier };
  await admin.send(mintCall(deployment, home.address, 1_000n));
  const keys = demonstrationKeys({ scenario: { firstAccount: 1 }, members, keyring, accountNames });
  wallet = createDemonstrationWallet({ network, deployment, keys });
});
afterAll(async () => {
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (request: Partial<WalletRequest>) =>
  wallet.request({ address: home.address, method: "personal_sign", params: [], ...request });

const sendCall = ({ to, data }: Pick<Call, "to" | "data">, changes: object = {}) =>
  ask({ method: "eth_sendTransaction", params: [{ from: home.address, to, data, ...changes }] });

it("lists whose keys it has, and no key", () => {
  expect(wallet.roles.map(({ role, account: own, name }) => [role, own, name])).toEqual([
    ["home", 4, "Home A"],
    ["home", 5, "Home B"],
    ["operator", null, "Operator"],
    ["supplier", 1, "Supplier"],
    ["gridOperator", 2, "Grid operator"],
    ["fund", 3, "Community fund"],
  ]);
  expect(JSON.stringify(wallet.roles)).not.toContain(home.hex.slice(2));
});

it("says of which community a name is that two of them have", () => {
  const key = keyring.key("any");
  const operator = { role: "operator", account: null, name: "Operator", key } as const;
  const named = namedApart([
    { of: "Riverside", keys: [operator, { ...operator, name: "Home A" }] },
    { of: "Riverside depot", keys: [operator] },
  ]);
  expect(named.map(({ name }) => name)).toEqual([
    "Operator of Riverside",
    "Home A",
    "Operator of Riverside depot",
  ]);
  expect(namedApart([{ of: "Riverside", keys: [operator] }])[0]?.name).toBe("Operator");
});

it("signs a text, plain or in hexadecimal digits, as a wallet does", async () => {
  const message = "Sign in to Commonwatt.";
  for (const data of [message, stringToHex(message)]) {
    const signature = await ask({ params: [data, home.address] });
    expect(await verifyMessage({ address: home.address, message, signature })).toBe(true);
  }
  const byOperator = await ask({ address: operator.address, params: [message, operator.address] });
  expect(await verifyMessage({ address: operator.address, message, signature: byOperator })).toBe(true);
});

const ORDER: TypedDataDefinition = {
  domain: { name: "Commonwatt PoolMarket", version: "1", chainId: 52_044, verifyingContract: home.address },
  types: {
    Order: [
      { name: "member", type: "uint16" },
      { name: "limitPriceMicroPerKwh", type: "int32" },
    ],
  },
  primaryType: "Order",
  message: { member: 4, limitPriceMicroPerKwh: -5 },
};

it("signs typed data (EIP-712) with or without the type of the domain", async () => {
  const EIP712Domain = [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ];
  for (const types of [ORDER.types, { EIP712Domain, ...ORDER.types }]) {
    const params = [home.address, JSON.stringify({ ...ORDER, types })];
    const signature = await ask({ method: "eth_signTypedData_v4", params });
    expect(await verifyTypedData({ ...ORDER, address: home.address, signature })).toBe(true);
  }
});

it("sends a home's calls one after the other, no matter who else sends with its known key", async () => {
  const [approve, deposit, addMargin] = fundingCalls(deployment, {
    market: "poolMarket",
    ...seat,
    amountMicro: 300n,
  }) as [Call, Call, Call];
  const hashes = await Promise.all([sendCall(approve), sendCall(deposit)]);
  for (const hash of hashes)
    expect((await network.client.getTransactionReceipt({ hash })).status).toBe("success");
  expect(await readFree(network, deployment, account)).toBe(300n);
  await createSender(network, home.hex).send(addMargin);
  expect(await readMargin(network, deployment, { market: "poolMarket", ...seat })).toBe(300n);
  const last = await sendCall(approve, { value: "0x0", gas: "0x5208", nonce: "0x99" });
  expect((await network.client.getTransaction({ hash: last })).nonce).toBe(3);
});

it("says in the contract's words why a call is refused, and goes on", async () => {
  const [approve, deposit] = fundingCalls(deployment, {
    market: "poolMarket",
    ...seat,
    amountMicro: 10n ** 12n,
  }) as [Call, Call, Call];
  await sendCall(approve);
  await expect(sendCall(deposit)).rejects.toThrow(ContractRefusalError);
  expect(await sendCall(approve)).toMatch(/^0x[0-9a-f]{64}$/);
});

const DATA: Hex = "0x12345678";
const transaction = (changes: object) => ({
  method: "eth_sendTransaction" as const,
  params: [{ from: home.address, to: home.address, data: DATA, ...changes }],
});

it.each<[string, () => Partial<WalletRequest>, RegExp]>([
  ["a stranger's address", () => ({ address: `0x${"11".repeat(20)}` }), /no key of the demonstration/],
  ["a role behind the scenes", () => ({ address: keyring.key(keyNames.registrar).address }), /no key/],
  ["another signer than asked", () => ({ params: ["text", operator.address] }), /is for/],
  ["no text", () => ({ params: [] }), /can't be read/],
  ["typed data that is no JSON", () => typed("{"), /no JSON/],
  ["typed data without types", () => typed('{"domain":{}}'), /can't be read/],
  ["typed data of an unknown type", () => typed(JSON.stringify({ ...ORDER, primaryType: "X" })), /EIP-712/],
  ["another contract", () => transaction({}), /neither the token, .* nor the charging sessions/],
  ["the market", () => transaction({ to: addressOf(deployment, "poolMarket") }), /neither the token/],
  ["an unknown function", () => transaction({ to: addressOf(deployment, "token") }), /no function/],
  ["ether", () => transaction({ to: addressOf(deployment, "token"), value: "0x1" }), /can't be read.*value/],
  ["a new contract", () => transaction({ to: undefined }), /can't be read.*to/],
  [
    "another sender",
    () => transaction({ from: operator.address, to: addressOf(deployment, "token") }),
    /is for/,
  ],
  [
    "the operator's transactions",
    () => ({ ...transaction({ from: operator.address }), address: operator.address }),
    /sends its transactions itself/,
  ],
])("refuses %s", async (_name, request, words) => {
  const answer = ask(request());
  await expect(answer).rejects.toThrow(WalletRefusedError);
  await expect(answer).rejects.toThrow(words);
});

function typed(json: string): Partial<WalletRequest> {
  return { method: "eth_signTypedData_v4", params: [home.address, json] };
}
