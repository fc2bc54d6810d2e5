/**
 * A battery behind the meter of a home.
 *
 * @property capacityWh usable energy, Wh > 0
 * @property powerW largest charging and discharging power at the meter's side, W > 0
 * @property roundTripEfficiency energy out over energy in, 0 < η ≤ 1; split evenly (√η each way)
 * @property wearMicroPerKwh what a discharged kWh costs in ageing, micro per kWh
 * @property initialWh stored at the start, Wh
 */
export type Battery = {
  readonly capacityWh: number;
  readonly powerW: number;
  readonly roundTripEfficiency: number;
  readonly wearMicroPerKwh: number;
  readonly initialWh: number;
};

/**
 * How a home finds its limit prices: by a rule from how well it was served lately (`docs/model/bidding.md`), or by deep Q-learning, without or with
 * a state (R7.6, R7.7).
 */
export const BIDDERS = ["experience", "deepQ", "deepQWithState"] as const;

export type Bidder = (typeof BIDDERS)[number];

/**
 * How a home trades.
 *
 * @property reach largest share of the price band that the home tries to win, 0 … 1
 * @property adaptation weight of the newest fill in the home's experience, 0 … 1
 * @property reserveShare share of the battery that is kept for the home's own use, 0 … 1
 * @property bidder by experience when it is not said
 */
export type Attitude = {
  readonly reach: number;
  readonly adaptation: number;
  readonly reserveShare: number;
  readonly bidder?: Bidder;
};

/**
 * A household of the community: who it is, what it can store, how it trades. Its load and PV are in the series.
 *
 * @property member its number in the area
 * @property connectionW what its connection carries, W: no energy of an interval is above that
 */
export type Home = {
  readonly id: string;
  readonly name: string;
  readonly member: number;
  readonly connectionW: number;
  readonly battery: Battery | null;
  readonly attitude: Attitude;
};
