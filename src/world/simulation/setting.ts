import type { IntervalId } from "#kernel/units/interval.ts";

/**
 * What every community on a chain says of itself, whatever market it has.
 *
 * @property name of its folder
 * @property title the name of the community, for people
 * @property description one line: what it is, and whether its data are recorded or synthetic; null when nothing is said
 * @property seed of everything random in it
 * @property timeZone IANA name; series of local times and the screens use it
 * @property currency ISO 4217 code of the settlement currency
 * @property firstAccount number of the first of its accounts on the chain: its supplier's
 * @property accounts of members whose accounts do not follow that one
 * @property startsAt unix seconds, a multiple of the interval's length
 */
export type Setting = {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly seed: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly firstAccount: number;
  readonly accounts?: ReadonlyMap<number, number>;
  readonly startsAt: number;
  readonly firstIntervalId: IntervalId;
  readonly intervalSeconds: number;
};
