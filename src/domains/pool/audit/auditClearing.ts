import type { MoneyReplay } from "#domains/accounts/audit/auditMoney.ts";
import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import { findSubmissionFault, isSameOutcome } from "#domains/pool/check/submissionFault.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { SignedBook } from "#domains/pool/rules/bookRoot.ts";
import { type DeclaredOutcome, reopenClearing } from "#domains/pool/rules/clearingPlan.ts";
import { findOutcomeFault } from "#domains/pool/rules/outcomeFault.ts";
import { sumOf } from "#domains/pool/rules/pageSettlement.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReserveFault } from "#domains/pool/rules/settlementFault.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { present } from "#kernel/units/assert.ts";
import { type SettlementPrices, settlementPrices, supplierReserveMicro } from "#market/area.ts";
import { pairTrades } from "#market/trades.ts";
import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import {
  type AreaReplay,
  type AuditedArea,
  type AuditedInterval,
  intervalKey,
  refuseInterval,
} from "./auditArea.ts";
import { type BookProgress, createBookProgress, verifyOrders } from "./auditOrders.ts";

type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/** A clearing whose last step has not come yet. `heldMicro` has what each step took into escrow. */
export type UnfinishedClearing = {
  readonly area: AuditedArea;
  readonly outcome: DeclaredOutcome;
  readonly progress: BookProgress;
  readonly steps: ClearingSubmission[];
  readonly heldMicro: bigint[];
};

/** A clearing whose last step is verified: what it left to settle, and the orders that it was submitted with. */
export type VerifiedClearing = { readonly interval: AuditedInterval; readonly submitted: SignedBook };

/** Clearings, each cleared anew from the orders that its transactions brought. */
export type ClearingReplay = {
  /** Takes in a step. Gives the clearing when it was the last one. */
  verifyStep(event: ClearingEvent, isCleared: boolean): VerifiedClearing | null;
  unfinished(key: string): UnfinishedClearing | undefined;
  /** Forgets a clearing that was given up. */
  drop(key: string): void;
  unfinishedClearings(): readonly UnfinishedClearing[];
};

/** Replays the clearings of the pool market. */
export function replayClearings({
  separator,
  registry,
  areas,
  money,
  counts,
}: {
  separator: Uint8Array;
  registry: RegistryReplay;
  areas: AreaReplay;
  money: MoneyReplay;
  counts: AuditCounts;
}): ClearingReplay {
  const unfinished = new Map<string, UnfinishedClearing>();

  const finish = (event: PoolEvent<"intervalCleared">, clearing: UnfinishedClearing): VerifiedClearing => {
    const { area, outcome, steps, heldMicro } = clearing;
    const { pricing } = area.terms;
    const reopened = reopenClearing({ steps, pricing });
    const { book } = reopened;
    const fault = findOutcomeFault({ declared: outcome, recorded: event, book, clearing: reopened.clearing });
    if (fault) refuseInterval(event, fault.rule, fault.finding, fault.side ? { side: fault.side } : {});
    const prices = settlementPrices(area.terms, BigInt(event.localPriceMicroPerKwh));
    const supplierMicro = supplierReserveMicro(event.clearedWh, prices);
    if (supplierMicro > 0n && !areas.isSupplied(area.areaId))
      refuseInterval(
        event,
        "supplyNotAccepted",
        "the clearing reserves money of a supplier that never agreed to it",
      );
    reopened.positions.forEach((positions, step) => {
      const isLast = step === steps.length - 1;
      reserveStep({
        event,
        positions,
        prices,
        supplier: isLast ? [area.accounts.supplier, supplierMicro] : null,
        heldMicro: present(heldMicro[step], "what a step held"),
      });
    });
    counts.clearings += 1;
    counts.trades += pairTrades(book, reopened.clearing).energyWh.length;
    return {
      interval: {
        area,
        positions: reopened.positions,
        prices,
        localPriceMicroPerKwh: event.localPriceMicroPerKwh,
        supplierReserveMicro: supplierMicro,
      },
      submitted: {
        bids: steps.flatMap((step) => step.bids),
        offers: steps.flatMap((step) => step.offers),
      },
    };
  };

  const reserveStep = ({
    event,
    positions,
    prices,
    supplier,
    heldMicro,
  }: {
    event: ClearingEvent;
    positions: readonly AccountPosition[];
    prices: SettlementPrices;
    supplier: readonly [account: number, amountMicro: bigint] | null;
    heldMicro: bigint;
  }) => {
    const postings = reservesOf([positions], prices);
    const finding = findReserveFault(heldMicro, sumOf(postings) + (supplier?.[1] ?? 0n));
    if (finding !== null) refuseInterval(event, "reserve", finding);
    money.reserve(event, postings);
    if (supplier) money.reserve(event, new Map([supplier]));
  };

  return {
    verifyStep(event, isCleared) {
      const key = intervalKey(event);
      if (isCleared) refuseInterval(event, "stage", "the interval was cleared before");
      const area = areas.of(event);
      const submission = requireSubmission(event, area);
      const clearing = unfinished.get(key) ?? {
        area,
        outcome: submission.outcome,
        progress: createBookProgress(),
        steps: [],
        heldMicro: [],
      };
      if (!isSameOutcome(clearing.outcome, submission.outcome))
        refuseInterval(
          event,
          "outcomeChanged",
          "the declared outcome is not that of the clearing's first step",
        );
      if (event.kind === "stepVerified" && event.step !== clearing.steps.length)
        refuseInterval(event, "stage", `step ${event.step} follows step ${clearing.steps.length - 1}`);
      const { progress } = clearing;
      verifyOrders({ event, submission, area, separator, registry, progress, counts });
      clearing.steps.push(submission);
      clearing.heldMicro.push(
        money.takeHeld(event) ?? refuseInterval(event, "reserve", "the clearing took nothing into escrow"),
      );
      unfinished.set(key, clearing);
      if (event.kind === "stepVerified") return null;
      unfinished.delete(key);
      return finish(event, clearing);
    },
    unfinished: (key) => unfinished.get(key),
    drop: (key) => void unfinished.delete(key),
    unfinishedClearings: () => [...unfinished.values()],
  };
}

/** The area's operator brought the orders, after the gate had closed and before delivery was over. */
function requireSubmission(event: ClearingEvent, area: AuditedArea): ClearingSubmission {
  const { submission } = event;
  if (submission === null)
    return refuseInterval(
      event,
      "hiddenSubmission",
      "the clearing was not brought to the market directly, so its orders cannot be read from the transaction",
    );
  const fault = findSubmissionFault({
    step: { ...submission, sender: event.sender, timestamp: event.timestamp },
    key: event,
    area,
    isFinal: event.kind === "intervalCleared",
    recordedPricing: event.kind === "intervalCleared" ? event.pricing : null,
  });
  if (fault) refuseInterval(event, fault.rule, fault.finding);
  return submission;
}
