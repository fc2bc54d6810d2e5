import {
  type CheckFault,
  type CheckStep,
  failed,
  notPossible,
  passed,
} from "#domains/metering/check/checkOutcome.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { StepPositions } from "#domains/pool/rules/clearingPlan.ts";
import { type PageBill, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import {
  findBillFault,
  findClosingFault,
  findReleaseFault,
  findReserveFault,
} from "#domains/pool/rules/settlementFault.ts";
import { findSettlementTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { billPages, type SettledPage } from "./billPages.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import { findMovementFault, type MovedMoney } from "./movementFault.ts";
import { isSettledWithheld } from "./readingChecks.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { findKeptByAttempt, isGivenBack } from "./returnChecks.ts";

/** Each position is settled against its reading by the area's prices, and what was recorded is that (R7.19, R2.51). */
export function* checkSettlement(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const { pages, attempt } = evidence;
  const { positions } = reopened;
  if (positions.length === 0) return notPossible("nothing was traded, so that there is nothing to settle");
  if (pages.length === 0) return notPossible(whyUnsettled(evidence));
  const returned = evidence.returns.find((page) => page.attempt === attempt);
  if (returned) return failed(0, returnedBeside(returned.page));
  const settled = billPages(evidence, reopened);
  let checked = 0;
  for (const page of settled) {
    yield { checked, of: positions.length };
    checked += page.bill.settlements.size;
    const fault = findTimeFault(evidence, page) ?? findPageFault(evidence, page, { reopened, settled });
    if (fault) return failed(checked, fault);
  }
  return whatIsLeft(evidence, { positions, checked });
}

function whatIsLeft(
  { pages }: IntervalEvidence,
  { positions, checked }: { positions: readonly MemberPosition[]; checked: number },
) {
  const hidden = pages.find(({ shown }) => shown === null);
  if (hidden)
    return notPossible(
      `page ${hidden.page} was not brought to the market directly, so its readings cannot be read`,
      checked,
    );
  const open = positions
    .map(({ member }) => pageOf(member))
    .find((page) => !pages.some((each) => each.page === page));
  return open === undefined ? passed(checked) : notPossible(`page ${open} is not settled yet`, checked);
}

/** Nothing was lost or made: what was paid sums to zero, and equals what was recorded of escrow and of each member. */
export function* checkMoney(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const { closing, movements, abandoned, pages } = evidence;
  if (reopened.positions.length === 0) return notPossible("nothing was traded, so that no money moved");
  if (closing === null || pages.some(({ shown }) => shown === null))
    return notPossible(whyUnsettled(evidence));
  const settled = billPages(evidence, reopened);
  const expected = expectedMovements(evidence, reopened, settled);
  const count = expected.length;
  yield { checked: 0, of: count };
  const fault =
    findHeldFault(evidence, reopened) ??
    findKeptByAttempt(evidence) ??
    findClosing(evidence, reopened, settled) ??
    findUnbalanced(evidence, reopened, settled);
  if (fault) return failed(count, fault);
  if (!abandoned.every(({ isReturned }) => isReturned))
    return notPossible("of a clearing that was given up not all is given back yet", count);
  const moved = movements && findMovementFault(expected, movements.map(nettingReturns));
  return moved ? failed(count, moved) : passed(count);
}

function whyUnsettled(evidence: IntervalEvidence): string {
  return isGivenBack(evidence)
    ? "the interval was given back: nothing was settled"
    : "the interval is not settled yet";
}

/** What a clearing that was given up reserved and gave back leaves nothing, by member. */
function nettingReturns<Moved extends MovedMoney>(movement: Moved): Moved {
  return movement.kind === "returned" ? { ...movement, kind: "reserved" } : movement;
}

/** Once a page was paid no other is given back, and none is paid once another was given back. */
function returnedBeside(page: number): CheckFault {
  return { finding: `page ${page} was given back, and another was settled`, subject: { page } };
}

/** No page is settled before its time (docs/decisions/009). */
function findTimeFault(evidence: IntervalEvidence, { page, missing }: SettledPage): CheckFault | null {
  const { pages, intervalId, area } = evidence;
  const { timestamp } = page;
  const fault = findSettlementTimeFault({
    timestamp,
    intervalId,
    area: { ...area.terms, waitingSeconds: area.waitingSeconds },
    missing: missing.length,
    isWithheld: isSettledWithheld(evidence, page),
    isAnotherPaid: pages.some((other) => other.page !== page.page && other.timestamp <= timestamp),
  });
  return fault && { finding: `page ${page.page}: ${fault.finding}`, subject: { page: page.page } };
}

function findPageFault(
  { movements, closing }: IntervalEvidence,
  { page, bill, reserves }: SettledPage,
  { reopened, settled }: { reopened: ReopenedInterval; settled: readonly SettledPage[] },
): CheckFault | null {
  const billFault = findBillFault(bill, page);
  if (billFault) return { finding: billFault.finding, subject: billFault.subject };
  // With the last page all leaves escrow that is left.
  const closingMicro = closing?.page === page.page ? leftMicro(reopened, settled) : 0n;
  const releaseFault = findReleaseFault(page.releasedMicro, bill.releasedMicro + closingMicro);
  if (releaseFault) return { finding: `page ${page.page}: ${releaseFault}`, subject: { page: page.page } };
  if (movements === null) return null;
  const own = movements.filter(({ kind, member }) => kind === "settled" && bill.settlements.has(member));
  return findMovementFault(payouts(bill, reserves), own);
}

/** What the settlement of a page gives back to each member of its reserve. */
function payouts(bill: PageBill, reserves: ReadonlyMap<number, bigint>): MovedMoney[] {
  return [...bill.postings].map(([member, marginMicro]) => ({
    member,
    kind: "settled",
    marginMicro,
    escrowMicro: -(reserves.get(member) ?? 0n),
  }));
}

function expectedMovements(
  { area: { parties }, closing }: IntervalEvidence,
  { positions, prices, supplierReserveMicro }: ReopenedInterval,
  settled: readonly SettledPage[],
): MovedMoney[] {
  const hold = (member: number, micro: bigint): MovedMoney => ({
    member,
    kind: "reserved",
    marginMicro: -micro,
    escrowMicro: micro,
  });
  const pay = (member: number, kind: string, marginMicro: bigint): MovedMoney => ({
    member,
    kind,
    marginMicro,
    escrowMicro: 0n,
  });
  return [
    ...[...reservesOf(positions, prices)].map(([member, micro]) => hold(member, micro)),
    hold(parties.supplier, supplierReserveMicro),
    ...settled.flatMap(({ bill, reserves }) => payouts(bill, reserves)),
    ...settled.map(({ bill }) => pay(parties.dso, "gridFee", bill.gridFeeMicro)),
    {
      ...pay(parties.supplier, "supplierPaid", closing?.supplierMicro ?? 0n),
      escrowMicro: -supplierReserveMicro,
    },
    pay(parties.fund, "remainderBooked", closing?.remainderMicro ?? 0n),
  ];
}

/** What each step took into escrow is what its positions need beyond those before, the first with the supplier's part (R7.3). */
function findHeldFault({ steps }: IntervalEvidence, reopened: ReopenedInterval): CheckFault | null {
  const { positions, before, prices, supplierReserveMicro } = reopened;
  const reserveOf = (list: StepPositions["positions"]) => sumOf(reservesOf(list, prices));
  for (const [i, { heldMicro }] of steps.entries()) {
    const supplierMicro = i === 0 ? supplierReserveMicro : 0n;
    const neededMicro = reserveOf(before[i + 1] ?? positions) - reserveOf(before[i] ?? []) + supplierMicro;
    const finding = findReserveFault(heldMicro, neededMicro);
    if (finding !== null)
      return { finding: `transaction ${i + 1} of the clearing: ${finding}`, subject: { step: i + 1 } };
  }
  return null;
}

/** What is left in escrow when all positions are paid: the supplier's part, and what rounding leaves. */
function leftMicro(
  { positions, prices, supplierReserveMicro }: ReopenedInterval,
  settled: readonly SettledPage[],
): bigint {
  const heldMicro = sumOf(reservesOf(positions, prices)) + supplierReserveMicro;
  return settled.reduce((left, { bill }) => left - bill.releasedMicro, heldMicro);
}

function findClosing(
  { closing }: IntervalEvidence,
  reopened: ReopenedInterval,
  settled: readonly SettledPage[],
): CheckFault | null {
  if (closing === null) return null;
  const deviationsMicro = settled.reduce((sum, { bill }) => sum + bill.supplierMicro, 0n);
  const supplierMicro = reopened.supplierReserveMicro + deviationsMicro;
  const fault = findClosingFault({
    recorded: closing,
    computed: { supplierMicro, remainderMicro: leftMicro(reopened, settled) - supplierMicro },
    participants: reopened.positions.length,
  });
  return fault && { finding: fault.finding, subject: {} };
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
