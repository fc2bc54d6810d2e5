import type { GoldenOutcome } from "./goldenSlot.ts";
import type { SlotRun } from "./runDays.ts";
import type { TwoStageRun } from "./runTwoStageCase.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";
import { errataOf, type TwoStageErratum } from "./twoStageErrata.ts";
import type { PriceHistory } from "./upstreamPrices.ts";

/** A price a kWh for each hour of a day, in whole units of money. */
type Hours = readonly number[];

/**
 * The case for programs. Energies in kWh, prices in the currency per kWh, money in the currency.
 *
 * @property prices what a kWh cost, hour by hour of both days: in the market, and billed by the aggregator (Figures 5 and 6)
 * @property market π, π^DR and upstream's price of both days, and of the day without answers (Figure 7)
 * @property load what was asked for without a second stage (Figure 8), and what was used with it (Figure 9); first day
 * @property parBefore, parAfter peak over mean of these loads
 * @property correlation of price and load, hour by hour, without a second stage
 * @property gap by how much the mean price paid differs between the two schemes, relative to the aggregator's
 * @property hourlyGap mean difference of an hour's prices, relative to the aggregator's mean price
 * @property declaredGap the gap that counts as "almost the same", declared before any run
 * @property lernerIndex (price − competitive price) / price, of the mean local prices where upstream's is positive: above 0 sellers have
 *   power, below 0 buyers
 */
export type TwoStageReport = {
  readonly source: {
    readonly prices: string;
    readonly isRecorded: boolean;
    readonly seed: number;
    readonly bidders: string;
  };
  readonly prices: { readonly decentralised: readonly Hours[]; readonly centralised: readonly Hours[] };
  readonly market: Readonly<Record<"local" | "dr" | "upstream" | "localWithout", readonly Hours[]>>;
  readonly load: { readonly stage1: Hours; readonly stage2: Hours };
  readonly golden: {
    readonly drPrice: number;
    readonly served: number;
    readonly dr: number;
    readonly import: number;
    readonly payments: readonly number[];
    readonly servedEach: readonly number[];
    readonly upstream: number;
    readonly fund: number;
    readonly objective: number | null;
    readonly literalObjective: number | null;
    readonly literalServed: number;
  };
  readonly participation: number;
  readonly parBefore: number;
  readonly parAfter: number;
  readonly correlation: number;
  readonly gap: number;
  readonly hourlyGap: number;
  readonly declaredGap: number;
  readonly isWithinDeclaredGap: boolean;
  readonly lernerIndex: number;
  readonly drFund: { readonly paid: number; readonly avoidedImport: number };
  readonly drInfeasible: number;
  readonly errata: readonly TwoStageErratum[];
};

/** Puts a run, and the golden example, into the figures that the case is known by. */
export function reportTwoStage({
  run,
  golden,
  history,
  seed,
  withState,
}: {
  readonly run: TwoStageRun;
  readonly golden: GoldenOutcome;
  readonly history: PriceHistory;
  readonly seed: number;
  readonly withState: boolean;
}): TwoStageReport {
  const { declaredGap } = TWO_STAGE_CASE;
  const market = run.days.map((day) => day.market);
  const [before, after] = [run.without[0] ?? [], market[0] ?? []];
  const [stage1, stage2] = [
    before.map(({ demandWh }) => kwh(demandWh)),
    after.map(({ loadWh }) => kwh(loadWh)),
  ];
  const localWithout = run.without.map((slots) => slots.map(localPrice));
  const compared = comparePrices(run);
  return {
    source: {
      prices: history.source,
      isRecorded: history.isRecorded,
      seed,
      bidders: `deep Q-learning ${withState ? "with" : "without"} a state`,
    },
    prices: compared.prices,
    market: {
      local: market.map((slots) => slots.map(localPrice)),
      dr: market.map((slots) => slots.map(({ outcome }) => perKwh(outcome.first.drMicroPerKwh))),
      upstream: market.map((slots) => slots.map(({ terms }) => perKwh(terms.upstreamMicroPerKwh))),
      localWithout,
    },
    load: { stage1, stage2 },
    golden: reportGolden(golden),
    participation: run.prosumers.filter(({ takesPart }) => takesPart).length / run.prosumers.length,
    parBefore: rounded(peakToAverage(stage1)),
    parAfter: rounded(peakToAverage(stage2)),
    correlation: rounded(correlationOf(localWithout[0] ?? [], stage1)),
    gap: compared.gap,
    hourlyGap: compared.hourlyGap,
    declaredGap,
    isWithinDeclaredGap: compared.gap <= declaredGap,
    lernerIndex: rounded(lernerIndex(run)),
    drFund: drFundOf(market.flat()),
    drInfeasible: market.flat().filter(({ outcome }) => outcome.first.isInfeasible).length,
    errata: errataOf(golden),
  };
}

function reportGolden({
  drMicroPerKwh,
  final,
  paymentMicro,
  literal,
  servedObjective,
}: GoldenOutcome): TwoStageReport["golden"] {
  return {
    drPrice: drMicroPerKwh / 1e6,
    served: kwh(Number(final.servedWh)),
    dr: kwh(Number(final.drWh)),
    import: kwh(Number(final.importWh)),
    payments: paymentMicro.map((micro) => Number(micro) / 1e6),
    servedEach: final.prosumers.map(({ servedWh }) => kwh(Number(servedWh))),
    upstream: Number(final.upstreamMicro) / 1e6,
    fund: Number(final.fundMicro) / 1e6,
    objective: servedObjective === null ? null : rounded(servedObjective),
    literalObjective: literal.objective === null ? null : rounded(literal.objective),
    // The solver looks for the most within its tolerance: Wh are exact enough.
    literalServed: kwh(Math.round(literal.demandWh[1] * 1_000)),
  };
}

/** Prices paid under both schemes, and how far they are apart. */
function comparePrices({ days }: TwoStageRun): Pick<TwoStageReport, "prices" | "gap" | "hourlyGap"> {
  const pairs = days.flatMap(({ market, centralised }) =>
    market.map(({ outcome, loadWh }, hour) => {
      const central = centralised[hour];
      return {
        ours: outcome.paidMicroPerKwh,
        loadWh,
        theirs: central?.paidMicroPerKwh ?? 0,
        centralWh: central?.loadWh ?? 0,
      };
    }),
  );
  const ours = weightedMean(pairs.map(({ ours: price, loadWh }) => [price, loadWh]));
  const theirs = weightedMean(pairs.map(({ theirs: price, centralWh }) => [price, centralWh]));
  const apart = mean(pairs.map(({ ours: one, theirs: other }) => Math.abs(one - other)));
  return {
    prices: {
      decentralised: days.map(({ market }) => market.map(({ outcome }) => perKwh(outcome.paidMicroPerKwh))),
      centralised: days.map(({ centralised }) =>
        centralised.map(({ paidMicroPerKwh }) => perKwh(paidMicroPerKwh)),
      ),
    },
    gap: rounded(Math.abs(ours - theirs) / Math.abs(theirs)),
    hourlyGap: rounded(apart / Math.abs(theirs)),
  };
}

/** What the fund paid, and what the import cost that it saved, which eq. (3) keeps above it (AMB-29). */
function drFundOf(slots: readonly SlotRun[]): TwoStageReport["drFund"] {
  const sum = (of: (slot: SlotRun) => number) => slots.reduce((total, slot) => total + of(slot), 0);
  return {
    paid: rounded(sum(({ outcome }) => Number(outcome.final.fundMicro)) / 1e6),
    avoidedImport: rounded(
      sum(({ outcome, terms }) => Number(outcome.final.drWh) * terms.upstreamMicroPerKwh) / 1e9,
    ),
  };
}

function lernerIndex({ without }: TwoStageRun): number {
  // At a negative price upstream's decides, whatever is bid.
  const slots = without.flat().filter(({ terms }) => terms.upstreamMicroPerKwh > 0);
  const price = mean(slots.map(localPrice));
  const competitive = mean(slots.map(({ competitiveMicroPerKwh }) => perKwh(competitiveMicroPerKwh)));
  return price > 0 ? (price - competitive) / price : 0;
}

function localPrice({ outcome }: SlotRun): number {
  return perKwh(outcome.first.priceMicroPerKwh);
}

/** Peak over mean of a load. */
export function peakToAverage(load: Hours): number {
  return Math.max(...load) / mean(load);
}

/** Pearson's coefficient of two series of equal length. */
export function correlationOf(one: Hours, other: Hours): number {
  const [a, b] = [mean(one), mean(other)];
  const sum = (of: (i: number) => number) => one.reduce((total, _, i) => total + of(i), 0);
  const [da, db] = [(i: number) => (one[i] as number) - a, (i: number) => (other[i] as number) - b];
  return sum((i) => da(i) * db(i)) / Math.sqrt(sum((i) => da(i) ** 2) * sum((i) => db(i) ** 2));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weightedMean(pairs: readonly (readonly [value: number, weight: number])[]): number {
  const weight = pairs.reduce((sum, [, each]) => sum + each, 0);
  return pairs.reduce((sum, [value, each]) => sum + value * each, 0) / weight;
}

function kwh(energyWh: number): number {
  return rounded(energyWh / 1_000);
}

function perKwh(microPerKwh: number): number {
  return rounded(microPerKwh / 1e6);
}

/** Six decimals: micro. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6 + 0;
}
