import type { MeteredEnergy } from "./meterReading.ts";
import { memberBits } from "./readingTree.ts";

/**
 * What others claimed of the readings on a page before a market settled it: it counts there, and not in this market.
 *
 * @property taken members of whom all was claimed, bit n % 256 for member n
 * @property exportWh what was claimed of single members' exports
 */
export type ClaimedBefore = { readonly taken: bigint; readonly exportWh: ReadonlyMap<number, bigint> };

const NOTHING: MeteredEnergy = { importWh: 0n, exportWh: 0n };

/** What of a member's reading counts in a market, Wh: what others left of it. */
export function countedOf(
  { importWh, exportWh }: MeteredEnergy,
  member: number,
  claimed: ClaimedBefore,
): MeteredEnergy {
  if ((claimed.taken & memberBits([member])) !== 0n) return NOTHING;
  const elsewhereWh = claimed.exportWh.get(member) ?? 0n;
  return { importWh, exportWh: exportWh > elsewhereWh ? exportWh - elsewhereWh : 0n };
}
