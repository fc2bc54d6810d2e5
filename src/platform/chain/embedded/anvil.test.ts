import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, createPublicClient, createWalletClient, type Hex, http, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { present } from "#kernel/units/assert.ts";
import { headerHash } from "#platform/chain/blockEvidence.ts";
import { identifyProcess, isProcessAlive, type ProcessIdentity } from "#platform/system/processIdentity.ts";
import { type EmbeddedChain, type EmbeddedChainOptions, startEmbeddedChain } from "./anvil.ts";
import { type ArchivedBlock, encodeBlock } from "./archivedBlock.ts";
import { encodeRecord } from "./blockRecord.ts";
import { scanSegmentFile } from "./blockSegment.ts";

// Each test starts the node up to six times; a busy machine may need a second for each.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHAIN_ID = 52_017;
const GENESIS = 1_700_000_000;
const NEIGHBOUR: Address = "0x00000000000000000000000000000000000abcde";
/** Stores 1 in slot 0, emits the word 42 without a topic, and leaves one byte of code. */
const STORE_AND_LOG: Hex = "0x6001600055602a60005260206000a060016000f3";

let directory: string;
let running: EmbeddedChain[];
let notices: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "embedded-chain-"));
  running = [];
  notices = [];
});

afterEach(async () => {
  await Promise.allSettled(running.map((chain) => chain.stop()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedChainOptions> = {}): Promise<EmbeddedChain> {
  const chain = await startEmbeddedChain({
    directory,
    chainId: CHAIN_ID,
    genesisTimestamp: GENESIS,
    onNotice: (sentence) => notices.push(sentence),
    ...options,
  });
  running.push(chain);
  return chain;
}

function clientsOf(chain: EmbeddedChain) {
  const transport = http(chain.rpcUrl, { retryCount: 0 });
  const account = privateKeyToAccount(chain.fundingPrivateKey);
  const definition = {
    id: CHAIN_ID,
    name: "test",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [chain.rpcUrl] } },
  };
  return {
    reader: createPublicClient({ chain: definition, transport, cacheTime: 0, pollingInterval: 5 }),
    wallet: createWalletClient({ account, chain: definition, transport }),
  };
}

async function pay(chain: EmbeddedChain, value: bigint) {
  const { reader, wallet } = clientsOf(chain);
  const hash = await wallet.sendTransaction({
    to: NEIGHBOUR,
    value,
    gas: 21_000n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
  return await reader.waitForTransactionReceipt({ hash });
}

async function deploy(chain: EmbeddedChain) {
  const { reader, wallet } = clientsOf(chain);
  const hash = await wallet.sendTransaction({ data: STORE_AND_LOG, gas: 200_000n, gasPrice: 0n });
  return await reader.waitForTransactionReceipt({ hash });
}

/** All that a restart has to give back: each block with its transactions, receipts and logs, balances and storage. */
async function everythingOn(chain: EmbeddedChain, contract: Address | null | undefined) {
  const { reader } = clientsOf(chain);
  const head = Number(await reader.getBlockNumber());
  const numbers = Array.from({ length: head + 1 }, (_, number) => BigInt(number));
  const blocks = await Promise.all(
    numbers.map((blockNumber) => reader.getBlock({ blockNumber, includeTransactions: true })),
  );
  const hashes = blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
  return {
    blocks,
    receipts: await Promise.all(hashes.map((hash) => reader.getTransactionReceipt({ hash }))),
    logs: await reader.getLogs({ fromBlock: 0n, toBlock: "latest" }),
    balance: await reader.getBalance({ address: NEIGHBOUR }),
    storage: contract ? await reader.getStorageAt({ address: contract, slot: "0x0" }) : null,
    code: contract ? await reader.getCode({ address: contract }) : null,
  };
}

function nodePid(): number {
  return JSON.parse(readFileSync(join(directory, "anvil.pid"), "utf8")).pid;
}

/** The node is killed as by a power cut; the supervisor is told and gives the directory back. */
async function pullThePlug(chain: EmbeddedChain): Promise<string> {
  const reason = new Promise<string>((resolve) => chain.onExit(resolve));
  process.kill(nodePid(), "SIGKILL");
  const told = await reason;
  await expect(chain.stop()).rejects.toMatchObject({
    code: "chainEnded",
    message: expect.stringContaining(told),
  });
  return told;
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at);
  writeFileSync(file, bytes);
}

/** Replaces the archive's last block by another, with a fitting hash and checksum. */
function forgeLastBlock(path: string, forge: (block: ArchivedBlock) => ArchivedBlock): void {
  const found: { block: ArchivedBlock; offset: number }[] = [];
  scanSegmentFile(path, (block, { offset }) => found.push({ block, offset }));
  const { block, offset } = present(found.at(-1), "the last block");
  const forged = forge(block);
  const hash = present(headerHash(forged.header), "its hash");
  const record = encodeRecord(forged.number, encodeBlock({ ...forged, header: { ...forged.header, hash } }));
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, offset), record]));
}

function fileLike(pattern: RegExp): string {
  const name = readdirSync(directory).find((each) => pattern.test(each));
  if (name === undefined) throw new Error(`no ${pattern} among ${readdirSync(directory)}`);
  return join(directory, name);
}

describe("a fresh chain", () => {
  it("listens on the loopback interface with the configured id and genesis", async () => {
    const chain = await start();
    expect(chain).toMatchObject({ isFresh: true, chainId: CHAIN_ID });
    expect(chain.rpcUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { reader, wallet } = clientsOf(chain);
    expect(await reader.getChainId()).toBe(CHAIN_ID);
    expect(await reader.getBlock()).toMatchObject({
      number: 0n,
      timestamp: BigInt(GENESIS),
      baseFeePerGas: 0n,
    });
    expect(await reader.getBalance({ address: wallet.account.address })).toBeGreaterThan(
      parseEther("1000000"),
    );
  });

  it("mines each transaction by itself and free of charge, also from an account without ether", async () => {
    const chain = await start();
    const { reader, wallet } = clientsOf(chain);
    const poor = privateKeyToAccount(`0x${"7".repeat(64)}`);
    const hash = await wallet.sendTransaction({ account: poor, to: NEIGHBOUR, gas: 21_000n, gasPrice: 0n });
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({
      status: "success",
      blockNumber: 1n,
    });
    expect((await pay(chain, 5n)).blockNumber).toBe(2n);
  });
});

describe("the clock", () => {
  it("stands still until it is set, and then at the time that was set", async () => {
    const chain = await start();
    const times: bigint[] = [];
    const { reader } = clientsOf(chain);
    const noteTime = async () => times.push((await reader.getBlock()).timestamp - BigInt(GENESIS));
    await pay(chain, 1n);
    await noteTime();
    await chain.setNextBlockTime(GENESIS + 900);
    await pay(chain, 1n);
    await noteTime();
    await chain.mine();
    await noteTime();
    await chain.setNextBlockTime(GENESIS + 900);
    await pay(chain, 1n);
    await noteTime();
    expect(times).toEqual([0n, 900n, 900n, 900n]);
  });

  it("can't go back, neither behind a block nor behind a time that was set", async () => {
    const chain = await start();
    await chain.setNextBlockTime(GENESIS + 900);
    await expect(chain.setNextBlockTime(GENESIS + 899)).rejects.toMatchObject({
      code: "chainClockBackwards",
    });
    await chain.mine();
    await expect(chain.setNextBlockTime(GENESIS + 899)).rejects.toMatchObject({
      code: "chainClockBackwards",
    });
    await expect(chain.setNextBlockTime(GENESIS + 900.5)).rejects.toMatchObject({
      code: "chainClockBackwards",
    });
    await chain.setNextBlockTime(GENESIS + 901);
  });

  it("goes on after a restart where it stood, and can't go back behind it", async () => {
    const first = await start();
    await first.setNextBlockTime(GENESIS + 900);
    await first.mine();
    await first.stop();
    const second = await start();
    await pay(second, 1n);
    await pay(second, 1n);
    const { timestamp } = await clientsOf(second).reader.getBlock();
    expect(timestamp).toBe(BigInt(GENESIS + 900));
    await expect(second.setNextBlockTime(GENESIS + 899)).rejects.toMatchObject({
      code: "chainClockBackwards",
    });
  });
});

describe("a restart", () => {
  it("gives back every block, receipt, log, balance and storage slot, more than once", async () => {
    let chain = await start();
    const { contractAddress } = await deploy(chain);
    for (let round = 1; round <= 3; round++) {
      await chain.setNextBlockTime(GENESIS + 900 * round);
      await pay(chain, 7n);
      await chain.mine();
      const before = await everythingOn(chain, contractAddress);
      await chain.stop();
      chain = await start({ genesisTimestamp: GENESIS + 5 });
      expect(chain.isFresh).toBe(false);
      expect(await everythingOn(chain, contractAddress)).toEqual(before);
    }
    expect(readdirSync(directory).filter((name) => name.startsWith("state-"))).toHaveLength(2);
    expect(notices).toEqual([]);
  });

  it("loses nothing that was checkpointed when the node is killed", async () => {
    let chain = await start();
    const { contractAddress } = await deploy(chain);
    for (let round = 1; round <= 3; round++) {
      await chain.setNextBlockTime(GENESIS + 900 * round);
      await pay(chain, 7n);
      await chain.mine();
      await chain.checkpoint();
      const before = await everythingOn(chain, contractAddress);
      expect(await pullThePlug(chain)).toContain("SIGKILL");
      await expect(chain.checkpoint()).rejects.toMatchObject({ code: "chainGone" });
      chain = await start();
      expect(await everythingOn(chain, contractAddress)).toEqual(before);
    }
  });

  it("replays from the newest snapshot what was mined after it, with several transactions in a block", async () => {
    let chain = await start();
    await pay(chain, 1n);
    await chain.stop();
    chain = await start();
    const { contractAddress } = await deploy(chain);
    const { reader, wallet } = clientsOf(chain);
    const account = wallet.account.address;
    const nonce = await reader.getTransactionCount({ address: account });
    const send = (offset: number) =>
      wallet.sendTransaction({ to: NEIGHBOUR, value: 3n, nonce: nonce + offset, gas: 21_000n, gasPrice: 0n });
    // The first waits for the one before it; both then go into one block.
    await send(1);
    await reader.waitForTransactionReceipt({ hash: await send(0) });
    // The second transaction may still call for a block, which is then empty: none must come after the checkpoint.
    await reader.request({ method: "evm_setAutomine", params: [false] } as never);
    await chain.checkpoint();
    const before = await everythingOn(chain, contractAddress);
    expect(Math.max(...before.blocks.map(({ transactions }) => transactions.length))).toBe(2);
    await pullThePlug(chain);
    chain = await start();
    expect(await everythingOn(chain, contractAddress)).toEqual(before);
  });

  it("keeps a transaction that failed as failed", async () => {
    let chain = await start();
    const { reader, wallet } = clientsOf(chain);
    const hash = await wallet.sendTransaction({ data: "0x60006000fd", gas: 100_000n, gasPrice: 0n });
    expect((await reader.waitForTransactionReceipt({ hash })).status).toBe("reverted");
    await chain.checkpoint();
    await pullThePlug(chain);
    chain = await start();
    expect((await clientsOf(chain).reader.getTransactionReceipt({ hash })).status).toBe("reverted");
  });

  it("drops a block that was cut short, and says so", async () => {
    let chain = await start();
    await pay(chain, 1n);
    await chain.checkpoint();
    await pay(chain, 1n);
    await chain.checkpoint();
    await pullThePlug(chain);
    const archive = fileLike(/^blocks-0\.archive$/);
    truncateSync(archive, readFileSync(archive).length - 20);
    chain = await start();
    expect(notices).toEqual([expect.stringContaining("blocks-0.archive")]);
    expect(await clientsOf(chain).reader.getBlockNumber()).toBe(1n);
    await pay(chain, 2n);
    await chain.checkpoint();
    await pullThePlug(chain);
    chain = await start();
    expect(await clientsOf(chain).reader.getBalance({ address: NEIGHBOUR })).toBe(3n);
  });
});

describe("old blocks", () => {
  it("are told by the archive word for word as the node told them when they were new", async () => {
    const chain = await start();
    await deploy(chain);
    const { wallet } = clientsOf(chain);
    await pay(chain, 3n);
    const accessList = [{ address: NEIGHBOUR, storageKeys: [] }];
    const types = [
      { type: "eip2930", gasPrice: 0n, accessList } as const,
      { type: "legacy", gasPrice: 0n } as const,
    ];
    for (const type of types)
      await wallet.sendTransaction({ to: NEIGHBOUR, value: 1n, gas: 30_000n, ...type });
    await wallet.sendTransaction({ data: "0x60006000fd", gas: 100_000n, gasPrice: 0n });
    const ask = (method: string, ...params: unknown[]) => chain.request(method, params);
    const everything = async () => {
      const told: unknown[] = [await ask("eth_getLogs", { fromBlock: "0x0", toBlock: "latest" })];
      for (let number = 0; number <= 5; number += 1) {
        const place = `0x${number.toString(16)}`;
        const block = (await ask("eth_getBlockByNumber", place, true)) as {
          hash: Hex;
          transactions: { hash: Hex }[];
        };
        told.push(block, await ask("eth_getBlockByNumber", place, false));
        told.push(
          await ask("eth_getBlockByHash", block.hash, true),
          await ask("eth_getBlockReceipts", place),
        );
        for (const { hash } of block.transactions)
          for (const method of ["Transaction", "Receipt", "Raw"])
            told.push(await ask(BY_HASH[method as keyof typeof BY_HASH], hash));
      }
      return told;
    };
    await vi.waitUntil(async () => (await ask("eth_blockNumber")) === "0x5");
    const fromNode = await everything();
    await chain.checkpoint();
    expect(await everything()).toEqual(fromNode);
  });

  it("stay known when the node has forgotten them", async () => {
    const chain = await start();
    const { contractAddress } = await deploy(chain);
    const paid = await pay(chain, 9n);
    const before = await everythingOn(chain, contractAddress);
    for (let block = 0; block < 520; block += 1) await chain.mine();
    await chain.checkpoint();
    const { reader } = clientsOf(chain);
    expect(await reader.getTransactionReceipt({ hash: paid.transactionHash })).toEqual(paid);
    expect(await reader.getLogs({ fromBlock: 0n, toBlock: "latest" })).toEqual(before.logs);
    expect(await reader.getBalance({ address: NEIGHBOUR })).toBe(9n);
    expect(readdirSync(directory).filter((name) => name.startsWith("state-"))).toHaveLength(1);
  });
});

const BY_HASH = {
  Transaction: "eth_getTransactionByHash",
  Receipt: "eth_getTransactionReceipt",
  Raw: "eth_getRawTransactionByHash",
} as const;

describe("a damaged state", () => {
  async function makeTwoSnapshots(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      const chain = await start();
      await pay(chain, 1n);
      await chain.stop();
    }
  }

  it("is refused and named when a snapshot's byte has changed; the older one is used on demand only", async () => {
    await makeTwoSnapshots();
    const newest = fileLike(/^state-2\.rlp\.gz$/);
    flipByte(newest, 40);
    await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file: newest });
    const chain = await start({ damagedSnapshot: "useOlder" });
    expect(notices).toEqual([
      expect.stringContaining(newest),
      expect.stringMatching(/back to block 2: the damaged snapshot is lost, no block/),
    ]);
    expect(await clientsOf(chain).reader.getBalance({ address: NEIGHBOUR })).toBe(2n);
    await pay(chain, 1n);
    await chain.stop();
    expect(await clientsOf(await start()).reader.getBalance({ address: NEIGHBOUR })).toBe(3n);
  });

  it("is refused when a snapshot that the manifest names is missing", async () => {
    await makeTwoSnapshots();
    for (const name of ["state-1.rlp.gz", "state-2.rlp.gz"]) {
      const file = join(directory, name);
      const whole = readFileSync(file);
      rmSync(file);
      await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file });
      writeFileSync(file, whole.subarray(1));
      await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file });
      writeFileSync(file, whole);
    }
    expect((await start()).isFresh).toBe(false);
  });

  it("is refused when a byte within the archive has changed, or the archive is missing", async () => {
    const chain = await start();
    await pay(chain, 1n);
    await pay(chain, 1n);
    await chain.checkpoint();
    await pullThePlug(chain);
    const archive = fileLike(/^blocks-0\.archive$/);
    flipByte(archive, Math.floor(readFileSync(archive).length / 2));
    await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file: archive });
    rmSync(archive);
    await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file: archive });
  });

  it("is refused when a block was rewritten, even with fitting checksums", async () => {
    const chain = await start();
    await pay(chain, 1n);
    await chain.setNextBlockTime(GENESIS + 900);
    await pay(chain, 1n);
    await chain.checkpoint();
    await pullThePlug(chain);
    const archive = fileLike(/^blocks-0\.archive$/);
    forgeLastBlock(archive, (block) => ({ ...block, header: { ...block.header, gasUsed: "0x1" } }));
    await expect(start()).rejects.toMatchObject({ code: "replayMismatch", block: 2 });
    expect(existsSync(join(directory, "anvil.pid"))).toBe(false);
  });

  it("is refused when the manifest is missing or changed", async () => {
    await makeTwoSnapshots();
    const manifest = join(directory, "manifest.json");
    const whole = readFileSync(manifest);
    flipByte(manifest, whole.indexOf("chainId") + 10);
    await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file: manifest });
    rmSync(manifest);
    await expect(start()).rejects.toMatchObject({ code: "chainStateDamaged", file: manifest });
    expect(readdirSync(directory)).toContain("state-2.rlp.gz");
    writeFileSync(manifest, whole);
    expect((await start()).isFresh).toBe(false);
  });

  it("is refused for another chain id, and left as it was", async () => {
    await makeTwoSnapshots();
    await expect(start({ chainId: CHAIN_ID + 1 })).rejects.toMatchObject({ code: "otherChainState" });
    expect((await start()).isFresh).toBe(false);
  });

  it("does not count a first start that was cut off before its manifest", async () => {
    const chain = await start();
    await pullThePlug(chain);
    rmSync(join(directory, "manifest.json"));
    expect((await start()).isFresh).toBe(true);
  });
});

describe("processes", () => {
  it("refuses a second chain in the directory, naming the owner", async () => {
    const chain = await start();
    await expect(start()).rejects.toMatchObject({ code: "processLocked", ownerPid: process.pid });
    await chain.stop();
    await start();
  });

  it("leaves no process, lock or pid file when it is stopped, once or twice", async () => {
    const chain = await start();
    const node = identifyProcess(nodePid());
    const exits: string[] = [];
    chain.onExit((reason) => exits.push(reason));
    await Promise.all([chain.stop(), chain.stop()]);
    await chain.stop();
    expect(exits).toEqual([]);
    expect(isProcessAlive(node)).toBe(false);
    expect(readdirSync(directory).filter((name) => /\.(pid|lock|tmp)$/.test(name))).toEqual([]);
    expect(existsSync(join(directory, "loading.json"))).toBe(false);
    await expect(chain.mine()).rejects.toMatchObject({ code: "chainGone" });
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "says so by itself when the node was ended by %s",
    async (signal) => {
      const chain = await start();
      await chain.mine();
      process.kill(nodePid(), signal);
      // Asked before the notice has come: the broken connection is traced to the node's end.
      await expect(chain.stop()).rejects.toMatchObject({
        code: "chainEnded",
        message: expect.stringMatching(
          signal === "SIGKILL" ? /by signal SIGKILL/ : /by signal SIGTERM|with code \d/,
        ),
      });
      expect((await start()).isFresh).toBe(false);
    },
  );

  it("gives the lock back when it can't start", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await expect(start({ port: (server.address() as AddressInfo).port })).rejects.toMatchObject({
        code: "portTaken",
      });
    } finally {
      server.close();
    }
    expect((await start()).isFresh).toBe(true);
  });

  it("sends nothing to another node that holds the configured port", async () => {
    let requests = 0;
    const foreign = createServer((_, response) => {
      requests += 1;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x1" }));
    }).listen(0, "127.0.0.1");
    await once(foreign, "listening");
    try {
      await expect(start({ port: (foreign.address() as AddressInfo).port })).rejects.toMatchObject({
        code: "portTaken",
      });
    } finally {
      foreign.close();
    }
    expect(requests).toBe(0);
  });

  it("names a living owner, and ends the node that it leaves behind when it is killed", async () => {
    const owner = await startInOtherProcess();
    let node: ProcessIdentity;
    try {
      await expect(start()).rejects.toMatchObject({ code: "processLocked", ownerPid: owner.pid });
      node = identifyProcess(nodePid());
    } finally {
      owner.kill("SIGKILL");
      await once(owner, "exit");
    }
    expect(isProcessAlive(node)).toBe(true);
    const chain = await start();
    expect(isProcessAlive(node)).toBe(false);
    expect(await clientsOf(chain).reader.getBlockNumber()).toBe(3n);
  });

  it("leaves a process alone that got the number of a node that is gone", async () => {
    const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await once(bystander, "spawn");
    const identity = identifyProcess(present(bystander.pid, "the bystander's pid"));
    try {
      writeFileSync(join(directory, "anvil.pid"), JSON.stringify(identity));
      await start();
      expect(isProcessAlive(identity)).toBe(true);
    } finally {
      bystander.kill("SIGKILL");
      await once(bystander, "exit");
    }
  });
});

/** A process that starts the chain of the test's directory, makes three blocks durable and then only waits. */
async function startInOtherProcess(): Promise<ChildProcess> {
  const script = `
    const { startEmbeddedChain } = await import(${JSON.stringify(new URL("./anvil.ts", import.meta.url).href)});
    const chain = await startEmbeddedChain(${JSON.stringify({ directory, chainId: CHAIN_ID, genesisTimestamp: GENESIS })});
    for (let block = 0; block < 3; block++) await chain.mine();
    await chain.checkpoint();
    console.log("ready");
  `;
  const stdio: StdioOptions = ["ignore", "pipe", "inherit"];
  const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio });
  await once(present(owner.stdout, "the owner's output"), "data");
  return owner;
}

describe("recording", () => {
  it("refuses to go on when the chain was rewritten below what is recorded", async () => {
    const chain = await start();
    const { reader } = clientsOf(chain);
    const snapshot = await reader.request({ method: "evm_snapshot" } as never);
    await pay(chain, 1n);
    await chain.checkpoint();
    await reader.request({ method: "evm_revert", params: [snapshot] } as never);
    await expect(chain.checkpoint()).rejects.toMatchObject({ code: "chainRewritten" });
    const reason = await new Promise<string>((resolve) => chain.onExit(resolve));
    expect(reason).toContain("block 1");
  });

  it("takes a snapshot by itself when the archive has grown, and mines what came meanwhile", async () => {
    const chain = await start();
    for (let block = 0; block < 500; block++) await chain.mine();
    await chain.checkpoint();
    const paid = await pay(chain, 9n);
    await chain.checkpoint();
    expect(paid.status).toBe("success");
    expect(readdirSync(directory)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^state-50[01]\.rlp\.gz$/)]),
    );
    await pullThePlug(chain);
    const next = await start();
    expect(await clientsOf(next).reader.getBalance({ address: NEIGHBOUR })).toBe(9n);
    expect(notices).toEqual([]);
  });
});
