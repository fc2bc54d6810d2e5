import { z } from "zod";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { hexText, wholeNumber } from "#platform/store/archiveFields.ts";
import { openSaidArchive } from "#platform/store/saidArchive.ts";

/** An order that the operator's desk accepted, and whether it stood; `receivedAt` in unix seconds. */
export type ArchivedOrder = SignedOrder & {
  readonly areaId: number;
  readonly intervalId: number;
  readonly orderId: Hex;
  readonly receivedAt: number;
  /** Why the chain refused it; null as long as it stands. */
  readonly refusal: string | null;
};

/**
 * The orders that the desk accepted: they outlive a restart before their gate closes (R6.3), and those that stand are the
 * book behind the root of their interval's clearing. An order that is appended again replaces what was said of it.
 */
export type OrderArchive = {
  append(orders: readonly ArchivedOrder[]): void;
  /** Orders of an interval, each once, as they came. */
  ordersOf(areaId: number, intervalId: number): readonly ArchivedOrder[];
  all(): Generator<ArchivedOrder, void, undefined>;
  readonly notices: readonly string[];
};

/** Opens the archive, a file for each area and UTC day of the intervals' start; `isReadOnly` as for openArchive. */
export function openOrderArchive({
  directory,
  intervalSecondsOf,
  isReadOnly = false,
}: {
  directory: string;
  intervalSecondsOf: (areaId: number) => number;
  isReadOnly?: boolean;
}): OrderArchive {
  const { itemsOf: ordersOf, ...archive } = openSaidArchive<ArchivedOrder>({
    directory,
    codec: { encode, decode },
    placeOf: ({ areaId, intervalId: id }) => ({ areaId, id }),
    startOf: ({ areaId, id }) => id * intervalSecondsOf(areaId),
    keyOf: ({ orderId }) => orderId,
    isReadOnly,
  });
  return { ...archive, ordersOf };
}

const line = z.object({
  orderId: hexText(32),
  areaId: wholeNumber,
  intervalId: wholeNumber,
  participant: wholeNumber,
  side: z.enum(["bid", "offer"]),
  energyWh: wholeNumber,
  limitPriceMicroPerKwh: z.int(),
  sequence: wholeNumber,
  signature: hexText(64),
  receivedAt: wholeNumber,
  refusal: z.string().nullable(),
});

function encode(order: ArchivedOrder): unknown {
  return { ...order, signature: toHex(order.signature) };
}

function decode(value: unknown): ArchivedOrder | null {
  const { success, data } = line.safeParse(value);
  if (!success) return null;
  return { ...data, orderId: data.orderId as Hex, signature: fromHex(data.signature as Hex) };
}
