import { mergePositions } from "#evidence/clearingPlan.ts";
import type { IntervalEvidence } from "#evidence/intervalEvidence.ts";
import { meteredAsContracted } from "#evidence/pageSettlement.ts";
import { openPositionWord } from "#evidence/positionWord.ts";
import { meteredOf } from "#evidence/shownReadings.ts";
import { settlementPrices } from "#market/area.ts";
import {
  type AccountSettlement,
  type MeteredEnergy,
  type Position,
  settlePosition,
} from "#market/settlement.ts";

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
export function contractedPositions({ steps }: IntervalEvidence) {
  const words = steps.map(({ positions }) => (positions ?? []).map(openPositionWord));
  return [...mergePositions(words).values()].sort((a, b) => a.account - b.account);
}

/** Settles the positions against the opened readings, by the market's own functions; null before the settlement. */
export function intervalBooks(evidence: IntervalEvidence): IntervalBooks | null {
  const { cleared, pages, area, stage } = evidence;
  if (stage !== "settled" || cleared === null) return null;
  const prices = settlementPrices(area.terms, BigInt(cleared.localPriceMicroPerKwh));
  const positions = contractedPositions(evidence);
  const metered = new Map(pages.flatMap(({ shown }) => (shown === null ? [] : [...meteredOf(shown)])));
  const contracted = meteredAsContracted(new Map(positions.map((position) => [position.account, position])));
  const accounts = positions.map((position) => {
    const { account } = position;
    const energy = metered.get(account) ?? contracted.get(account) ?? { importWh: 0n, exportWh: 0n };
    return { account, position, metered: energy, settlement: settlePosition(position, energy, prices) };
  });
  const parties = partiesOf(accounts, area.accounts);
  return {
    accounts,
    parties,
    sumMicro: sum(parties.map(({ paysMicro }) => paysMicro)),
    isAsContracted: pages.some(({ shown }) => shown === null),
  };
}

function partiesOf(
  accounts: readonly SettledAccount[],
  { supplier, dso, fund }: IntervalEvidence["area"]["accounts"],
): Party[] {
  const total = (read: (settlement: AccountSettlement) => bigint) =>
    sum(accounts.map(({ settlement }) => read(settlement)));
  const homes = accounts.map(({ account, position, settlement }) => ({
    account,
    role: position.boughtWh > position.soldWh ? "bought" : "sold",
    paysMicro: settlement.netMicro,
  }));
  return [
    ...homes,
    { account: dso, role: "grid fee", paysMicro: -total(({ gridFeeMicro }) => gridFeeMicro) },
    {
      account: supplier,
      role: "shortfalls, less surpluses",
      paysMicro: -total(({ shortfallMicro, surplusMicro }) => shortfallMicro - surplusMicro),
    },
    // Charges round up and credits down: what that leaves belongs to all.
    { account: fund, role: "what rounding left", paysMicro: -total(({ paymentMicro }) => paymentMicro) },
  ];
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, micro) => total + micro, 0n);
}
