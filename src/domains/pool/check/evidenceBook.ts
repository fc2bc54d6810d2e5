import type { CheckFault } from "#domains/metering/check/checkOutcome.ts";
import type { SignedBook } from "#domains/pool/rules/bookRoot.ts";
import { type OrderContext, poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { formatMicro } from "#kernel/units/money.ts";
import type { IntervalEvidence, RestEvidence, StepEvidence } from "./intervalEvidence.ts";

/** An order of an interval's evidence; `position` counts from 1 on its side, `source` is what brought it. */
export type PlacedOrder<Source> = {
  readonly order: SignedOrder;
  readonly position: number;
  readonly source: Source;
};

/** The orders of an interval as they are said to be, submitted ones first; none is moved to where it should stand. */
export type EvidenceBook = {
  readonly submitted: readonly PlacedOrder<StepEvidence>[];
  readonly rest: readonly PlacedOrder<RestEvidence>[];
};

/** Where the orders of an interval are valid. */
export function orderContextOf(evidence: IntervalEvidence): OrderContext {
  const { chainId, poolMarket, areaId, intervalId } = evidence;
  return { separator: poolSeparator(chainId, poolMarket), areaId, intervalId };
}

export function bookOf({ steps, rest }: IntervalEvidence): EvidenceBook {
  const count = { bid: 0, offer: 0 };
  const place = <Source extends SignedBook>(source: Source): PlacedOrder<Source>[] =>
    [...source.bids, ...source.offers].map((order) => {
      count[order.side] += 1;
      return { order, position: count[order.side], source };
    });
  const submitted = steps.flatMap(place);
  return { submitted, rest: rest ? place(rest) : [] };
}

/** The orders that were submitted, each side from the best on. */
export function submittedBook({ steps }: IntervalEvidence): SignedBook {
  return {
    bids: steps.flatMap((step) => step.bids),
    offers: steps.flatMap((step) => step.offers),
  };
}

/** What a finding says of an order, beginning with its name: "bid 3 of member 12 (250 Wh at 0.173) is …". */
export function orderFault(
  { order, position }: Pick<PlacedOrder<unknown>, "order" | "position">,
  words: string,
): CheckFault {
  const { side, participant, energyWh, limitPriceMicroPerKwh } = order;
  const price = formatMicro(BigInt(limitPriceMicroPerKwh));
  const name = `${side} ${position} of member ${participant} (${energyWh} Wh at ${price})`;
  return { finding: `${name} ${words}`, subject: { side, position, member: participant } };
}

/** The first submitted order that no book can hold: without energy. */
export function findUnfitOrder(evidence: IntervalEvidence): CheckFault | null {
  const unfit = bookOf(evidence).submitted.find(({ order }) => order.energyWh < 1);
  return unfit ? orderFault(unfit, "is for 0 Wh") : null;
}
