import {
  type FinalSettlement,
  paymentMicro,
  settleFinally,
} from "#domains/response/rules/finalSettlement.ts";
import { type FirstSettlement, settleFirst } from "#domains/response/rules/firstSettlement.ts";
import { keepDemand, type Rescheduling, reschedule } from "#domains/response/rules/reschedule.ts";
import { priceBounds, type SlotBid, type SlotTerms } from "#domains/response/rules/slotBid.ts";
import { type Utility, valueMicro } from "#domains/response/rules/utility.ts";

/** A bid, with what only its prosumer knows. */
export type PrivateBid = { readonly bid: SlotBid; readonly utility: Utility; readonly takesPart: boolean };

/**
 * A slot after both stages. Lists are in the order of the bids.
 *
 * @property profitMicro what each prosumer is served is worth to it, less what it pays; shifted energy counts as used
 * @property paidMicroPerKwh mean price of the energy that was served, local and imported
 */
export type SlotOutcome = {
  readonly first: FirstSettlement;
  readonly answers: readonly Rescheduling[];
  readonly final: FinalSettlement;
  readonly profitMicro: readonly number[];
  readonly paidMicroPerKwh: number;
};

/** Both stages of one slot: bids, first settlement, rescheduling, final settlement (R7.4). */
export function runSlot(
  bids: readonly PrivateBid[],
  { terms, shiftedShare }: { readonly terms: SlotTerms; readonly shiftedShare: number },
): SlotOutcome {
  const first = settleFirst(
    bids.map(({ bid }) => bid),
    terms,
  );
  const answers = bids.map(({ bid: { demandWh }, utility, takesPart }) =>
    takesPart && first.drMicroPerKwh > 0 ? reschedule(utility, demandWh, first) : keepDemand(demandWh),
  );
  const final = settleFinally(
    bids.map(({ bid }, i) => ({
      member: bid.member,
      demandWh: BigInt(bid.demandWh),
      capacityWh: BigInt(bid.capacityWh),
      newDemandWh: BigInt((answers[i] as Rescheduling).newDemandWh),
    })),
    {
      priceMicroPerKwh: BigInt(first.priceMicroPerKwh),
      drMicroPerKwh: BigInt(first.drMicroPerKwh),
      upstreamMicroPerKwh: BigInt(terms.upstreamMicroPerKwh),
    },
  );
  const costMicro = final.prosumers.reduce((sum, each) => sum + each.costMicro, 0n);
  return {
    first,
    answers,
    final,
    profitMicro: final.prosumers.map((settled, i) => {
      const usedWh = Number(settled.servedWh) + shiftedShare * Number(settled.drWh);
      return valueMicro((bids[i] as PrivateBid).utility, usedWh) - Number(paymentMicro(settled));
    }),
    paidMicroPerKwh:
      final.servedWh === 0n ? first.priceMicroPerKwh : (Number(costMicro) * 1_000) / Number(final.servedWh),
  };
}

/**
 * A prosumer's profit on the scale that bidders learn by: 0 for trading all at the worse bound of prices, 1 for all at the better one, as far as bids decide.
 */
export function rewardOf({ bid, utility }: PrivateBid, profitMicro: number, terms: SlotTerms): number {
  const { lowestMicroPerKwh, highestMicroPerKwh } = priceBounds(terms);
  const kwh = (bid.demandWh + bid.capacityWh) / 1_000;
  const span = kwh * (highestMicroPerKwh - lowestMicroPerKwh);
  if (span <= 0) return 0;
  const worst =
    valueMicro(utility, bid.demandWh) -
    (bid.demandWh / 1_000) * highestMicroPerKwh +
    (bid.capacityWh / 1_000) * lowestMicroPerKwh;
  return (profitMicro - worst) / span;
}
