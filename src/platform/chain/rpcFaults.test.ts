import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { addressOf, type Deployment } from "./contractSpec.ts";
import { deployContracts } from "./deployment.ts";
import { type FaultProxy, PROXY_FAULTS, type ProxyFault, startFaultProxy } from "./faultProxy.fixture.ts";
import { connectNetwork, type Network } from "./network.ts";
import { LASTING, type Patience } from "./patience.ts";
import { faultIn } from "./rpcFault.ts";
import { createSender } from "./sender.ts";
import { openSenders } from "./senders.ts";

const CHAIN_ID = 52_023;
const QUICK: Patience = { ...LASTING, firstPauseMs: 1, longestPauseMs: 4, vanishedAfterMs: 20 };
/** Of a black hole, for which a test waits; a schedule of faults takes what a busy machine is late with for another. */
const TIMEOUT_MS = 2_000;
const SHORT_TIMEOUT_MS = 300;
/** Seeded schedules; `npm run test:deep` takes more. */
const SCHEDULES = process.env.COMMONWATT_DEEP ? 100 : 3;

let directory: string;
let chain: EmbeddedChain;
let direct: Network;
let deployment: Deployment;
let proxies: readonly [FaultProxy, FaultProxy];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-faults-"));
  const where = { directory: join(directory, "chain"), chainId: CHAIN_ID };
  chain = await startEmbeddedChain({ ...where, genesisTimestamp: 1_700_000_000 });
  direct = await connectNetwork({ rpcUrl: chain.rpcUrl, request: chain.request, gasPrice: 0n });
  const admin = createSender(direct, chain.fundingPrivateKey);
  const { address } = admin;
  deployment = await deployContracts({
    ...{ network: direct, admin, specs: CONTRACTS },
    holders: { registrar: address, operator: address, certifier: address },
  });
  proxies = [await startFaultProxy(chain.rpcUrl), await startFaultProxy(chain.rpcUrl)];
});
afterAll(async () => {
  for (const proxy of proxies ?? []) await proxy.close();
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  for (const proxy of proxies) proxy.faultOf = () => "none";
});

function connect(urls: readonly FaultProxy[] = proxies, requestTimeoutMs = TIMEOUT_MS): Promise<Network> {
  const [first, ...others] = urls.map(({ url }) => url);
  const where = { rpcUrl: first!, otherRpcUrls: others, expectedChainId: CHAIN_ID };
  return connectNetwork({ ...where, gasPrice: 0n, requestTimeoutMs });
}

function balanceOf(holder: Address): Promise<bigint> {
  const contract = { address: addressOf(deployment, "token"), abi: testTokenContract.abi } as const;
  return direct.client.readContract({ ...contract, functionName: "balanceOf", args: [holder] });
}

describe("a node", () => {
  it.each<[ProxyFault, string, RegExp]>([
    ["refused", "rpcUnreachable", /^no node answers at http/],
    ["blackHole", "rpcTimeout", /gave no answer within 2000 ms$/],
    ["busy", "rpcBusy", /takes no more requests now$/],
    ["badGateway", "rpcBadGateway", /answered 502$/],
    ["truncated", "rpcMalformed", /gave half an answer$/],
    ["behind", "nodeBehind", /is at block \d+, 3 behind what was seen$/],
  ])(
    "that is %s holds work back as %s, since when it began, until it answers",
    async (fault, code, words) => {
      const [proxy] = proxies;
      const network = await connect([proxy]);
      await network.client.getBlockNumber();
      expect(network.heldBack()).toBe(null);
      const before = Math.floor(Date.now() / 1_000);
      proxy.faultOf = () => fault;
      const error = await network.client.getBlockNumber().catch((cause: unknown) => cause);
      expect(faultIn(error)).toMatchObject({ code, message: expect.stringMatching(words) });
      const held = network.heldBack();
      expect(held).toMatchObject({ code, detail: expect.stringMatching(words) });
      expect(held?.since).toBeGreaterThanOrEqual(before);
      await network.client.getBlockNumber().catch(() => undefined);
      expect(network.heldBack()?.since).toBe(held?.since);
      proxy.faultOf = () => "none";
      await network.client.getBlockNumber();
      expect(network.heldBack()).toBe(null);
    },
  );

  it("that comes back with another chain is not spoken to", async () => {
    const [proxy] = proxies;
    const network = await connect([proxy]);
    let isDown = true;
    proxy.faultOf = () => (isDown ? "refused" : "wrongChain");
    await network.client.getBlockNumber().catch(() => undefined);
    isDown = false;
    await network.client.getBlockNumber().catch(() => undefined);
    expect(network.heldBack()).toMatchObject({ code: "wrongChain" });
    expect(network.heldBack()?.detail).toMatch(/has chain id 1, not 52023$/);
  });

  it.each<ProxyFault>(["refused", "blackHole", "busy", "badGateway", "truncated", "behind", "wrongChain"])(
    "that is %s is passed over where another answers",
    async (fault) => {
      const network = await connect();
      const [first] = proxies;
      first.faultOf = () => fault;
      expect(await network.client.getBlockNumber()).toBe(await direct.client.getBlockNumber());
      expect(network.heldBack()).toBe(null);
    },
  );

  it("that disagrees with another holds back all work, whichever is asked", async () => {
    const [, second] = proxies;
    second.faultOf = () => "fork";
    const network = await connect().catch((cause: unknown) => cause);
    expect(faultIn(network)).toMatchObject({ code: "nodesDisagree" });
    expect(faultIn(network)?.message).toMatch(/have different blocks at height \d+$/);
    second.faultOf = () => "none";
    expect((await connect()).heldBack()).toBe(null);
  });
});

it("keeps the pause that a node asks for", async () => {
  const { pauseAfter } = await import("./patience.ts");
  const { RpcFaultError } = await import("./rpcFault.ts");
  const busy = (retryAfterMs: number | null) =>
    new RpcFaultError({ code: "rpcBusy", sentence: "busy", retryAfterMs });
  expect([1, 2, 3, 7, 60].map((faults) => pauseAfter(faults, busy(null), LASTING))).toEqual([
    250, 500, 1_000, 15_000, 15_000,
  ]);
  expect(pauseAfter(1, busy(20_000), LASTING)).toBe(20_000);
  expect(pauseAfter(1, busy(9e9), LASTING)).toBe(300_000);
});

it.each(Array.from({ length: SCHEDULES }, (_, i) => i + 1))(
  "nothing is lost and nothing done twice under a schedule of faults, seed %i",
  async (seed) => {
    const random = seededRandom(seed);
    const holder: Address = `0x${(0xbb00 + seed).toString(16).padStart(40, "0")}`;
    const count = () =>
      direct.client.getTransactionCount({ address: createSender(direct, chain.fundingPrivateKey).address });
    const before = await count();
    const network = await connect(proxies, SHORT_TIMEOUT_MS).catch(() => connect(proxies, SHORT_TIMEOUT_MS));
    for (const proxy of proxies)
      proxy.faultOf = () =>
        random() < 0.6 ? "none" : PROXY_FAULTS[Math.floor(random() * PROXY_FAULTS.length)]!;
    const folder = join(directory, `senders-${seed}`);
    const onNotice = () => undefined;
    const senders = await openSenders({ network, folder, syncs: "beforeSending", patience: QUICK, onNotice });
    const admin = senders.of(chain.fundingPrivateKey);
    const calls = Array.from({ length: 8 }, (_, i) => mintCall(deployment, holder, BigInt(i + 1)));
    await Promise.all(calls.slice(0, 3).map((call) => admin.send(call)));
    await admin.sendAll(calls.slice(3));
    await senders.close();
    expect(await balanceOf(holder)).toBe(36n);
    expect(await count()).toBe(before + 8);
  },
);
