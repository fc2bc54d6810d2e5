import { meritOrder } from "#kernel/auction/meritOrder.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { topOf } from "#kernel/crypto/merkleTree.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { buildEnergyBook } from "./energyBook.ts";
import { type OrderContext, orderDigest, type SignedOrder } from "./signedOrder.ts";

/** The signed orders of an interval, each side in merit order. */
export type SignedBook<Signed extends SignedOrder = SignedOrder> = {
  readonly bids: readonly Signed[];
  readonly offers: readonly Signed[];
};

const ROOT = keccak256Text("commonwatt.book.root.v1");
const NODE = keccak256Text("commonwatt.book.node.v1");
const EMPTY_ROOT = toHex(wordOf(0));

/** Puts orders that came in any order into merit order. */
export function sortByMerit<Signed extends SignedOrder>(orders: readonly Signed[]): SignedBook<Signed> {
  const bids = orders.filter((order) => order.side === "bid");
  const offers = orders.filter((order) => order.side === "offer");
  const merit = meritOrder(buildEnergyBook(orders));
  return {
    bids: Array.from(merit.bids, (i) => present(bids[i], "a bid in merit order")),
    offers: Array.from(merit.offers, (i) => present(offers[i], "an offer in merit order")),
  };
}

/**
 * What binds a whole book with 32 bytes on the chain: the Merkle root over the digests that its owners signed, bids before
 * offers. Both counts are hashed in, so that no two books share a root. Zero for an empty book.
 */
export function bookRootOf({ bids, offers }: SignedBook, context: OrderContext): Hex {
  const leaves = [...bids, ...offers].map((order) => orderDigest(order, context));
  if (leaves.length === 0) return EMPTY_ROOT;
  return toHex(keccak256(ROOT, wordOf(bids.length), wordOf(offers.length), topOf(leaves, NODE)));
}
