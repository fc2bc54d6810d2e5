import type { ParticipantTotal } from "#kernel/auction/payments.ts";
import type { Position } from "./settlement.ts";

/** What a participant traded in the auction, in Wh. */
export function energyPosition({ bought, sold, exactPayment }: ParticipantTotal): Position {
  return { boughtWh: bought, soldWh: sold, exactPayment };
}
