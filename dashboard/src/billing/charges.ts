import type { z } from "zod";
import type { chargeWire } from "#domains/billing/wire.ts";
import { capitalised } from "../app/format/sentences.ts";

export type ChargeAnswer = z.infer<typeof chargeWire>;

/** What a charge shows: what it is for, its energy whichever way it went (null without any), what is owed. */
export type ChargeItem = {
  readonly name: string;
  readonly energyWh: bigint | null;
  readonly micro: bigint;
};

/** Charges of every field, in the words of the field that made them. */
export function itemsOfCharges(charges: readonly ChargeAnswer[]): ChargeItem[] {
  return charges.map(({ words, energyWh, amountMicro }) => {
    const wh = energyWh === null ? null : BigInt(energyWh);
    return {
      name: capitalised(words),
      energyWh: wh !== null && wh < 0n ? -wh : wh,
      micro: BigInt(amountMicro),
    };
  });
}
