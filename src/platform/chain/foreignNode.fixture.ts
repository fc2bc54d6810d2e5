import { spawn } from "node:child_process";
import type { Hex } from "#kernel/crypto/hex.ts";
import { anvilBinaryPath } from "./embedded/anvilBinary.ts";

/**
 * A node that is not ours: it goes its own way, and can be made to go back.
 *
 * @property fundingPrivateKey of an account that has ether
 */
export type ForeignNode = {
  readonly rpcUrl: string;
  readonly fundingPrivateKey: Hex;
  call(method: string, params?: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
};

/** Starts a node that makes a block for each transaction. */
export async function startForeignNode(chainId: number): Promise<ForeignNode> {
  const options = [
    "--port",
    "0",
    "--chain-id",
    String(chainId),
    "--gas-limit",
    "30000000",
    "--accounts",
    "1",
  ];
  const prices = ["--gas-price", "0", "--block-base-fee-per-gas", "0", "--hardfork", "cancun"];
  const child = spawn(anvilBinaryPath(), [...options, ...prices], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  const { url, key } = await new Promise<{ url: string; key: Hex }>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const address = /Listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      const key = /\(0\) (0x[0-9a-f]{64})/.exec(said)?.[1];
      if (address && key) resolve({ url: `http://${address}`, key: key as Hex });
    });
    void ended.then(() => reject(new Error(`the node did not start: ${said.slice(-300)}`)));
  });
  return {
    rpcUrl: url,
    fundingPrivateKey: key,
    async call(method, params = []) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
      const { result, error } = (await response.json()) as { result: unknown; error?: { message: string } };
      if (error) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
