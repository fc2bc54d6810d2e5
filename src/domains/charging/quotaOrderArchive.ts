import { z } from "zod";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { hexText, wholeNumber } from "#platform/store/archiveFields.ts";
import { openSaidArchive } from "#platform/store/saidArchive.ts";
import type { OpenQuotaOrder } from "./quotaDesk.ts";

/** An order of quota that the desk accepted; `refusal` says why the chain did not take it, null as long as it stands. */
export type ArchivedQuotaOrder = OpenQuotaOrder & { readonly refusal: string | null };

/**
 * The orders of quota that a desk accepted: they outlive a restart before their auction. An order that is appended again
 * replaces what was said of it.
 */
export type QuotaOrderArchive = {
  append(orders: readonly ArchivedQuotaOrder[]): void;
  /** Orders of a period, each once, as they came. */
  ordersOf(areaId: number, period: number): readonly ArchivedQuotaOrder[];
};

/** Opens the archive, a file for each area and UTC day of the periods' start. */
export function openQuotaOrderArchive({
  directory,
  periodSeconds,
}: {
  readonly directory: string;
  readonly periodSeconds: number;
}): QuotaOrderArchive {
  const archive = openSaidArchive<ArchivedQuotaOrder>({
    directory,
    codec: { encode, decode },
    placeOf: ({ areaId, period: id }) => ({ areaId, id }),
    startOf: ({ id }) => id * periodSeconds,
    keyOf: ({ orderId }) => orderId,
    isReadOnly: false,
  });
  return { append: archive.append, ordersOf: archive.itemsOf };
}

const line = z.object({
  orderId: hexText(32),
  areaId: wholeNumber,
  period: wholeNumber,
  participant: wholeNumber,
  side: z.enum(["bid", "offer"]),
  quantity: wholeNumber,
  limitPriceMicroPerThousand: z.int(),
  sequence: wholeNumber,
  signature: hexText(64),
  receivedAt: wholeNumber,
  refusal: z.string().nullable(),
});

function encode(order: ArchivedQuotaOrder): unknown {
  return { ...order, signature: toHex(order.signature) };
}

function decode(value: unknown): ArchivedQuotaOrder | null {
  const { success, data } = line.safeParse(value);
  if (!success) return null;
  return { ...data, orderId: data.orderId as Hex, signature: fromHex(data.signature as Hex) };
}
