import type { Address, Hex } from "viem";
import { readContract, signTypedData } from "wagmi/actions";
import { areaRegistryContract } from "#domains/metering/contracts.generated.ts";
import { ORDER_FIELDS, POOL_DOMAIN_NAME } from "#domains/pool/rules/signedOrder.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { SessionState } from "../../app/api/session.ts";
import { openWalletOf } from "../../app/wallet/openWallet.ts";
import { walletConfig } from "../../app/wallet/walletConfig.ts";

/** What an order says (docs/api.md); energy in Wh, price in micro per kWh. */
export type OrderToSign = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly member: number;
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly sequence: number;
};

/** Lets the wallet of the key that signs for the order's member sign it as EIP-712 typed data; its gate closes at `closesAt`. */
export async function signOrder(state: SessionState, order: OrderToSign, closesAt: number): Promise<Hex> {
  const signer = await readSigner(state, order, closesAt);
  const { config, connector, account } = await openWalletOf(state, signer);
  const { chainId, contracts } = state.chain;
  return signTypedData(config, {
    account,
    connector,
    domain: { name: POOL_DOMAIN_NAME, version: "1", chainId, verifyingContract: contracts.poolMarket as Hex },
    types: { Order: ORDER_FIELDS },
    primaryType: "Order",
    message: { ...order, side: order.side === "bid" ? 0 : 1 },
  });
}

/** The registry knows who signs for a gate: the account's owner, its agent, or its entity. */
async function readSigner(
  state: SessionState,
  { areaId, member }: OrderToSign,
  closesAt: number,
): Promise<string> {
  const [signer] = await readContract(walletConfig(state), {
    address: state.chain.contracts.areaRegistry as Address,
    abi: areaRegistryContract.abi,
    functionName: "signerAt",
    args: [areaId, member, BigInt(closesAt)],
  });
  if (Number(signer) === 0) throw new NobodySignsError(areaId, member);
  return signer.toLowerCase();
}

class NobodySignsError extends Error {
  constructor(areaId: number, member: number) {
    super(`nobody may sign for member ${member} of area ${areaId}: it is suspended, or its meter is retired`);
  }
}
