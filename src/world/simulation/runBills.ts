import { beyondMicro, gridEnergy } from "#domains/billing/rules/billLine.ts";
import { type TariffPrices, tariffMicro } from "#domains/billing/rules/tariff.ts";
import { localEnergy } from "#domains/pool/rules/localEnergy.ts";
import type { MemberSettlement, Position } from "#domains/pool/rules/settlement.ts";
import { assert } from "#kernel/units/assert.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import type { MeterReadingValue } from "#world/households/community.ts";
import type { Scenario } from "./scenario.ts";

const SECONDS_PER_HOUR = 3_600;

/**
 * What an interval came to.
 *
 * @property positions of the clearing, by member; empty when nothing was traded
 * @property settlements of those positions, by member
 * @property localPriceMicroPerKwh null when nothing was traded
 */
export type IntervalOutcome = {
  readonly intervalId: IntervalId;
  readonly readings: readonly MeterReadingValue[];
  readonly positions: ReadonlyMap<number, Position>;
  readonly settlements: ReadonlyMap<number, MemberSettlement>;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly localPriceMicroPerKwh: bigint | null;
};

/**
 * A home's sums over a run.
 *
 * @property boughtWh contracted in the market; `soldWh` likewise
 * @property marketBillMicro settlements, grid fee included, and the energy beyond the market at the tariff
 * @property tariffBillMicro what the same readings cost at feed-in and retail price alone (R3.9)
 * @property savingMicro tariff bill less market bill
 */
export type ParticipantBill = {
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly marketBillMicro: bigint;
  readonly tariffBillMicro: bigint;
  readonly savingMicro: bigint;
};

/**
 * What an interval came to for the community as a whole.
 *
 * @property startsAt unix seconds
 * @property importWh sum of the homes' imports; `exportWh` likewise
 * @property gridImportWh what the community as a whole took from the grid; `gridExportWh` what it gave
 * @property localWh traded and delivered between homes
 * @property isSettled false where the market of the interval failed
 */
export type IntervalSums = {
  readonly intervalId: IntervalId;
  readonly startsAt: number;
  readonly isSettled: boolean;
  readonly localPriceMicroPerKwh: bigint | null;
  readonly clearedWh: bigint;
  readonly importWh: number;
  readonly exportWh: number;
  readonly gridImportWh: number;
  readonly gridExportWh: number;
  readonly localWh: number;
  readonly gridFeeMicro: number;
  readonly welfareMicro: bigint;
};

/**
 * The community's sums over a run.
 *
 * @property localShare locally traded and delivered energy over all imports of homes, 0 … 1; 0 without imports
 * @property peakImportW highest mean power that the community as a whole took from the grid over an interval
 * @property peakImportStartsAt first second of the first such interval; null without an import
 * @property peakExportW highest mean power that it gave to the grid
 */
export type CommunityBill = {
  readonly localShare: number;
  readonly peakImportW: number;
  readonly peakImportStartsAt: number | null;
  readonly peakExportW: number;
  readonly peakExportStartsAt: number | null;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly gridFeeMicro: bigint;
};

/** The bills of a community as they grow: the run in memory and the run on the chain both fill one. */
export type Bills = {
  /** Takes a settled interval. */
  record(outcome: IntervalOutcome): void;
  /** Takes an interval without a market: all of its energy is billed at the tariff. */
  recordFailed(outcome: Pick<IntervalOutcome, "intervalId" | "readings">): void;
  settledIntervals(): number;
  failedIntervals(): number;
  participant(member: number): ParticipantBill;
  community(): CommunityBill;
  /** Intervals in the order in which they were recorded. */
  intervals(): readonly IntervalSums[];
};

/** Empty bills of a scenario's homes. */
export function createBills(scenario: Scenario): Bills {
  const sums = createSums(scenario);
  return {
    record: (outcome) => recordInterval(sums, scenario, { outcome, isSettled: true }),
    recordFailed: (readings) =>
      recordInterval(sums, scenario, { outcome: { ...readings, ...NO_MARKET }, isSettled: false }),
    settledIntervals: () => sums.intervals.filter(({ isSettled }) => isSettled).length,
    failedIntervals: () => sums.intervals.filter(({ isSettled }) => !isSettled).length,
    participant: (member) => participantBill(sums, member),
    community: () => communityBill(sums, scenario),
    intervals: () => sums.intervals,
  };
}

function recordInterval(
  sums: Sums,
  scenario: Scenario,
  { outcome, isSettled }: { outcome: IntervalOutcome; isSettled: boolean },
): void {
  const { intervalId, clearedWh, welfareMicro, localPriceMicroPerKwh } = outcome;
  const prices = scenario.tariff.at(intervalId - scenario.firstIntervalId);
  const totals = { importWh: 0, exportWh: 0, consumedLocallyWh: 0, deliveredLocallyWh: 0, gridFeeMicro: 0 };
  for (const reading of outcome.readings) recordHome(sums, { outcome, prices, totals }, reading);
  const { importWh, exportWh, gridFeeMicro } = totals;
  sums.intervals.push({
    intervalId,
    startsAt: startsAt(intervalId, scenario.intervalSeconds),
    isSettled,
    localPriceMicroPerKwh,
    clearedWh,
    importWh,
    exportWh,
    gridImportWh: Math.max(0, importWh - exportWh),
    gridExportWh: Math.max(0, exportWh - importWh),
    localWh: Math.min(totals.consumedLocallyWh, totals.deliveredLocallyWh),
    gridFeeMicro,
    welfareMicro,
  });
}

/** Equations (5) and (6) of docs/model/bills.md, and sums. */
function communityBill({ intervals }: Sums, { intervalSeconds }: Scenario): CommunityBill {
  const sum = (of: (interval: IntervalSums) => number) =>
    intervals.reduce((total, interval) => total + of(interval), 0);
  const exactSum = (of: (interval: IntervalSums) => bigint) =>
    intervals.reduce((total, interval) => total + of(interval), 0n);
  const importWh = sum((interval) => interval.importWh);
  const peakImport = peakOf(intervals, intervalSeconds, ({ gridImportWh }) => gridImportWh);
  const peakExport = peakOf(intervals, intervalSeconds, ({ gridExportWh }) => gridExportWh);
  return {
    localShare: importWh > 0 ? sum(({ localWh }) => localWh) / importWh : 0,
    peakImportW: peakImport.powerW,
    peakImportStartsAt: peakImport.startsAt,
    peakExportW: peakExport.powerW,
    peakExportStartsAt: peakExport.startsAt,
    clearedWh: exactSum(({ clearedWh }) => clearedWh),
    welfareMicro: exactSum(({ welfareMicro }) => welfareMicro),
    gridFeeMicro: exactSum(({ gridFeeMicro }) => BigInt(gridFeeMicro)),
  };
}

/** The first of the intervals with the highest mean power, W; 0 and null where there was none. */
function peakOf(
  intervals: readonly IntervalSums[],
  intervalSeconds: number,
  energyWhOf: (interval: IntervalSums) => number,
): { readonly powerW: number; readonly startsAt: number | null } {
  let [most, at]: [number, number | null] = [0, null];
  for (const interval of intervals)
    if (energyWhOf(interval) > most) [most, at] = [energyWhOf(interval), interval.startsAt];
  return { powerW: Math.round((most * SECONDS_PER_HOUR) / intervalSeconds), startsAt: at };
}

const NO_MARKET = {
  positions: new Map(),
  settlements: new Map(),
  clearedWh: 0n,
  welfareMicro: 0n,
  localPriceMicroPerKwh: null,
} as const;

type Sums = ReturnType<typeof createSums>;

/** Doubles that hold whole numbers only; {@link addExactly} guards that they stay exact. */
function createSums({ homes }: Scenario) {
  const column = () => new Float64Array(homes.length);
  return {
    homes,
    boughtWhOf: column(),
    soldWhOf: column(),
    importWhOf: column(),
    exportWhOf: column(),
    marketMicroOf: column(),
    tariffMicroOf: column(),
    intervals: [] as IntervalSums[],
  };
}

type Entry = {
  readonly outcome: IntervalOutcome;
  readonly prices: TariffPrices;
  readonly totals: {
    importWh: number;
    exportWh: number;
    consumedLocallyWh: number;
    deliveredLocallyWh: number;
    gridFeeMicro: number;
  };
};

function recordHome(sums: Sums, { outcome, prices, totals }: Entry, reading: MeterReadingValue): void {
  const { member, importWh, exportWh } = reading;
  const home = homeOf(sums, member);
  addExactly(sums.importWhOf, home, importWh);
  addExactly(sums.exportWhOf, home, exportWh);
  addExactly(sums.tariffMicroOf, home, tariffMicro(importWh, exportWh, prices));
  totals.importWh += importWh;
  totals.exportWh += exportWh;

  const position = outcome.positions.get(member);
  const settlement = outcome.settlements.get(member);
  if (position === undefined || settlement === undefined) {
    addExactly(sums.marketMicroOf, home, tariffMicro(importWh, exportWh, prices));
    return;
  }
  const boughtWh = Number(position.boughtWh);
  const soldWh = Number(position.soldWh);
  const shortfallWh = Number(settlement.shortfallWh);
  const unconsumedWh = Number(settlement.unconsumedWh);
  const local = localEnergy({ boughtWh, soldWh, shortfallWh, unconsumedWh });
  totals.consumedLocallyWh += local.consumedWh;
  totals.deliveredLocallyWh += local.deliveredWh;
  addExactly(sums.boughtWhOf, home, boughtWh);
  addExactly(sums.soldWhOf, home, soldWh);
  const grid = gridEnergy(reading, local);
  addExactly(sums.marketMicroOf, home, Number(settlement.netMicro) + beyondMicro(grid, prices));
  totals.gridFeeMicro += Number(settlement.gridFeeMicro);
}

function addExactly(sums: Float64Array, home: number, value: number): void {
  const sum = (sums[home] as number) + value;
  assert(Number.isSafeInteger(sum), "a bill or an energy exceeds 2⁵³ micro or Wh");
  sums[home] = sum;
}

/** Homes have consecutive numbers. */
function homeOf({ homes }: Sums, member: number): number {
  const home = member - (homes[0]?.member ?? 0);
  if (homes[home]?.member !== member) assert(false, `member ${member} is no home of the scenario`);
  return home;
}

function participantBill(sums: Sums, member: number): ParticipantBill {
  const home = homeOf(sums, member);
  const total = (values: Float64Array) => BigInt(values[home] as number);
  const marketBillMicro = total(sums.marketMicroOf);
  const tariffBillMicro = total(sums.tariffMicroOf);
  return {
    boughtWh: total(sums.boughtWhOf),
    soldWh: total(sums.soldWhOf),
    importWh: total(sums.importWhOf),
    exportWh: total(sums.exportWhOf),
    marketBillMicro,
    tariffBillMicro,
    savingMicro: tariffBillMicro - marketBillMicro,
  };
}
