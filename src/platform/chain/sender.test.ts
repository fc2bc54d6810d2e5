import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, HttpRequestError, http } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnfitTokenError } from "#domains/accounts/contract.ts";
import { participantRegistryContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { ContractRefusalError } from "./contractRefusal.ts";
import { addressOf, type Deployment } from "./contractSpec.ts";
import { deployContracts } from "./deployment.ts";
import { ChainUnreachableError, connectNetwork, type Network, WrongChainError } from "./network.ts";
import { type Call, createSender, OutOfGasError, type Sender, type SendFailure } from "./sender.ts";

const CHAIN_ID = 52_021;
const HOLDER: Address = "0x00000000000000000000000000000000000000aa";

let directory: string;
let chain: EmbeddedChain;
let network: Network;
let admin: Sender;
let deployment: Deployment;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-sender-"));
  chain = await startEmbeddedChain({ directory, chainId: CHAIN_ID, genesisTimestamp: 1_700_000_000 });
  network = await connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: CHAIN_ID, gasPrice: 0n });
  admin = createSender(network, chain.fundingPrivateKey);
  deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders: rolesOf(admin.address) });
});
afterAll(async () => {
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function rolesOf(address: Address) {
  return { registrar: address, operator: address, certifier: address };
}

function balance(): Promise<bigint> {
  const token = addressOf(deployment, "token");
  const contract = { address: token, abi: testTokenContract.abi } as const;
  return network.client.readContract({ ...contract, functionName: "balanceOf", args: [HOLDER] });
}

describe("a network", () => {
  it("is not used when its chain is another than expected", async () => {
    const wrong = connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: 1 });
    await expect(wrong).rejects.toThrow(WrongChainError);
    await expect(wrong).rejects.toThrow(`has chain id ${CHAIN_ID}, not 1; nothing was sent to it`);
  });

  it("that does not answer is named", async () => {
    const rpcUrl = "http://127.0.0.1:1";
    await expect(connectNetwork({ rpcUrl })).rejects.toThrow(ChainUnreachableError);
    await expect(connectNetwork({ rpcUrl })).rejects.toThrow(`no chain answers at ${rpcUrl}`);
  });
});

describe("a deployment", () => {
  it("has code at each address, linked libraries among it, and the roles granted", async () => {
    const { chainId, deployedAtBlock, contracts } = deployment;
    expect([chainId, deployedAtBlock]).toEqual([CHAIN_ID, 0]);
    for (const address of Object.values(contracts)) {
      expect(address).toMatch(/^0x[0-9a-f]{40}$/);
      expect((await network.client.getCode({ address }))?.length).toBeGreaterThan(100);
    }
    const registry = {
      address: addressOf(deployment, "registry"),
      abi: participantRegistryContract.abi,
    } as const;
    const role = await network.client.readContract({ ...registry, functionName: "CERTIFIER_ROLE" });
    const args = [role, admin.address] as const;
    expect(await network.client.readContract({ ...registry, functionName: "hasRole", args })).toBe(true);
  });

  it("takes no currency without six decimals, nor what is none", async () => {
    const deploy = (token: Address) =>
      deployContracts({
        network,
        admin,
        specs: CONTRACTS,
        holders: rolesOf(admin.address),
        given: { token },
      });
    await expect(deploy(HOLDER)).rejects.toThrow(UnfitTokenError);
    await expect(deploy(addressOf(deployment, "registry"))).rejects.toThrow(/there is no ERC-20 at/);
  });
});

describe("a sender", () => {
  it("sends many calls in their order, more than are under way at once", async () => {
    const before = await balance();
    const calls = Array.from({ length: 40 }, (_, i) => mintCall(deployment, HOLDER, BigInt(i + 1)));
    const receipts = await admin.sendAll(calls);
    expect(receipts).toHaveLength(40);
    const places = receipts.map(({ blockNumber, transactionIndex }) => [
      Number(blockNumber),
      transactionIndex,
    ]);
    expect(places).toEqual([...places].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!));
    expect((await balance()) - before).toBe(820n);
  });

  it("gives each of several calls at the same time a number of its own", async () => {
    const before = await balance();
    await Promise.all([1n, 2n, 3n].map((amount) => admin.send(mintCall(deployment, HOLDER, amount))));
    expect((await balance()) - before).toBe(6n);
  });

  it("says with which error a contract refused, and goes on afterwards", async () => {
    const stranger = createSender(network, `0x${"11".repeat(32)}`);
    const refused = stranger.send(mintCall(deployment, HOLDER, 5n));
    await expect(refused).rejects.toThrow(ContractRefusalError);
    await expect(refused).rejects.toThrow(/^mint was refused: [A-Z]\w+/);
    const before = await balance();
    const spoiled = { ...mintCall(deployment, HOLDER, 1n), data: "0x12345678" } satisfies Call;
    await expect(admin.sendAll([mintCall(deployment, HOLDER, 1n), spoiled])).rejects.toThrow(
      /no reason given/,
    );
    await admin.send(mintCall(deployment, HOLDER, 1n));
    expect((await balance()) - before).toBe(2n);
  });

  it("tells of each call that fails, with its transaction when it was sent", async () => {
    const failures: SendFailure[] = [];
    const onFailure = (failure: SendFailure) => void failures.push(failure);
    const stranger = createSender(network, `0x${"22".repeat(32)}`, { onFailure });
    const mint = mintCall(deployment, HOLDER, 5n);
    const error = await stranger.sendAll([mint, mint]).catch((cause: unknown) => cause);
    expect(failures).toHaveLength(2);
    for (const { label, transactionHash, cause } of failures) {
      const receipt = await network.client.getTransactionReceipt({ hash: transactionHash! });
      expect([label, receipt.status, cause]).toEqual(["mint", "reverted", expect.any(ContractRefusalError)]);
    }
    expect(failures.some(({ cause }) => cause === error)).toBe(true);
    const client = createPublicClient({ transport: http("http://127.0.0.1:1", { retryCount: 0 }) });
    const unheard = createSender({ ...network, client }, `0x${"22".repeat(32)}`, { onFailure });
    await expect(unheard.send(mint)).rejects.toThrow(HttpRequestError);
    expect(failures[2]).toMatchObject({ label: "mint", transactionHash: null });
  });

  it("tells a call that needs too much gas from one that was refused", async () => {
    // JUMPDEST, PUSH 0, JUMP: for ever.
    const endless: Call = { label: "an endless loop", to: null, data: "0x5b600056" };
    await expect(admin.send(endless)).rejects.toThrow(OutOfGasError);
    await expect(admin.send(endless)).rejects.toThrow("an endless loop needs more than 8000000 gas");
  });
});
