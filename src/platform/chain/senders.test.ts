import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keccak256 } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { participantRegistryContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { addressOf, type Deployment } from "./contractSpec.ts";
import { deployContracts } from "./deployment.ts";
import { connectNetwork, type Network } from "./network.ts";
import { LASTING, type Patience } from "./patience.ts";
import type { RpcHandler } from "./rpcHandler.ts";
import { createSender, IntentDiffersError, IntentFailedError, type Sender } from "./sender.ts";
import { openSenders, type Senders } from "./senders.ts";

const CHAIN_ID = 52_022;
const QUICK: Patience = { ...LASTING, firstPauseMs: 1, longestPauseMs: 2, vanishedAfterMs: 5 };

let directory: string;
let chain: EmbeddedChain;
let network: Network;
let deployment: Deployment;
let holders = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-senders-"));
  const where = { directory: join(directory, "chain"), chainId: CHAIN_ID };
  chain = await startEmbeddedChain({ ...where, genesisTimestamp: 1_700_000_000 });
  network = await through(chain.request);
  const admin = createSender(network, chain.fundingPrivateKey);
  const { address } = admin;
  deployment = await deployContracts({
    ...{ network, admin, specs: CONTRACTS },
    holders: { registrar: address, operator: address, certifier: address },
  });
});
afterAll(async () => {
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function through(request: RpcHandler, changes: { gasPrice?: bigint | null; maxGasPrice?: bigint } = {}) {
  return connectNetwork({
    rpcUrl: chain.rpcUrl,
    request,
    expectedChainId: CHAIN_ID,
    gasPrice: 0n,
    ...changes,
  });
}

/** A holder for whom nothing was minted yet. */
function newHolder(): Address {
  holders += 1;
  return `0x${(0xaa00 + holders).toString(16).padStart(40, "0")}`;
}

function balanceOf(holder: Address): Promise<bigint> {
  const contract = { address: addressOf(deployment, "token"), abi: testTokenContract.abi } as const;
  return network.client.readContract({ ...contract, functionName: "balanceOf", args: [holder] });
}

function countOf(key: Hex): Promise<number> {
  return network.client.getTransactionCount({ address: privateKeyToAddress(key) });
}

type Opened = { senders: Senders; notices: string[]; folder: string };

async function open(folder: string, over: Network = network): Promise<Opened> {
  const notices: string[] = [];
  const onNotice = (sentence: string) => void notices.push(sentence);
  const senders = await openSenders({
    network: over,
    folder,
    syncs: "beforeSending",
    patience: QUICK,
    onNotice,
  });
  return { senders, notices, folder };
}

let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(directory, `senders-${folders}`);
}

/** Tokens are the admin's to mint; a test that needs an account of its own lets it call what anybody may. */
function anybodysCall() {
  const to = addressOf(deployment, "registry");
  return {
    label: "roles",
    to,
    data: "0x01ffc9a7".padEnd(74, "0") as Hex,
    abi: participantRegistryContract.abi,
  };
}

describe("a sender that keeps its intents", () => {
  it("sends an intent that it is given twice once, also after a restart", async () => {
    const holder = newHolder();
    const { senders, folder } = await open(newFolder());
    const mint = mintCall(deployment, holder, 5n);
    const admin = senders.of(chain.fundingPrivateKey);
    const [first, second] = await Promise.all([admin.send(mint, "mint 1"), admin.send(mint, "mint 1")]);
    expect(second.transactionHash).toBe(first.transactionHash);
    const other = admin.send(mintCall(deployment, holder, 6n), "mint 1");
    await expect(other).rejects.toThrow(IntentDiffersError);
    await senders.close();
    const again = await open(folder);
    expect(again.notices).toEqual([]);
    const third = await again.senders.of(chain.fundingPrivateKey).send(mint, "mint 1");
    expect(third.transactionHash).toBe(first.transactionHash);
    expect(await balanceOf(holder)).toBe(5n);
    await again.senders.close();
  });

  it("killed at any moment, finds or sends again what was under way, once each", async () => {
    const ids = ["one", "two", "three"];
    const kill = async (step: number): Promise<boolean> => {
      const holder = newHolder();
      const mint = (id: string) => mintCall(deployment, holder, 10n ** BigInt(ids.indexOf(id)));
      const [folder, copy] = [newFolder(), newFolder()];
      const { request, isDead } = dyingAt(step, chain.request);
      const before = await countOf(chain.fundingPrivateKey);
      const { senders } = await open(folder, await through(request));
      const admin = senders.of(chain.fundingPrivateKey);
      const all = Promise.all(ids.map((id) => admin.send(mint(id), id)));
      const outcome = await Promise.race([all.then(() => "done"), isDead]);
      cpSync(folder, copy, { recursive: true });
      const restarted = await open(copy);
      const reborn = restarted.senders.of(chain.fundingPrivateKey);
      for (const id of ids) await reborn.send(mint(id), id);
      expect(await balanceOf(holder), `killed at ${step}`).toBe(111n);
      expect(await countOf(chain.fundingPrivateKey)).toBe(before + ids.length);
      await restarted.senders.close();
      return outcome === "done";
    };
    let step = 4;
    while (!(await kill(step))) step += 1;
    expect(step).toBeGreaterThan(12);
  });

  it("goes on behind a record that a power cut left half-written", async () => {
    const holder = newHolder();
    const { senders, folder } = await open(newFolder());
    const mint = mintCall(deployment, holder, 1n);
    await senders.of(chain.fundingPrivateKey).send(mint, "whole");
    await senders.close();
    const [name = ""] = readdirSync(folder);
    const bytes = readFileSync(join(folder, name));
    for (const cut of [1, 40, bytes.length - 1]) {
      const copy = newFolder();
      mkdirSync(copy);
      writeFileSync(join(copy, name), bytes.subarray(0, bytes.length - cut));
      const again = await open(copy);
      const expected = cut < bytes.length - 1 ? 1n : 2n;
      await again.senders.of(chain.fundingPrivateKey).send(mint, "whole");
      expect(await balanceOf(holder)).toBe(expected);
      await again.senders.close();
    }
  });

  it.each([1, 2, 3])("loses and doubles nothing where answers are lost, seed %i", async (seed) => {
    const holder = newHolder();
    const faulty = await through(faultyBy(seed, chain.request));
    const before = await countOf(chain.fundingPrivateKey);
    const { senders } = await open(newFolder(), faulty);
    const admin = senders.of(chain.fundingPrivateKey);
    const calls = Array.from({ length: 12 }, (_, i) => mintCall(deployment, holder, BigInt(i + 1)));
    const single = await Promise.all(calls.slice(0, 4).map((call) => admin.send(call)));
    const together = await admin.sendAll(calls.slice(4));
    expect(await balanceOf(holder)).toBe(78n);
    expect(new Set([...single, ...together].map(({ transactionHash }) => transactionHash)).size).toBe(12);
    expect(await countOf(chain.fundingPrivateKey)).toBe(before + 12);
    await senders.close();
  });

  it("passes over a number that another sender of the account took", async () => {
    const holder = newHolder();
    const { senders } = await open(newFolder());
    const admin = senders.of(chain.fundingPrivateKey);
    const mint = (amount: bigint) => mintCall(deployment, holder, amount);
    await admin.send(mint(1n));
    await createSender(network, chain.fundingPrivateKey).sendAll([mint(10n), mint(10n)]);
    await admin.sendAll([mint(100n), mint(100n), mint(100n)]);
    expect(await balanceOf(holder)).toBe(321n);
    await senders.close();
  });

  it("reports what the node does not take, and leaves no gap behind it", async () => {
    const key: Hex = `0x${"31".repeat(32)}`;
    const { senders, folder } = await open(newFolder(), await through(chain.request, { gasPrice: 1n }));
    const poor = senders.of(key);
    await expect(poor.send(anybodysCall(), "poor")).rejects.toThrow(/insufficient funds/i);
    await expect(poor.send(anybodysCall(), "poor")).rejects.toThrow(IntentFailedError);
    await senders.close();
    const again = await open(folder);
    await again.senders.of(key).send(anybodysCall(), "free");
    expect([again.notices, await countOf(key)]).toEqual([[], 1]);
    await again.senders.close();
  });

  it("is told of nothing when it is stopped while no node answers, and goes on with the next start", async () => {
    const holder = newHolder();
    const failures: unknown[] = [];
    let isDown = false;
    const request: RpcHandler = async (method, params) => {
      if (isDown) throw new Error("down");
      return chain.request(method, params);
    };
    const { senders, folder } = await open(newFolder(), await through(request));
    const admin = senders.of(chain.fundingPrivateKey, {
      onFailure: (failure) => void failures.push(failure),
    });
    await admin.send(mintCall(deployment, holder, 1n));
    isDown = true;
    const held = admin.send(mintCall(deployment, holder, 2n));
    const ended = expect(held).rejects.toThrow("the process is being stopped");
    senders.stop();
    await ended;
    await senders.close();
    const again = await open(folder);
    expect(await balanceOf(holder)).toBe(3n);
    expect(failures).toEqual([]);
    expect(again.notices).toEqual([
      "of 1 transactions that were under way 0 were on the chain, 1 were sent again, 0 can't be done any more",
    ]);
    await again.senders.close();
  });
});

describe("a transaction that waits for its block", () => {
  const automine = (isOn: boolean) => chain.request("evm_setAutomine", [isOn]);

  it("is sent again when the node lost it", async () => {
    const holder = newHolder();
    const handedOver: Hex[] = [];
    const spied: RpcHandler = async (method, params) => {
      const answer = await chain.request(method, params);
      if (method !== "eth_sendRawTransaction") return answer;
      handedOver.push(params[0] as Hex);
      const isFirst = handedOver.length === 1;
      await (isFirst ? chain.request("anvil_dropTransaction", [answer]) : chain.mine());
      return answer;
    };
    const { senders } = await open(newFolder(), await through(spied));
    await automine(false);
    try {
      await senders.of(chain.fundingPrivateKey).send(mintCall(deployment, holder, 7n));
    } finally {
      await automine(true);
    }
    expect(await balanceOf(holder)).toBe(7n);
    expect(handedOver).toHaveLength(2);
    expect(handedOver[1]).toBe(handedOver[0]);
    await senders.close();
  });

  it("is offered more for when it is stuck, up to the ceiling, and mined once", async () => {
    const holder = newHolder();
    const prices = await sendStuck(holder, { maxGasPrice: 1_100n, replacements: 3 });
    expect(prices).toEqual([800n, 901n, 1_014n]);
    expect(await balanceOf(holder)).toBe(3n);
  });

  it("keeps its price where more would be above the ceiling", async () => {
    const holder = newHolder();
    expect(await sendStuck(holder, { maxGasPrice: 805n, replacements: 1 })).toEqual([800n]);
    expect(await balanceOf(holder)).toBe(3n);
  });

  /** Sends while no blocks are made, until so many transactions were handed over and the node was asked some more. */
  async function sendStuck(
    holder: Address,
    { maxGasPrice, replacements }: { maxGasPrice: bigint; replacements: number },
  ): Promise<bigint[]> {
    const hashes: Hex[] = [];
    let looks = 0;
    const spied: RpcHandler = async (method, params) => {
      if (method === "eth_gasPrice") return "0x320";
      const answer = await chain.request(method, params);
      if (method === "eth_sendRawTransaction") hashes.push(keccak256(params[0] as Hex));
      looks += method === "eth_getTransactionReceipt" ? 1 : 0;
      if (hashes.length === replacements && looks === 15) await chain.mine();
      return answer;
    };
    const over = await through(spied, { gasPrice: null, maxGasPrice });
    const folder = newFolder();
    const patience = { ...QUICK, stuckAfterMs: 1, vanishedAfterMs: 1_000 };
    const senders = await openSenders({
      network: over,
      folder,
      syncs: "meanwhile",
      patience,
      onNotice: () => {},
    });
    await automine(false);
    const sender: Sender = senders.of(chain.fundingPrivateKey);
    const prices: bigint[] = [];
    try {
      const { transactionHash } = await sender.send(mintCall(deployment, holder, 3n));
      expect(hashes).toContain(transactionHash);
    } finally {
      await automine(true);
    }
    await senders.close();
    const [name = ""] = readdirSync(folder);
    for (const [, price] of readFileSync(join(folder, name), "utf8").matchAll(/"gasPrice":"(\d+)"/g))
      prices.push(BigInt(price!));
    return prices;
  }
});

/** A node as a process sees it that is killed at its `step`-th step: before a call, or before its answer. */
function dyingAt(step: number, request: RpcHandler) {
  let steps = 0;
  let die = (_: string) => {};
  const isDead = new Promise<string>((resolve) => {
    die = resolve;
  });
  const live = async () => {
    steps += 1;
    if (steps < step) return;
    die("killed");
    await new Promise(() => undefined);
  };
  const dying: RpcHandler = async (method, params) => {
    await live();
    const answer = await request(method, params);
    await live();
    return answer;
  };
  return { request: dying, isDead };
}

/** A node of which some calls don't arrive and some answers get lost. */
function faultyBy(seed: number, request: RpcHandler): RpcHandler {
  const random = seededRandom(seed);
  return async (method, params) => {
    if (method === "eth_chainId") return request(method, params);
    if (random() < 0.2) throw new Error("it did not arrive");
    const answer = await request(method, params);
    if (random() < 0.3) throw new Error("its answer was lost");
    return answer;
  };
}
