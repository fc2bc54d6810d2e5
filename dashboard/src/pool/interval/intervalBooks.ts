import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { meteredOf } from "#domains/metering/rules/shownReadings.ts";
import type { IntervalEvidence, PageEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { type SettlementPrices, settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import { billPage, meteredAsContracted, type PageBill } from "#domains/pool/rules/pageSettlement.ts";
import { type AccountPosition, openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import type { AccountSettlement, Position } from "#domains/pool/rules/settlement.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { present } from "#kernel/units/assert.ts";

/** A participant of a settled interval: what it contracted, what its meter said, what that came to. */
export type SettledAccount = {
  readonly account: number;
  readonly position: Position;
  readonly metered: MeteredEnergy;
  readonly settlement: AccountSettlement;
};

/** Money that a party pays (positive) or gets (negative), micro. */
export type Party = { readonly account: number; readonly role: string; readonly paysMicro: bigint };

/** An interval's money. `sumMicro` over all parties is zero, or money appeared or vanished. */
export type IntervalBooks = {
  readonly accounts: readonly SettledAccount[];
  readonly parties: readonly Party[];
  readonly sumMicro: bigint;
  /** Whether some page came without readings and was settled as contracted. */
  readonly isAsContracted: boolean;
};

/** What each account contracted, added up over the steps of the clearing, by rising account. */
export function contractedPositions({ steps }: IntervalEvidence): AccountPosition[] {
  return byAccount(mergePositions(steps.map(({ positions }) => (positions ?? []).map(openPositionWord))));
}

/**
 * What each participant pays by the market's own settlement, against what was recorded for the grid operator, the supplier
 * and the fund; null before the settlement.
 */
export function intervalBooks(evidence: IntervalEvidence): IntervalBooks | null {
  const { cleared, closing, pages, area, stage } = evidence;
  if (!isPaid(stage) || cleared === null) return null;
  if (closing === null) return NOTHING_TRADED;
  const prices = settlementPrices(area.terms, BigInt(cleared.localPriceMicroPerKwh));
  const accounts = pages.flatMap((page) => settledAccounts(page, prices));
  const supplierMicro = closing.supplierMicro - supplierReserveMicro(cleared.clearedWh, prices);
  const parties = [
    ...accounts.map(partyOf),
    ...recordedParties(evidence, { supplierMicro, remainderMicro: closing.remainderMicro }),
  ];
  return {
    accounts,
    parties,
    sumMicro: parties.reduce((sum, { paysMicro }) => sum + paysMicro, 0n),
    isAsContracted: pages.some(({ shown }) => shown === null),
  };
}

/** Without a trade there is no page to settle, and nothing to close. */
const NOTHING_TRADED: IntervalBooks = { accounts: [], parties: [], sumMicro: 0n, isAsContracted: false };

function settledAccounts({ positions, shown }: PageEvidence, prices: SettlementPrices): SettledAccount[] {
  const steps = positions.map((words) => words.map(openPositionWord));
  const merged = mergePositions(steps);
  const metered = shown === null ? meteredAsContracted(merged) : meteredOf(shown);
  const bill = billPage({ merged, reserves: reservesOf(steps, prices), metered, prices });
  return byAccount(merged).map((position) => settledAccount(position, metered, bill));
}

function settledAccount(
  position: AccountPosition,
  metered: ReadonlyMap<number, MeteredEnergy>,
  { settlements }: PageBill,
): SettledAccount {
  const { account } = position;
  return {
    account,
    position,
    metered: metered.get(account) ?? { importWh: 0n, exportWh: 0n },
    settlement: present(settlements.get(account), "the settlement of a position"),
  };
}

function partyOf({ account, position, settlement }: SettledAccount): Party {
  const role = position.boughtWh > position.soldWh ? "bought" : "sold";
  return { account, role, paysMicro: settlement.netMicro };
}

function recordedParties(
  { pages, area }: IntervalEvidence,
  { supplierMicro, remainderMicro }: { supplierMicro: bigint; remainderMicro: bigint },
): Party[] {
  const { supplier, dso, fund } = area.accounts;
  const gridFeeMicro = pages.reduce((sum, page) => sum + page.gridFeeMicro, 0n);
  return [
    { account: dso, role: "grid fee", paysMicro: -gridFeeMicro },
    { account: supplier, role: "shortfalls, less surpluses", paysMicro: -supplierMicro },
    // Charges round up and credits down: what that leaves belongs to all.
    { account: fund, role: "what rounding left", paysMicro: -remainderMicro },
  ];
}

function byAccount(positions: ReadonlyMap<number, AccountPosition>): AccountPosition[] {
  return [...positions.values()].sort((a, b) => a.account - b.account);
}
