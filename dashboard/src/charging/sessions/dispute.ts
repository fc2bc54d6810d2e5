import type { Abi, Address, Hex } from "viem";
import { chargingSessionsContract } from "#domains/charging/contracts.generated.ts";
import type { SessionState } from "../../app/api/session.ts";
import { openWalletOf } from "../../app/wallet/openWallet.ts";
import { sendCall } from "../../app/wallet/sendCall.ts";

/** Disputes a charge by the wallet of `owner`, and waits until the chain has it. */
export async function dispute(
  state: SessionState,
  { owner, id }: { owner: string; id: string },
): Promise<Hex> {
  const wallet = await openWalletOf(state, owner);
  return sendCall(wallet, {
    address: state.chain.contracts.chargingSessions as Address,
    abi: chargingSessionsContract.abi as Abi,
    functionName: "dispute",
    args: [id],
  });
}
