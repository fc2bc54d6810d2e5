import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { meteredOf } from "#domains/metering/rules/shownReadings.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import {
  billPage,
  meteredAsContracted,
  type PageBill,
  positionsOfPage,
  sumOf,
} from "#domains/pool/rules/pageSettlement.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import {
  findBillFault,
  findClosingFault,
  findReleaseFault,
  findReserveFault,
} from "#domains/pool/rules/settlementFault.ts";
import { findSettlementTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { type CheckFault, type CheckStep, failed, notPossible, passed } from "./checkOutcome.ts";
import type { IntervalEvidence, PageEvidence } from "./intervalEvidence.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { isGivenBack } from "./returnChecks.ts";

/** A change of one account's balances by one kind of cause, micro. */
type Expected = { readonly account: number; readonly kind: string; marginMicro: bigint; escrowMicro: bigint };

type SettledPage = { readonly page: PageEvidence; readonly bill: PageBill };

/** Each position is settled against its reading by the area's prices, and what was recorded is that (R7.19, R2.51). */
export function* checkSettlement(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const { pages, returns } = evidence;
  const traded = reopened.positions.flat().map(({ account }) => account);
  if (traded.length === 0) return notPossible("nothing was traded, so that there is nothing to settle");
  if (pages.length === 0) return notPossible(whyUnsettled(evidence));
  const [returned] = returns;
  if (returned) return failed(0, returnedBeside(returned.page));
  let checked = 0;
  for (const settled of billPages(evidence, reopened)) {
    yield { checked, of: traded.length };
    checked += settled.bill.settlements.size;
    const fault = findTimeFault(evidence, settled.page) ?? findPageFault(evidence, settled, reopened);
    if (fault) return failed(checked, fault);
  }
  const open = traded.map(pageOf).find((page) => !pages.some((settled) => settled.page === page));
  if (open === undefined) return passed(checked);
  return notPossible(`page ${open} is not settled yet`, checked);
}

/** Nothing was lost or made: what was paid sums to zero, and equals what was recorded of escrow and of each account. */
export function* checkMoney(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const { closing, movements } = evidence;
  if (reopened.positions.flat().length === 0)
    return notPossible("nothing was traded, so that no money moved");
  if (closing === null) return notPossible(whyUnsettled(evidence));
  const settled = billPages(evidence, reopened);
  const expected = expectedMovements(evidence, reopened, settled);
  const count = expected.length;
  yield { checked: 0, of: count };
  const fault =
    findHeldFault(evidence, reopened) ??
    findClosing(evidence, reopened, settled) ??
    findUnbalanced(evidence, reopened, settled) ??
    (movements === null ? null : findMovementFault(expected, movements));
  return fault ? failed(count, fault) : passed(count);
}

function whyUnsettled(evidence: IntervalEvidence): string {
  return isGivenBack(evidence)
    ? "the interval was given back: nothing was settled"
    : "the interval is not settled yet";
}

function billPages(
  { pages }: IntervalEvidence,
  { positions, prices }: ReopenedInterval,
): readonly SettledPage[] {
  return pages.map((page) => {
    const ofPage = positionsOfPage(positions, page.page);
    const merged = mergePositions(ofPage);
    const metered: ReadonlyMap<number, MeteredEnergy> =
      page.shown === null ? meteredAsContracted(merged) : meteredOf(page.shown);
    return { page, bill: billPage({ merged, reserves: reservesOf(ofPage, prices), metered, prices }) };
  });
}

/** Once a page was paid no other is given back, and none is paid once another was given back. */
function returnedBeside(page: number): CheckFault {
  return { finding: `page ${page} was given back, and another was settled`, subject: { page } };
}

/** No page is settled before its time (docs/decisions/009). */
function findTimeFault(
  { pages, intervalId, area }: IntervalEvidence,
  { page, timestamp, shown }: PageEvidence,
): CheckFault | null {
  const fault = findSettlementTimeFault({
    timestamp,
    intervalId,
    terms: area.terms,
    isContracted: shown === null,
    isAnotherPaid: pages.some((other) => other.shown !== null && other.timestamp <= timestamp),
  });
  return fault && { finding: `page ${page}: ${fault.finding}`, subject: { page } };
}

function findPageFault(
  { movements }: IntervalEvidence,
  { page, bill }: SettledPage,
  { positions, prices }: ReopenedInterval,
): CheckFault | null {
  const billFault = findBillFault(bill, page);
  if (billFault) return { finding: billFault.finding, subject: billFault.subject };
  const releaseFault =
    page.releasedMicro === null ? null : findReleaseFault(page.releasedMicro, bill.releasedMicro);
  if (releaseFault) return { finding: `page ${page.page}: ${releaseFault}`, subject: { page: page.page } };
  if (movements === null) return null;
  const reserves = reservesOf(positionsOfPage(positions, page.page), prices);
  const own = movements.filter(({ kind, account }) => kind === "settled" && bill.settlements.has(account));
  return findMovementFault(payouts(bill, reserves), own);
}

/** What the settlement of a page gives back to each account of its reserve. */
function payouts(bill: PageBill, reserves: ReadonlyMap<number, bigint>): Expected[] {
  return [...bill.postings].map(([account, marginMicro]) => ({
    account,
    kind: "settled",
    marginMicro,
    escrowMicro: -(reserves.get(account) ?? 0n),
  }));
}

function expectedMovements(
  { area: { accounts }, closing }: IntervalEvidence,
  { positions, prices, supplierReserveMicro }: ReopenedInterval,
  settled: readonly SettledPage[],
): Expected[] {
  const reserves = reservesOf(positions, prices);
  const hold = (account: number, micro: bigint): Expected => ({
    account,
    kind: "reserved",
    marginMicro: -micro,
    escrowMicro: micro,
  });
  const pay = (account: number, kind: string, marginMicro: bigint): Expected => ({
    account,
    kind,
    marginMicro,
    escrowMicro: 0n,
  });
  const all = [
    ...[...reserves].map(([account, micro]) => hold(account, micro)),
    hold(accounts.supplier, supplierReserveMicro),
    ...settled.flatMap(({ bill }) => payouts(bill, reserves)),
    ...settled.map(({ bill }) => pay(accounts.dso, "gridFee", bill.gridFeeMicro)),
    {
      ...pay(accounts.supplier, "supplierPaid", closing?.supplierMicro ?? 0n),
      escrowMicro: -supplierReserveMicro,
    },
    pay(accounts.fund, "remainderBooked", closing?.remainderMicro ?? 0n),
  ];
  return [...sumByCause(all).values()];
}

/** What each step took into escrow is what its positions need, the last one with the supplier's part (R7.3). */
function findHeldFault(
  { steps }: IntervalEvidence,
  { positions, prices, supplierReserveMicro }: ReopenedInterval,
): CheckFault | null {
  for (const [i, { heldMicro }] of steps.entries()) {
    if (heldMicro === null) continue;
    const supplierMicro = i === steps.length - 1 ? supplierReserveMicro : 0n;
    const neededMicro = sumOf(reservesOf([positions[i] ?? []], prices)) + supplierMicro;
    const finding = findReserveFault(heldMicro, neededMicro);
    if (finding !== null)
      return { finding: `transaction ${i + 1} of the clearing: ${finding}`, subject: { step: i + 1 } };
  }
  return null;
}

function findClosing(
  { closing }: IntervalEvidence,
  reopened: ReopenedInterval,
  settled: readonly SettledPage[],
): CheckFault | null {
  if (closing === null) return null;
  const { positions, prices, supplierReserveMicro } = reopened;
  const sum = (pick: (bill: PageBill) => bigint) =>
    settled.reduce((micro, { bill }) => micro + pick(bill), 0n);
  const heldMicro = sumOf(reservesOf(positions, prices)) + supplierReserveMicro;
  const supplierMicro = supplierReserveMicro + sum((bill) => bill.supplierMicro);
  const leftMicro = heldMicro - sum((bill) => bill.releasedMicro);
  const fault = findClosingFault({
    recorded: closing,
    computed: { supplierMicro, remainderMicro: leftMicro - supplierMicro },
    participants: mergePositions(positions).size,
  });
  if (fault) return { finding: fault.finding, subject: {} };
  const finding = closing.releasedMicro === null ? null : findReleaseFault(closing.releasedMicro, leftMicro);
  return finding === null ? null : { finding: `at the closing, ${finding}`, subject: {} };
}

/** Σ paid by participants = grid fees + the supplier's part + what rounding left, by the recorded figures. */
function findUnbalanced(
  { closing, pages }: IntervalEvidence,
  { supplierReserveMicro }: ReopenedInterval,
  settled: readonly SettledPage[],
): CheckFault | null {
  if (closing === null) return null;
  const paidMicro = settled
    .flatMap(({ bill }) => [...bill.settlements.values()])
    .reduce((sum, { netMicro }) => sum + netMicro, 0n);
  const gridFeeMicro = pages.reduce((sum, page) => sum + page.gridFeeMicro, 0n);
  const supplierMicro = closing.supplierMicro - supplierReserveMicro;
  const restMicro = paidMicro - gridFeeMicro - supplierMicro - closing.remainderMicro;
  if (restMicro === 0n) return null;
  const finding = `participants paid ${paidMicro} micro; grid fee ${gridFeeMicro}, supplier ${supplierMicro} and rounding ${closing.remainderMicro} leave ${restMicro} micro`;
  return { finding, subject: {} };
}

type Recorded = NonNullable<IntervalEvidence["movements"]>;

/** Every expected movement was recorded, with its amounts, and no other. */
function findMovementFault(expected: readonly Expected[], recorded: Recorded): CheckFault | null {
  const due = sumByCause(expected);
  const booked = sumByCause(recorded);
  const free = recorded.find(({ freeMicro }) => freeMicro !== 0n);
  if (free)
    return movementFault(free, `changes the free balance by ${free.freeMicro} micro, which no interval does`);
  for (const key of new Set([...due.keys(), ...booked.keys()])) {
    const [is, was] = [due.get(key), booked.get(key)];
    const [marginMicro, escrowMicro] = [is?.marginMicro ?? 0n, is?.escrowMicro ?? 0n];
    const isSame = (was?.marginMicro ?? 0n) === marginMicro && (was?.escrowMicro ?? 0n) === escrowMicro;
    const named = was ?? is;
    if (isSame || !named) continue;
    const words = `is recorded as ${was?.marginMicro ?? 0n} micro of margin and ${was?.escrowMicro ?? 0n} micro of escrow; it is ${marginMicro} and ${escrowMicro} micro`;
    return movementFault(named, words);
  }
  return null;
}

function movementFault({ account, kind }: { account: number; kind: string }, words: string): CheckFault {
  return { finding: `the movement "${kind}" of account ${account} ${words}`, subject: { account } };
}

function sumByCause(list: readonly Expected[]): Map<string, Expected> {
  const sums = new Map<string, Expected>();
  for (const { account, kind, marginMicro, escrowMicro } of list) {
    const key = `${account} ${kind}`;
    const sum = sums.get(key) ?? { account, kind, marginMicro: 0n, escrowMicro: 0n };
    sums.set(key, {
      account,
      kind,
      marginMicro: sum.marginMicro + marginMicro,
      escrowMicro: sum.escrowMicro + escrowMicro,
    });
  }
  return sums;
}
