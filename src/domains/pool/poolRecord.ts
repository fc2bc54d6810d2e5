import { welfareMicro } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { MarketOperator } from "./marketOperator.ts";
import type { MarketView } from "./marketView.ts";
import type { ClearingPlan } from "./rules/clearingPlan.ts";
import { mergePositions } from "./rules/mergePositions.ts";
import type { AccountPosition } from "./rules/positionWord.ts";
import { isComplete, type Stage } from "./rules/stage.ts";

/** What a clearing came to. `steps` has the positions of each step. */
export type MarketOutcome = {
  readonly steps: readonly (readonly AccountPosition[])[];
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly trades: number;
};

/** How far an interval is, and what the steps of its clearing that are in came to. */
export type RecordedMarket = MarketOutcome & { readonly stage: Stage };

/**
 * What is known of the clearings of one area: how far each is says the chain, and what it came to the operator's plan; where
 * that is gone, the same plan made anew from the archived orders; and where those are gone, what is stored.
 */
export type PoolRecord = {
  /** Keeps the plan of a clearing that is in. */
  remember(intervalId: IntervalId, plan: ClearingPlan): void;
  marketOf(intervalId: IntervalId): Promise<RecordedMarket>;
  /** What each account is held to deliver and to take; nobody anything where no clearing came to its end. */
  positionsOf(intervalId: IntervalId): Promise<ReadonlyMap<number, AccountPosition>>;
};

/** Plans in memory: those of the intervals under way, with the longest gate closure that makes sense. */
const KEPT_PLANS = 256;

const NO_MARKET: MarketOutcome = {
  steps: [],
  localPriceMicroPerKwh: 0,
  clearedWh: 0n,
  welfareMicro: 0n,
  trades: 0,
};

/** Opens the record. `stored` gives what the database has of an interval, null when it has none. */
export function openPoolRecord({
  market,
  operator,
  stored,
}: {
  market: Pick<MarketView, "intervalOf">;
  operator: Pick<MarketOperator, "planOf">;
  stored: (intervalId: IntervalId) => Promise<MarketOutcome | null>;
}): PoolRecord {
  const plans = new Map<IntervalId, ClearingPlan>();
  const marketOf = async (intervalId: IntervalId): Promise<RecordedMarket> => {
    const onChain = await market.intervalOf(intervalId);
    const { stage } = onChain;
    if (stage === "collecting") return { stage, ...NO_MARKET };
    const known = plans.get(intervalId) ?? operator.planOf(intervalId);
    const outcome = isPlanOf(known, onChain) ? outcomeOf(known) : await stored(intervalId);
    const { steps, ...rest } = outcome ?? NO_MARKET;
    return { stage, ...rest, steps: steps.slice(0, Math.max(1, onChain.steps)) };
  };
  return {
    remember(intervalId, plan) {
      plans.set(intervalId, plan);
      const [oldest] = plans.keys();
      if (plans.size > KEPT_PLANS && oldest !== undefined) plans.delete(oldest);
    },
    marketOf,
    async positionsOf(intervalId) {
      const { stage, steps } = await marketOf(intervalId);
      return isComplete(stage) ? mergePositions(steps) : NOBODY;
    },
  };
}

const NOBODY: ReadonlyMap<number, AccountPosition> = new Map();

/** Whether a plan is the one on the chain. Of a clearing under way the contract itself says so, with the next step. */
function isPlanOf(
  { steps, clearing, localPriceMicroPerKwh }: ClearingPlan,
  onChain: Awaited<ReturnType<MarketView["intervalOf"]>>,
): boolean {
  if (!isComplete(onChain.stage)) return steps.length >= onChain.steps;
  const isSameEnergy = clearing.clearedQuantity === onChain.clearedWh;
  return isSameEnergy && localPriceMicroPerKwh === onChain.localPrice && steps.length === onChain.steps;
}

function outcomeOf({ book, clearing, steps, localPriceMicroPerKwh }: ClearingPlan): MarketOutcome {
  return {
    steps: steps.map(({ positions }) => positions),
    localPriceMicroPerKwh,
    clearedWh: BigInt(clearing.clearedQuantity),
    welfareMicro: welfareMicro(book, clearing),
    trades: pairTrades(book, clearing).quantity.length,
  };
}
