import { z } from "zod";
import { fromHex, type Hex, toHex } from "#evidence/hex.ts";
import type { SignedOrder } from "#evidence/signedOrder.ts";
import { type Archive, openArchive } from "./archive.ts";
import { archiveFile, hexText, wholeNumber } from "./archiveFields.ts";

/** An order that came to the operator's desk, and what became of it there; `receivedAt` in unix seconds. */
export type ArchivedOrder = SignedOrder & {
  readonly areaId: number;
  readonly intervalId: number;
  readonly orderId: Hex;
  readonly receivedAt: number;
  /** Why the desk refused it; null when it was accepted. */
  readonly refusal: string | null;
};

/** What the desk received, so that accepted orders outlive a restart before their gate closes (R6.3). */
export type OrderArchive = {
  append(orders: readonly ArchivedOrder[]): void;
  /** Orders of an interval, as they came. */
  ordersOf(areaId: number, intervalId: number): readonly ArchivedOrder[];
  all(): Generator<ArchivedOrder, void, undefined>;
  readonly notices: readonly string[];
};

/** Opens the archive, a file for each area and UTC day of the intervals' start. */
export function openOrderArchive({
  directory,
  intervalSecondsOf,
}: {
  directory: string;
  intervalSecondsOf: (areaId: number) => number;
}): OrderArchive {
  const fileOf = ({ areaId, intervalId }: { areaId: number; intervalId: number }) =>
    archiveFile(areaId, intervalId * intervalSecondsOf(areaId));
  const archive: Archive<ArchivedOrder> = openArchive({ directory, codec: { encode, decode }, fileOf });
  return {
    append: (orders) => archive.append(orders),
    ordersOf: (areaId, intervalId) =>
      archive
        .read(fileOf({ areaId, intervalId }))
        .filter((order) => order.areaId === areaId && order.intervalId === intervalId),
    *all() {
      for (const file of archive.files()) yield* archive.read(file);
    },
    notices: archive.notices,
  };
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
