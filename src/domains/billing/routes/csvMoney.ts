import {
  listMovementsAfter,
  type MovementView,
  sumChanges,
  sumMovements,
  wholeOf,
} from "#domains/accounts/queries/movements.ts";
import { areaOfSeat, type MemberPlace, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { NO_SEAT } from "#domains/accounts/tables.ts";
import { linesOfReconciliation } from "#domains/billing/rules/reconciliation.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";
import { reconciledBill } from "./bills.ts";
import { type CsvRange, pagesOf } from "./csvPages.ts";

type BalancedMovement = MovementView & { readonly wholeMicro: bigint; readonly balanceMicro: bigint };

/** The account as a bank lists it, the oldest first: what each movement changed, and what the account held in all after it. */
export async function* movementsTable(
  { store: { db } }: BillingContext,
  clock: LocalClock,
  range: CsvRange,
): AsyncGenerator<string> {
  const { from } = range;
  const before = from === undefined ? [] : await sumMovements(db, { ...range, from: undefined, to: from });
  let balanceMicro = wholeOf(sumChanges(before));
  const pages = pagesOf(async (last: BalancedMovement | null): Promise<BalancedMovement[]> => {
    const rows = await listMovementsAfter(db, { ...range, after: last, limit: MAX_LIMIT });
    return rows.map((row) => {
      const wholeMicro = wholeOf(row);
      balanceMicro += wholeMicro;
      return { ...row, wholeMicro, balanceMicro };
    });
  });
  yield* csvText(movementColumns(clock), pages);
}

function movementColumns(clock: LocalClock): CsvColumns<BalancedMovement> {
  return [
    ["at_utc", (movement) => utcIsoText(movement.timestamp)],
    ["at_local", (movement) => localIsoText(movement.timestamp, clock)],
    ["kind", (movement) => movement.kind],
    ["free_micro", (movement) => movement.freeMicro],
    ["margin_micro", (movement) => movement.marginMicro],
    ["escrow_micro", (movement) => movement.escrowMicro],
    ["whole_micro", (movement) => movement.wholeMicro],
    ["balance_micro", (movement) => movement.balanceMicro],
    ["area_id", (movement) => placeOf(movement)?.areaId ?? null],
    ["member", (movement) => placeOf(movement)?.member ?? null],
    ["interval_id", (movement) => movement.intervalId],
    ["block", (movement) => movement.block],
    ["log_index", (movement) => movement.logIndex],
    ["transaction_hash", (movement) => movement.transactionHash],
  ];
}

/** The member whose margin changed; null where the free balance alone did. */
function placeOf({ seat }: MovementView): MemberPlace | null {
  return seat === NO_SEAT ? null : { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}

type MoneyLine = { readonly part: "bill" | "account"; readonly words: string; readonly micro: bigint };

/** The lines of the bill's reconciliation with their total, and those of the account with what it had before and has after. */
export async function* reconciliationTable(
  context: BillingContext,
  _clock: LocalClock,
  range: CsvRange,
): AsyncGenerator<string> {
  const { db } = context.store;
  const { from } = range;
  const { reconciliation } = await reconciledBill(context, range);
  const before = from === undefined ? [] : await sumMovements(db, { ...range, from: undefined, to: from });
  const moved = await sumMovements(db, range);
  const lines: MoneyLine[] = [
    ...linesOfReconciliation(reconciliation).map((line) => ({ part: "bill" as const, ...line })),
    { part: "bill", words: "total", micro: reconciliation.totalMicro },
    { part: "account", words: "opening balance", micro: wholeOf(sumChanges(before)) },
    ...moved.map((sum) => ({
      part: "account" as const,
      words: context.movementWords(sum.kind),
      micro: wholeOf(sum),
    })),
    { part: "account", words: "closing balance", micro: wholeOf(sumChanges([...before, ...moved])) },
  ];
  yield* csvText(MONEY_COLUMNS, once(lines));
}

const MONEY_COLUMNS: CsvColumns<MoneyLine> = [
  ["part", ({ part }) => part],
  ["what", ({ words }) => words],
  ["amount_micro", ({ micro }) => micro],
];

async function* once<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}
