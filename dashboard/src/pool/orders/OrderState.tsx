import type { z } from "zod";
import type { orderWire } from "#domains/pool/wire.ts";
import { useFormats } from "../../app/format/locale.tsx";

export type Order = z.infer<typeof orderWire>;

/** What became of an order, in a word or two. */
export function OrderState({ order }: { order: Order }) {
  const formats = useFormats();
  return <span className={`order-state order-${order.status}`}>{stateWords(order, formats.share)}</span>;
}

export function stateWords(
  { status, fillWh, energyWh }: Pick<Order, "status" | "fillWh" | "energyWh">,
  share: (ratio: number) => string,
): string {
  switch (status) {
    case "open":
      return "waiting for gate closure";
    case "submitted":
      return "being cleared";
    case "filled":
      return "filled";
    case "partlyFilled":
      return `${share(Number(fillWh ?? 0) / Number(energyWh))} filled`;
    case "unfilled":
      return "not filled";
    case "refused":
      return "refused by the chain";
  }
}
