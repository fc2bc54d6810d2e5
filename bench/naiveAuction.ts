import { encodeFunctionData, parseAbi, parseEventLogs } from "viem";
import type { Order } from "#domains/pool/rules/order.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";
import { deployPeer, sendWithBlock } from "./peerContract.ts";

/** What the naive auction took for a book: gas of all submissions and of the auction, and its trades. */
export type NaiveOutcome = { readonly gasUsed: number; readonly trades: number };

const SOURCE = new URL("NaiveAuction.sol", import.meta.url);
const AUCTION_ABI = parseAbi([
  "function endow(address[] owners, uint256 amountMicro)",
  "function bid(uint48 limitPriceMicroPerKwh, uint48 energyWh)",
  "function offer(uint48 limitPriceMicroPerKwh, uint48 energyWh)",
  "function auction(uint256 maxTrades)",
  "event Traded(address indexed buyer, address indexed seller, uint256 energyWh, uint256 priceMicroPerKwh)",
]);
/** Matched in one transaction; all trades of 512 orders together don't fit into a block. */
const TRADES_AT_ONCE = 100;
const ENDOWMENT_MICRO = 1_000_000_000n;

/**
 * Runs one interval of the naive auction: each owner sends its order in a transaction of its own, in the order given,
 * and the auction clears them, in one transaction where it fits into a block. Null when 100 trades don't fit into one.
 */
export async function runNaiveAuction({
  network,
  admin,
  orders,
  keyOf,
}: {
  network: Network;
  admin: Sender;
  orders: readonly Order<number>[];
  keyOf: (account: number) => KeyPair;
}): Promise<NaiveOutcome | null> {
  const auction = await deployPeer(admin, SOURCE);
  await endow({ admin, auction, owners: orders.map(({ participant }) => keyOf(participant).address) });
  let gasUsed = 0;
  for (const order of orders) {
    const data = encodeFunctionData({
      abi: AUCTION_ABI,
      functionName: order.side,
      args: [order.limitPriceMicroPerKwh, order.energyWh],
    });
    const receipt = await sendWithBlock({ network, key: keyOf(order.participant), to: auction, data });
    if (receipt.status !== "success") return null;
    gasUsed += Number(receipt.gasUsed);
  }
  const matched = await matchAll({ network, auction, key: keyOf(orders[0]?.participant ?? 0) });
  return matched && { gasUsed: gasUsed + matched.gasUsed, trades: matched.trades };
}

/** Calls the auction until it made fewer trades than it was allowed to. */
async function matchAll(caller: {
  network: Network;
  auction: Address;
  key: KeyPair;
}): Promise<NaiveOutcome | null> {
  const { network, auction: to, key } = caller;
  const args = [BigInt(TRADES_AT_ONCE)] as const;
  const data = encodeFunctionData({ abi: AUCTION_ABI, functionName: "auction", args });
  let [gasUsed, trades] = [0, 0];
  for (let made = TRADES_AT_ONCE; made === TRADES_AT_ONCE; ) {
    const receipt = await sendWithBlock({ network, key, to, data });
    if (receipt.status !== "success") return null;
    gasUsed += Number(receipt.gasUsed);
    made = parseEventLogs({ abi: AUCTION_ABI, eventName: "Traded", logs: receipt.logs }).length;
    trades += made;
  }
  return { gasUsed, trades };
}

/** Owners a transaction, well below 10 M gas. */
const ENDOWED_AT_ONCE = 128;

async function endow({
  admin,
  auction,
  owners,
}: {
  admin: Sender;
  auction: Address;
  owners: readonly Address[];
}): Promise<void> {
  for (let from = 0; from < owners.length; from += ENDOWED_AT_ONCE) {
    const args = [owners.slice(from, from + ENDOWED_AT_ONCE), ENDOWMENT_MICRO] as const;
    const data = encodeFunctionData({ abi: AUCTION_ABI, functionName: "endow", args });
    await admin.send({ label: "endow", to: auction, data });
  }
}
