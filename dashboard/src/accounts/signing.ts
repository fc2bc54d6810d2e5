import type { Abi, Address, Hex } from "viem";
import { readContract } from "wagmi/actions";
import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import type { SessionState } from "../app/api/session.ts";
import { openWalletOf } from "../app/wallet/openWallet.ts";
import { sendCall } from "../app/wallet/sendCall.ts";
import { walletConfig } from "../app/wallet/walletConfig.ts";

/**
 * Who signs an account's orders, as the registry has it; addresses in lower case.
 *
 * @property signer for gates that close before `from` (unix s)
 * @property nextSigner for those that close then or later
 * @property changeableAt unix s from which another change can be announced
 */
export type Signing = {
  readonly owner: Address;
  readonly signer: Address;
  readonly nextSigner: Address;
  readonly from: number;
  readonly changeableAt: number;
};

const { abi } = participantRegistryContract;

/** Reads who signs for an account now, and who will. */
export async function readSigning(state: SessionState, account: number): Promise<Signing> {
  const config = walletConfig(state);
  const registry = { address: registryOf(state), abi } as const;
  const [owner, [signer, from, nextSigner], notice] = await Promise.all([
    readContract(config, { ...registry, functionName: "ownerOf", args: [account] }),
    readContract(config, { ...registry, functionName: "signings", args: [account] }),
    readContract(config, { ...registry, functionName: "SIGNER_NOTICE" }),
  ]);
  // Where no agent was ever set, the registry has zero: the owner signs.
  const named = (address: Address) => (Number(address) === 0 ? owner : address).toLowerCase() as Address;
  return {
    owner: owner.toLowerCase() as Address,
    signer: named(signer),
    nextSigner: named(nextSigner),
    from,
    changeableAt: from + Number(notice),
  };
}

/** Announces who signs the orders of the account that `owner` owns, and waits until the chain has it. */
export async function setAgent(
  state: SessionState,
  { owner, agent }: { owner: string; agent: string },
): Promise<Hex> {
  const wallet = await openWalletOf(state, owner);
  return sendCall(wallet, {
    address: registryOf(state),
    abi: abi as Abi,
    functionName: "setAgent",
    args: [agent as Address],
  });
}

function registryOf({ chain }: SessionState): Address {
  return chain.contracts.registry as Address;
}
