import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "./contractSpec.ts";
import { ANVIL_KEY, type ForeignNode, startDeployedNode } from "./foreignNode.fixture.ts";
import type { Network } from "./network.ts";
import { openSenders } from "./senders.ts";

const CHAIN_ID = 52_042;

let folder: string;
let node: ForeignNode;
let deployment: Deployment;

let connect: () => Promise<Network>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-look-again-"));
  ({ node, deployment, connect } = await startDeployedNode(CHAIN_ID));
});
afterAll(async () => {
  await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function balanceOf(holder: Address): Promise<bigint> {
  const token = { address: addressOf(deployment, "token"), abi: testTokenContract.abi } as const;
  return (await connect()).client.readContract({ ...token, functionName: "balanceOf", args: [holder] });
}

it("sends again, once and in order, what a reorganisation took off the chain, and what comes after it", async () => {
  const notices: string[] = [];
  const network = await connect();
  const onNotice = (sentence: string) => void notices.push(sentence);
  const senders = await openSenders({ network, folder, syncs: "meanwhile", onNotice });
  const sender = senders.of(ANVIL_KEY);
  const holders = [1, 2, 3].map((i): Address => `0x${String(i).padStart(40, "a")}`);
  const [first, second, third] = holders as [Address, Address, Address];
  await sender.send(mintCall(deployment, first, 5n));
  const snapshot = await node.call("evm_snapshot");
  const head = (await network.client.getBlockNumber()) as bigint;
  await sender.sendAll([mintCall(deployment, first, 7n), mintCall(deployment, second, 11n)]);
  await node.call("evm_revert", [snapshot]);
  // As long as the chain is shorter than it was, its node counts as behind.
  for (let block = 0; block < 3; block += 1) await node.call("evm_mine");
  expect([await balanceOf(first), await balanceOf(second)]).toEqual([5n, 0n]);
  await senders.lookAgain();
  expect([await balanceOf(first), await balanceOf(second)]).toEqual([12n, 11n]);
  await senders.lookAgain();
  await sender.send(mintCall(deployment, third, 13n));
  expect(await Promise.all(holders.map(balanceOf))).toEqual([12n, 11n, 13n]);
  expect(await network.client.getBlockNumber()).toBe(head + 6n);
  expect(notices).toEqual([
    "of 2 transactions that were under way 0 were on the chain, 2 were sent again, 0 can't be done any more",
  ]);
  await senders.close();
});
