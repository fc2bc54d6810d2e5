import fc from "fast-check";
import { hashTypedData } from "viem";
import { expect, it } from "vitest";
import { areaIds, intervalIds, keys, orders, places } from "#domains/pool/check/evidence.fixture.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import {
  ORDER_FIELDS,
  orderDigest,
  orderSigner,
  PACKED_ORDER_BYTES,
  packOrders,
  poolSeparator,
  signOrder,
  unpackOrders,
} from "./signedOrder.ts";

const contexts = fc
  .record({ place: places, areaId: areaIds, intervalId: intervalIds })
  .map(({ place, ...interval }) => ({
    place,
    context: { separator: poolSeparator(place.chainId, place.contract), ...interval },
  }));

it("an order's digest is EIP-712's", () => {
  fc.assert(
    fc.property(orders, contexts, ({ participant, side, ...order }, { place, context }) => {
      const { areaId, intervalId } = context;
      const expected = hashTypedData({
        domain: {
          name: "Commonwatt PoolMarket",
          version: "1",
          chainId: place.chainId,
          verifyingContract: place.contract,
        },
        types: { Order: ORDER_FIELDS },
        primaryType: "Order",
        message: { areaId, intervalId, member: participant, side: side === "bid" ? 0 : 1, ...order },
      });
      expect(toHex(orderDigest({ participant, side, ...order }, context))).toBe(expected);
    }),
  );
});

it("a signed order names its signer, and nobody's once a field, the interval or the market is another", () => {
  fc.assert(
    fc.property(orders, contexts, keys, (order, { place, context }, key) => {
      const signed = signOrder(order, context, key);
      const owner = addressOfKey(key);
      expect(orderSigner(signed, context)).toBe(owner);
      const forgeries = [
        { ...signed, side: signed.side === "bid" ? ("offer" as const) : ("bid" as const) },
        { ...signed, energyWh: (signed.energyWh + 1) % 2 ** 32 },
        { ...signed, sequence: (signed.sequence + 1) % 16 },
        { ...signed, participant: (signed.participant + 1) % 2 ** 16 },
        { ...signed, limitPriceMicroPerKwh: signed.limitPriceMicroPerKwh === 5 ? 6 : 5 },
      ];
      for (const forged of forgeries) expect(orderSigner(forged, context)).not.toBe(owner);
      const elsewhere = [
        { ...context, intervalId: (context.intervalId + 1) % 2 ** 32 },
        { ...context, areaId: (context.areaId + 1) % 2 ** 16 },
        { ...context, separator: poolSeparator(place.chainId + 1, place.contract) },
      ];
      for (const other of elsewhere) expect(orderSigner(signed, other)).not.toBe(owner);
    }),
  );
});

it("packed orders open to what they were", () => {
  const list = fc.array(fc.tuple(orders, fc.uint8Array({ minLength: 64, maxLength: 64 })), { maxLength: 20 });
  fc.assert(
    fc.property(list, fc.constantFrom("bid" as const, "offer" as const), (pairs, side) => {
      const given = pairs.map(([order, signature]) => ({ ...order, side, signature }));
      const packed = packOrders(given);
      expect(packed).toHaveLength(given.length * PACKED_ORDER_BYTES);
      expect(unpackOrders(packed, side)).toEqual(given);
      expect(unpackOrders(packed.subarray(0, packed.length - 1), side)).toEqual(given.slice(0, -1));
    }),
  );
});
