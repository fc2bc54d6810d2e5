import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { CONTRACTS } from "#domains/domains.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Deployment } from "./contractSpec.ts";
import { deployContracts } from "./deployment.ts";
import { anvilBinaryPath } from "./embedded/anvilBinary.ts";
import { connectNetwork, type Network } from "./network.ts";
import { createSender } from "./sender.ts";

/** A node that is none of ours: it goes its own way, and some can be made to go back. */
export type ForeignNode = {
  readonly rpcUrl: string;
  call(method: string, params?: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
};

/** The key of anvil's first account, which has ether: the same in every installation. */
export const ANVIL_KEY: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** anvil as anybody starts it: a block for each transaction, with its own accounts and prices of gas. */
export function startAnvilNode(...options: readonly string[]): Promise<ForeignNode> {
  const listening = /^Listening on (127\.0\.0\.1:\d+)$/;
  return startForeignNode({ program: anvilBinaryPath(), args: ["--port", "0", ...options], listening });
}

/** Starts a node's program; `listening` finds host and port in the line with which it says where it listens. */
export async function startForeignNode({
  program,
  args,
  listening,
  cwd,
}: {
  readonly program: string;
  readonly args: readonly string[];
  readonly listening: RegExp;
  readonly cwd?: string;
}): Promise<ForeignNode> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...(cwd && { cwd }) });
  child.stderr.resume();
  const rpcUrl = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const place = listening.exec(line)?.[1];
      if (place) resolve(`http://${place}`);
    });
    child.once("close", () => reject(new Error(`${program} ended`)));
  });
  return {
    rpcUrl,
    call: (method, params = []) => rpc(rpcUrl, method, params),
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    },
  };
}

async function rpc(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** A node of this chain id that takes nothing for gas, with all contracts deployed by its first account. */
export async function startDeployedNode(
  chainId: number,
): Promise<{ node: ForeignNode; deployment: Deployment; connect: () => Promise<Network> }> {
  const free = ["--gas-price", "0", "--block-base-fee-per-gas", "0"];
  const node = await startAnvilNode("--chain-id", String(chainId), ...free);
  const connect = () => connectNetwork({ rpcUrl: node.rpcUrl, expectedChainId: chainId, gasPrice: 0n });
  const network = await connect();
  const admin = createSender(network, ANVIL_KEY);
  const holders = { registrar: admin.address, operator: admin.address, certifier: admin.address };
  const deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders });
  return { node, deployment, connect };
}
