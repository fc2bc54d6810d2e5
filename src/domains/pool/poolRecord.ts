import { welfareMicro } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { MarketOperator } from "./marketOperator.ts";
import type { MarketView } from "./marketView.ts";
import type { AreaTerms } from "./rules/area.ts";
import type { ClearingPlan } from "./rules/clearingPlan.ts";
import type { MemberPosition } from "./rules/positionWord.ts";
import { isComplete, type Stage } from "./rules/stage.ts";

/** What a clearing came to, as far as it is in. */
export type MarketOutcome = {
  readonly positions: readonly MemberPosition[];
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly trades: number;
};

/**
 * How far an interval is, and what its clearing came to.
 *
 * @property attempt clearings that were given up before
 * @property terms that it is cleared by; null before it is
 * @property isSupplied whether the supplier stands for its surpluses
 */
export type RecordedMarket = MarketOutcome & {
  readonly stage: Stage;
  readonly attempt: number;
  readonly terms: AreaTerms | null;
  readonly isSupplied: boolean;
};

/**
 * What is known of the clearings of one area: how far each is says the chain, and what it came to the operator's plan; where
 * that is gone, the same plan made anew from the archived orders; and where those are gone, what is stored.
 */
export type PoolRecord = {
  /** Keeps the plan of a clearing that is in. */
  remember(intervalId: IntervalId, plan: ClearingPlan): void;
  marketOf(intervalId: IntervalId): Promise<RecordedMarket>;
  /** What each member is held to deliver and to take; nobody anything where no clearing came to its end. */
  positionsOf(intervalId: IntervalId): Promise<ReadonlyMap<number, MemberPosition>>;
};

/** Plans in memory: those of the intervals under way, with the longest gate closure that makes sense. */
const KEPT_PLANS = 256;

const NO_MARKET: MarketOutcome = {
  positions: [],
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
  market: Pick<MarketView, "intervalOf" | "termsOf">;
  operator: Pick<MarketOperator, "planOf">;
  stored: (intervalId: IntervalId) => Promise<MarketOutcome | null>;
}): PoolRecord {
  const plans = new Map<IntervalId, ClearingPlan>();
  const marketOf = async (intervalId: IntervalId): Promise<RecordedMarket> => {
    const onChain = await market.intervalOf(intervalId);
    const { stage, attempt, isSupplied } = onChain;
    if (stage === "collecting") return { stage, attempt, isSupplied, terms: null, ...NO_MARKET };
    const terms = await market.termsOf(onChain.terms);
    const known = plans.get(intervalId) ?? operator.planOf(intervalId, terms);
    const outcome = await outcomeIn({ known, onChain, stored: () => stored(intervalId) });
    return { stage, attempt, isSupplied, terms, ...(outcome ?? NO_MARKET) };
  };
  return {
    remember(intervalId, plan) {
      plans.set(intervalId, plan);
      const [oldest] = plans.keys();
      if (plans.size > KEPT_PLANS && oldest !== undefined) plans.delete(oldest);
    },
    marketOf,
    async positionsOf(intervalId) {
      const { stage, positions } = await marketOf(intervalId);
      return isComplete(stage) ? new Map(positions.map((position) => [position.member, position])) : NOBODY;
    },
  };
}

const NOBODY: ReadonlyMap<number, MemberPosition> = new Map();

type OnChain = Awaited<ReturnType<MarketView["intervalOf"]>>;

/** Of an interval that is settled the chain keeps a seal in place of price and energy: what is stored goes before what is known. */
async function outcomeIn({
  known,
  onChain,
  stored,
}: {
  known: ClearingPlan;
  onChain: OnChain;
  stored: () => Promise<MarketOutcome | null>;
}): Promise<MarketOutcome | null> {
  if (onChain.stage === "settled") return (await stored()) ?? outcomeOf(known);
  return isPlanOf(known, onChain) ? outcomeOf(known) : stored();
}

/** Whether a plan is the one on the chain. Of a clearing under way the contract itself says so, with the next step. */
function isPlanOf(
  { clearing, localPriceMicroPerKwh }: ClearingPlan,
  { clearedWh, localPrice }: OnChain,
): boolean {
  return clearing.clearedQuantity === clearedWh && localPriceMicroPerKwh === localPrice;
}

function outcomeOf({ book, clearing, positions, localPriceMicroPerKwh }: ClearingPlan): MarketOutcome {
  return {
    positions,
    localPriceMicroPerKwh,
    clearedWh: BigInt(clearing.clearedQuantity),
    welfareMicro: welfareMicro(book, clearing),
    trades: pairTrades(book, clearing).quantity.length,
  };
}
