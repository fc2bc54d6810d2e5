import { beyondMicro, gridEnergy } from "#domains/billing/rules/billLine.ts";
import { type TariffPrices, tariffMicro } from "#domains/billing/rules/tariff.ts";
import { localEnergy } from "#domains/pool/rules/localEnergy.ts";
import type { MemberSettlement, Position } from "#domains/pool/rules/settlement.ts";
import { assert } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { MeterReadingValue } from "#world/households/community.ts";
import type { Scenario } from "./scenario.ts";

const SECONDS_PER_HOUR = 3_600;

/**
 * What an interval came to.
 *
 * @property positions of the clearing, by member; empty when nothing was traded
 * @property settlements of those positions, by member
 */
export type IntervalOutcome = {
  readonly intervalId: IntervalId;
  readonly readings: readonly MeterReadingValue[];
  readonly positions: ReadonlyMap<number, Position>;
  readonly settlements: ReadonlyMap<number, MemberSettlement>;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
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
 * The community's sums over a run.
 *
 * @property localShare locally traded and delivered energy over all imports of homes, 0 … 1; 0 without imports
 * @property peakImportW highest mean power that the community as a whole took from the grid over an interval
 */
export type CommunityBill = {
  readonly localShare: number;
  readonly peakImportW: number;
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
};

/** Empty bills of a scenario's homes. */
export function createBills(scenario: Scenario): Bills {
  const sums = createSums(scenario);
  const record = (outcome: IntervalOutcome) => {
    const index = outcome.intervalId - scenario.firstIntervalId;
    const prices = scenario.tariff.at(index);
    const totals = { importWh: 0, exportWh: 0, consumedLocallyWh: 0, deliveredLocallyWh: 0 };
    const entry = { outcome, prices, totals };
    for (const reading of outcome.readings) recordHome(sums, entry, reading);
    sums.importWh += totals.importWh;
    sums.localWh += Math.min(totals.consumedLocallyWh, totals.deliveredLocallyWh);
    sums.peakImportWh = Math.max(sums.peakImportWh, totals.importWh - totals.exportWh);
    sums.clearedWh += outcome.clearedWh;
    sums.welfareMicro += outcome.welfareMicro;
  };
  return {
    record(outcome) {
      record(outcome);
      sums.settled += 1;
    },
    recordFailed({ intervalId, readings }) {
      record({ intervalId, readings, ...NO_MARKET });
      sums.failed += 1;
    },
    settledIntervals: () => sums.settled,
    failedIntervals: () => sums.failed,
    participant: (member) => participantBill(sums, member),
    community: () => ({
      localShare: sums.importWh > 0 ? sums.localWh / sums.importWh : 0,
      peakImportW: Math.round((sums.peakImportWh * SECONDS_PER_HOUR) / scenario.intervalSeconds),
      clearedWh: sums.clearedWh,
      welfareMicro: sums.welfareMicro,
      gridFeeMicro: BigInt(sums.gridFeeMicro),
    }),
  };
}

const NO_MARKET = { positions: new Map(), settlements: new Map(), clearedWh: 0n, welfareMicro: 0n } as const;

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
    importWh: 0,
    localWh: 0,
    peakImportWh: 0,
    clearedWh: 0n,
    welfareMicro: 0n,
    gridFeeMicro: 0,
    settled: 0,
    failed: 0,
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
  sums.gridFeeMicro += Number(settlement.gridFeeMicro);
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
