import type { Hex } from "viem";
import { signTypedData } from "wagmi/actions";
import { ORDER_FIELDS, POOL_DOMAIN_NAME } from "#domains/pool/rules/signedOrder.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { SessionState } from "../../app/api/session.ts";
import { openWalletOf } from "../../app/wallet/openWallet.ts";

/** What an order says (docs/api.md); energy in Wh, price in micro per kWh. */
export type OrderToSign = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly account: number;
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly sequence: number;
};

/** Lets the wallet of `address` sign an order as EIP-712 typed data. */
export async function signOrder(state: SessionState, address: string, order: OrderToSign): Promise<Hex> {
  const { config, connector, account } = await openWalletOf(state, address);
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
