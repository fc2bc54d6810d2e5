import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import solc from "solc";
import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";

/** All that one block takes; a peer may need more than the 10 M gas of our own transactions. */
const BLOCK_GAS = 60_000_000n;
const RECEIPT_POLLING_MS = 5;
/** A minute, which no block of ours needs. */
const RECEIPT_ATTEMPTS = 12_000;

/** Compiles the contract that a file is named after, which takes no arguments, and deploys it. */
export async function deployPeer(deployer: Sender, source: URL): Promise<Address> {
  const label = `deployment of ${basename(fileURLToPath(source))}`;
  const { contractAddress } = await deployer.send({ label, to: null, data: compile(source) });
  if (!contractAddress) throw new Error(`${label} made no contract`);
  return contractAddress.toLowerCase() as Address;
}

/** Sends with the gas of a whole block, which a Sender of ours does not grant; the receipt says whether it was done. */
export async function sendWithBlock({
  network,
  key,
  to,
  data,
}: {
  network: Network;
  key: KeyPair;
  to: Address;
  data: Hex;
}): Promise<TransactionReceipt> {
  const { client, chainId } = network;
  const nonce = await client.getTransactionCount({ address: key.address });
  const transaction = { type: "legacy", chainId, nonce, gas: BLOCK_GAS, gasPrice: 0n, to, data } as const;
  const serializedTransaction = await privateKeyToAccount(key.hex).signTransaction(transaction);
  const hash = await client.sendRawTransaction({ serializedTransaction });
  return receiptOf(network, hash);
}

/** Asks again and again: viem's own wait looks only when a new block comes, and none may come on an idle chain. */
async function receiptOf({ client }: Network, hash: Hex): Promise<TransactionReceipt> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError) || asked === RECEIPT_ATTEMPTS) throw error;
      await setTimeout(RECEIPT_POLLING_MS);
    }
  }
}

/** Compiled by the compiler from npm, with the settings of foundry.toml. */
function compile(source: URL): Hex {
  const name = basename(fileURLToPath(source), ".sol");
  const input = {
    language: "Solidity",
    sources: { [name]: { content: readFileSync(source, "utf8") } },
    settings: {
      viaIR: true,
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 1_000_000 },
      outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const code = output.contracts?.[name]?.[name]?.evm.bytecode.object;
  if (typeof code !== "string") throw new Error(`${name} does not compile: ${JSON.stringify(output.errors)}`);
  return `0x${code}`;
}
