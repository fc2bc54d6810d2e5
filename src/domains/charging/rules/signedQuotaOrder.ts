import { concatBytes } from "@noble/hashes/utils.js";
import { buildBook } from "#kernel/auction/book.ts";
import { meritOrder } from "#kernel/auction/meritOrder.ts";
import type { Order, Side } from "#kernel/auction/order.ts";
import { type Address, type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { topOf } from "#kernel/crypto/merkleTree.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import type { CompactSignature } from "#kernel/crypto/signatureEngine.ts";
import { domainSeparator, keccak256, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";

/** An order of quota, in W at a price per kW, by a member of the area, with the signature that lets the market move its quota. */
export type SignedQuotaOrder = Order<number> & { readonly signature: CompactSignature };

/** Where an order of quota may be cleared: an area of one QuotaMarket, for one period. */
export type QuotaOrderContext = {
  readonly separator: Uint8Array;
  readonly areaId: number;
  readonly period: number;
};

const ORDER_TYPE_HASH = keccak256Text(
  "QuotaOrder(uint16 areaId,uint32 period,uint16 member,uint8 side,int32 limitPriceMicroPerKw,uint32 quotaW,uint8 sequence)",
);
const SIDE_NUMBER = { bid: 0, offer: 1 } as const satisfies Record<Side, number>;
const ROOT = keccak256Text("commonwatt.quotas.root.v1");
const NODE = keccak256Text("commonwatt.quotas.node.v1");
const EMPTY_ROOT = toHex(wordOf(0));

export function quotaSeparator(chainId: number, quotaMarket: Address): Uint8Array {
  return domainSeparator({ name: "Commonwatt QuotaMarket", chainId, verifyingContract: quotaMarket });
}

export function signQuotaOrder(
  order: Order<number>,
  context: QuotaOrderContext,
  privateKey: Uint8Array,
): SignedQuotaOrder {
  return { ...order, signature: signDigest(quotaOrderDigest(order, context), privateKey) };
}

/** Who signed the order, or null when nobody did. */
export function quotaOrderSigner(order: SignedQuotaOrder, context: QuotaOrderContext): Address | null {
  return recoverSigner(quotaOrderDigest(order, context), order.signature);
}

/** The signed orders of a period, each side in merit order. */
export type SignedQuotaBook = {
  readonly bids: readonly SignedQuotaOrder[];
  readonly offers: readonly SignedQuotaOrder[];
};

/** Puts orders that came in any order into merit order. */
export function sortQuotaOrders(orders: readonly SignedQuotaOrder[]): SignedQuotaBook {
  const bids = orders.filter(({ side }) => side === "bid");
  const offers = orders.filter(({ side }) => side === "offer");
  const merit = meritOrder(buildBook(orders));
  return {
    bids: Array.from(merit.bids, (i) => present(bids[i], "a bid in merit order")),
    offers: Array.from(merit.offers, (i) => present(offers[i], "an offer in merit order")),
  };
}

/**
 * What binds a whole book with 32 bytes on the chain: the Merkle root over the digests that its owners signed, bids before
 * offers, with both counts. Zero for an empty book.
 */
export function quotaBookRootOf({ bids, offers }: SignedQuotaBook, context: QuotaOrderContext): Hex {
  const leaves = [...bids, ...offers].map((order) => quotaOrderDigest(order, context));
  if (leaves.length === 0) return EMPTY_ROOT;
  return toHex(keccak256(ROOT, wordOf(bids.length), wordOf(offers.length), topOf(leaves, NODE)));
}

const PACKED_BYTES = 75;

/** The orders in packed bytes; a length that is no multiple of 75 leaves its rest unread, as no contract accepts it. */
export function unpackQuotaOrders(bytes: Uint8Array, side: Side): readonly SignedQuotaOrder[] {
  return Array.from({ length: Math.floor(bytes.length / PACKED_BYTES) }, (_, i) => {
    const packed = bytes.subarray(i * PACKED_BYTES, (i + 1) * PACKED_BYTES);
    return {
      side,
      signature: packed.slice(0, 64),
      participant: Number(numberOf(packed.subarray(64, 66))),
      limitPriceMicroPerThousand: Number(BigInt.asIntN(32, numberOf(packed.subarray(66, 70)))),
      quantity: Number(numberOf(packed.subarray(70, 74))),
      sequence: Number(numberOf(packed.subarray(74, 75))),
    };
  });
}

/** Orders of one side as the contract takes them, 75 bytes each: signature, member, price, quota, sequence. */
export function packQuotaOrders(orders: readonly SignedQuotaOrder[]): Uint8Array {
  return concatBytes(
    ...orders.flatMap((order) => [
      order.signature,
      wordOf(order.participant, 2),
      wordOf(order.limitPriceMicroPerThousand, 4),
      wordOf(order.quantity, 4),
      wordOf(order.sequence, 1),
    ]),
  );
}

/** The hash that a station signs, and that its order is known by. */
export function quotaOrderDigest(
  order: Order<number>,
  { separator, areaId, period }: QuotaOrderContext,
): Uint8Array {
  return typedDigest(separator, ORDER_TYPE_HASH, [
    wordOf(areaId),
    wordOf(period),
    wordOf(order.participant),
    wordOf(SIDE_NUMBER[order.side]),
    wordOf(order.limitPriceMicroPerThousand),
    wordOf(order.quantity),
    wordOf(order.sequence),
  ]);
}
