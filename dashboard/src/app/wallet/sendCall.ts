import type { Abi, Address, Hex } from "viem";
import { simulateContract, waitForTransactionReceipt, writeContract } from "wagmi/actions";
import type { OpenWallet } from "./openWallet.ts";

/** A call of a contract by its function's name. */
export type ContractCall = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

/**
 * Sends a call and waits until the chain has it; gives the transaction's hash. Asks the chain first, which names the reason
 * of a refusal before anything is signed.
 */
export async function sendCall({ config, connector, account }: OpenWallet, call: ContractCall): Promise<Hex> {
  await simulateContract(config, { ...call, account, connector });
  const hash = await writeContract(config, { ...call, account, connector });
  const { status } = await waitForTransactionReceipt(config, { hash });
  if (status === "reverted") throw new TransactionRevertedError(hash);
  return hash;
}

class TransactionRevertedError extends Error {
  constructor(hash: Hex) {
    super(`the chain refused transaction ${hash}; nothing was changed`);
  }
}
