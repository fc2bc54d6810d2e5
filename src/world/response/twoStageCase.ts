/**
 * The case of the two-stage market: everything that its source leaves open is declared here, before any run (R7.21–R7.23, E7.9). Prices in
 * micro per kWh, energies in Wh, shares 0 … 1.
 *
 * @property declaredGap by how much the mean price paid of the two schemes may differ, to count as "almost the same"
 * @property participation share of prosumers that answer in the second stage
 * @property trainingDays days on which bidders learn before the two days that are reported
 * @property scenarios spins of the wheel whose mean is upstream's price in an hour of the reported days
 * @property settlingDays last of these, on which the bidders learn no more and the prices that are expected settle
 * @property mostAlphaPermille most that the operator sets α to
 * @property shiftedShare of the accepted DR that is shifted; the rest is curtailed
 * @property shiftHours how many hours later shifted energy may reappear
 * @property shiftRoom what a later slot takes of it, of the prosumer's mean demand
 * @property leastShare, mostShare bounds of demand, of the usual one
 * @property elasticity of demand at the reference price
 * @property feedInMicroPerKwh what upstream takes a surplus for
 */
export const TWO_STAGE_CASE = {
  prosumers: 20,
  days: 2,
  hoursADay: 24,
  declaredGap: 0.1,
  participation: 0.6,
  trainingDays: 150,
  scenarios: 10,
  settlingDays: 20,
  mostAlphaPermille: 2_000,
  shiftedShare: 0.7,
  shiftHours: 12,
  shiftRoom: 0.3,
  leastShare: 0.4,
  mostShare: 1.3,
  elasticity: 0.3,
  referenceMicroPerKwh: 50_000,
  feedInMicroPerKwh: 10_000,
  priceFieldMicroPerKwh: 5_000,
} as const;

/** Mean demand of a home by hour of the day, Wh: little at night, most in the evening. */
export const USUAL_DEMAND_WH = [
  280, 250, 235, 230, 240, 300, 470, 620, 560, 450, 420, 430, 450, 430, 420, 460, 600, 850, 1_050, 1_080, 960,
  760, 540, 370,
] as const;

/** Sunshine by hour of the day, of a plant's peak on a clear day. */
export const SUNSHINE = [
  0, 0, 0, 0, 0, 0, 0.06, 0.2, 0.38, 0.55, 0.68, 0.75, 0.76, 0.7, 0.58, 0.42, 0.24, 0.08, 0, 0, 0, 0, 0, 0,
] as const;
