import { concatBytes } from "@noble/hashes/utils.js";
import type { Side } from "#kernel/auction/order.ts";
import { type Address, numberOf, wordOf } from "#kernel/crypto/hex.ts";
import { isSameBytes, type Remembering, rememberLast } from "#kernel/crypto/rememberLast.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import type { CompactSignature } from "#kernel/crypto/signatureEngine.ts";
import { domainSeparator, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";
import type { Order } from "./order.ts";

/** An order of a member of the area, by its number, with the signature that lets the market reserve money for it (R6.1, R6.2). */
export type SignedOrder = Order<number> & { readonly signature: CompactSignature };

/** Where an order may be cleared: an area of one PoolMarket, for one interval. */
export type OrderContext = {
  readonly separator: Uint8Array;
  readonly areaId: number;
  readonly intervalId: number;
};

const ORDER_TYPE =
  "Order(uint16 areaId,uint32 intervalId,uint16 member,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)";
const ORDER_TYPE_HASH = keccak256Text(ORDER_TYPE);
const SIDE_NUMBER = { bid: 0, offer: 1 } as const satisfies Record<Side, number>;

/** The fields of an order in EIP-712's words, for wallets. */
export const ORDER_FIELDS = ORDER_TYPE.slice("Order(".length, -1)
  .split(",")
  .map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });

/** Bytes of one packed order: signature 64, member 2, price 4, energy 4, sequence 1. */
export const PACKED_ORDER_BYTES = 75;

/** Name of PoolMarket's signing domain. */
export const POOL_DOMAIN_NAME = "Commonwatt PoolMarket";

export function poolSeparator(chainId: number, poolMarket: Address): Uint8Array {
  return domainSeparator({ name: POOL_DOMAIN_NAME, chainId, verifyingContract: poolMarket });
}

/** What the owner of an order signs; not to be written to. Computed once for an order and context (see rememberLast). */
export const orderDigest: Remembering<Order<number>, OrderContext, Uint8Array> = /* @__PURE__ */ rememberLast(
  computeDigest,
  isSameContext,
);

function computeDigest(order: Order<number>, context: OrderContext): Uint8Array {
  return typedDigest(context.separator, ORDER_TYPE_HASH, [
    wordOf(context.areaId),
    wordOf(context.intervalId),
    wordOf(order.participant),
    wordOf(SIDE_NUMBER[order.side]),
    wordOf(order.limitPriceMicroPerKwh),
    wordOf(order.energyWh),
    wordOf(order.sequence),
  ]);
}

export function signOrder<Unsigned extends Order<number>>(
  order: Unsigned,
  context: OrderContext,
  privateKey: Uint8Array,
): Unsigned & SignedOrder {
  const signature = signDigest(orderDigest(order, context), privateKey);
  return orderDigest.carry(order, { ...order, signature });
}

/** Who signed the order, or null when nobody did. Recovered once for an order and context (see rememberLast). */
export const orderSigner: Remembering<SignedOrder, OrderContext, Address | null> =
  /* @__PURE__ */ rememberLast(
    (order, context) => recoverSigner(orderDigest(order, context), order.signature),
    isSameContext,
  );

function isSameContext(a: OrderContext, b: OrderContext): boolean {
  return a.areaId === b.areaId && a.intervalId === b.intervalId && isSameBytes(a.separator, b.separator);
}

/** Orders of one side as the contract takes them, 75 bytes each, in the order given. */
export function packOrders(orders: readonly SignedOrder[]): Uint8Array {
  return concatBytes(
    ...orders.flatMap((order) => [
      order.signature,
      wordOf(order.participant, 2),
      wordOf(order.limitPriceMicroPerKwh, 4),
      wordOf(order.energyWh, 4),
      wordOf(order.sequence, 1),
    ]),
  );
}

/** The orders in packed bytes; a length that is no multiple of 75 leaves its rest unread, as no contract accepts it. */
export function unpackOrders(bytes: Uint8Array, side: Side): SignedOrder[] {
  const orders: SignedOrder[] = [];
  for (let at = 0; at + PACKED_ORDER_BYTES <= bytes.length; at += PACKED_ORDER_BYTES) {
    orders.push({
      side,
      signature: bytes.slice(at, at + 64),
      participant: Number(numberOf(bytes.subarray(at + 64, at + 66))),
      limitPriceMicroPerKwh: Number(BigInt.asIntN(32, numberOf(bytes.subarray(at + 66, at + 70)))),
      energyWh: Number(numberOf(bytes.subarray(at + 70, at + 74))),
      sequence: Number(numberOf(bytes.subarray(at + 74, at + 75))),
    });
  }
  return orders;
}
