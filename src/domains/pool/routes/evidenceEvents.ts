import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { EvidenceEvent } from "#domains/pool/assembleEvidence.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { findEvidence } from "#domains/pool/queries/evidence.ts";
import type { OrderView } from "#domains/pool/queries/orders.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import { packPositions } from "#domains/pool/rules/positionWord.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { ClearingSubmission, PageSubmission } from "#domains/pool/submissions.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { type Address, fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";

/** What the database has of an interval, and the book of its clearing. */
export type EvidenceRows = Awaited<ReturnType<typeof findEvidence>> & {
  readonly book: readonly OrderView[];
  readonly attempt: number;
  readonly pricing: Pricing;
};

/** Facts of the log that are amounts, energies or sets of members: JSON has them in decimal digits. */
const BIGINT_FACTS: readonly string[] = [
  "amountMicro",
  "clearedWh",
  "gridFeeMicro",
  "missing",
  "supplierMicro",
  "remainderMicro",
  "members",
  "energyWh",
];

/**
 * The events of an interval's transactions as a reader of the chain has them. What the transactions brought is not in the log:
 * it comes from the rows that were made of it.
 */
export function evidenceEvents(
  rows: EvidenceRows,
  key: { readonly areaId: number; readonly intervalId: number },
): EvidenceEvent[] {
  const transactions = new Map(rows.transactions.map((transaction) => [transaction.hash, transaction]));
  let step = 0;
  return rows.events.map((row) => {
    const { hash, sender, purpose, gasUsed } = present(
      transactions.get(row.transactionHash),
      "the transaction of an event",
    );
    const { kind, block, logIndex, timestamp } = row;
    const place = {
      kind,
      block,
      logIndex,
      timestamp,
      transactionHash: hash as Hex,
      sender: sender as Address,
    };
    const event = { ...revive(row.facts), ...place, purpose, gasUsed } as unknown as EvidenceEvent;
    if (row.areaId !== key.areaId || row.intervalId !== key.intervalId) return event;
    if (event.kind === "stepVerified" || event.kind === "intervalCleared") {
      if (event.attempt !== rows.attempt) return { ...event, submission: null };
      const submission = clearingOf(rows, step);
      step += 1;
      return { ...event, submission };
    }
    if (event.kind === "pageSettled") return { ...event, submission: settlementOf(rows, event) };
    if (event.kind !== "pageReturned") return event;
    return { ...event, submission: { positions: wordsOf(rows, event.page) } };
  });
}

/** The positions of a page of the clearing, packed as the contract takes them. */
export function wordsOf({ positions, attempt, pricing }: EvidenceRows, page: number): bigint[] {
  const own = positions.filter((position) => position.attempt === attempt);
  return packPositions(positionsOfPage(own, page), { pricing });
}

/** An order as it was signed. */
export function signedOrder(order: OrderView): SignedOrder {
  const { member: participant, side, energyWh, limitPriceMicroPerKwh, sequence, signature } = order;
  return {
    participant,
    side,
    energyWh,
    limitPriceMicroPerKwh,
    sequence,
    signature: fromHex(signature as Hex),
  };
}

function revive(facts: string): Record<string, unknown> {
  return JSON.parse(facts, (name, value: unknown) =>
    BIGINT_FACTS.includes(name) && typeof value === "string" ? BigInt(value) : value,
  );
}

/** What a step brought; null when it did not reach the market directly. */
function clearingOf({ steps, book, attempt }: EvidenceRows, step: number): ClearingSubmission | null {
  const row = steps.find((each) => each.attempt === attempt && each.step === step);
  if (!row) return null;
  const orders = book.filter((order) => order.step === step).map(signedOrder);
  return {
    outcome: JSON.parse(row.outcome) as DeclaredOutcome,
    bids: orders.filter(({ side }) => side === "bid"),
    offers: orders.filter(({ side }) => side === "offer"),
    before: [],
    isLast: row.isLast,
  };
}

function settlementOf(rows: EvidenceRows, { page }: PoolEvent<"pageSettled">): PageSubmission | null {
  const settled = rows.pages.find((row) => row.page === page);
  const shown = settled && (JSON.parse(settled.readings) as ShownJson | null);
  if (!shown) return null;
  const { lists, opened, leaves, pages } = shown;
  const setsOf = ([first, second]: readonly [string, string]) => [BigInt(first), BigInt(second)] as const;
  const readings: ShownReadings = { lists: setsOf(lists), opened: setsOf(opened), leaves, pages };
  return { positions: wordsOf(rows, page), readings };
}

type ShownJson = Omit<ShownReadings, "lists" | "opened"> & {
  readonly lists: readonly [string, string];
  readonly opened: readonly [string, string];
};
