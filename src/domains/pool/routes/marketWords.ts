import type { Side } from "#kernel/auction/order.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";

/** An order in a sentence: "a bid of 0.40 kWh at no more than €0.200 a kWh". */
export function orderWords(
  {
    side,
    energyWh,
    limitPriceMicroPerKwh,
  }: {
    readonly side: Side;
    readonly energyWh: number | string;
    readonly limitPriceMicroPerKwh: number | string;
  },
  currency: string,
): string {
  const bound = side === "bid" ? "a bid of" : "an offer of";
  const limit = side === "bid" ? "no more than" : "no less than";
  const price = moneyWords(currency).price(BigInt(limitPriceMicroPerKwh));
  return `${bound} ${formatKwh(BigInt(energyWh))} kWh at ${limit} ${price} a kWh`;
}
