import type { Side } from "#kernel/auction/order.ts";
import { roundTicks, type Ticks } from "../../app/parts/ticks.ts";
import type { CurveStep } from "./meritCurves.ts";

/** Energy and price to pixels of the picture, and where its axes have marks. */
export type CurveScale = {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Of the whole picture. */
  readonly height: number;
  x(energyWh: number): number;
  y(priceMicroPerKwh: number): number;
  /** In kWh. */
  readonly energyMarks: Ticks;
  /** In the currency per kWh. */
  readonly priceMarks: Ticks;
  /** The side that goes on beyond the picture, and how far; null when both are in it. */
  readonly beyond: { readonly side: Side; readonly energyWh: number } | null;
};

const WH_PER_KWH = 1_000;
const MICRO_PER_UNIT = 1_000_000;
const MARGIN = { left: 58, right: 14, top: 26, bottom: 34 };
/** Energy shown, in multiples of the smaller side. */
const SHOWN_RATIO = 2.5;
/** Pixels between two marks at least. */
const MARK_SPACE = { x: 64, y: 48 };

export function createCurveScale({
  steps,
  width,
  height,
}: {
  steps: readonly CurveStep[];
  width: number;
  height: number;
}): CurveScale {
  const prices = steps.map(({ order }) => order.limitPriceMicroPerKwh);
  const lowest = Math.min(0, ...prices);
  const highest = Math.max(lowest + 1, ...prices) * 1.05;
  const { mostWh, beyond } = energyRange(steps);
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 40, width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  return {
    left,
    right,
    top,
    bottom,
    height,
    x: (energyWh) => left + ((right - left) * energyWh) / mostWh,
    y: (price) => bottom - ((bottom - top) * (price - lowest)) / (highest - lowest),
    energyMarks: roundTicks({
      from: 0,
      to: mostWh / WH_PER_KWH,
      most: Math.floor((right - left) / MARK_SPACE.x),
    }),
    priceMarks: roundTicks({
      from: lowest / MICRO_PER_UNIT,
      to: highest / MICRO_PER_UNIT,
      most: Math.floor((bottom - top) / MARK_SPACE.y),
    }),
    beyond,
  };
}

/** Where one side is much larger, the picture shows where they meet, not the larger side's tail. */
function energyRange(steps: readonly CurveStep[]): { mostWh: number; beyond: CurveScale["beyond"] } {
  const totalOf = (side: Side) =>
    steps.reduce((most, { order, toWh }) => (order.side === side ? Math.max(most, toWh) : most), 0);
  const [bidsWh, offersWh] = [totalOf("bid"), totalOf("offer")];
  const [lessWh, moreWh] = [Math.min(bidsWh, offersWh), Math.max(1, bidsWh, offersWh)];
  const shownWh = lessWh * SHOWN_RATIO;
  if (lessWh === 0 || moreWh <= shownWh) return { mostWh: moreWh, beyond: null };
  return { mostWh: shownWh, beyond: { side: bidsWh > offersWh ? "bid" : "offer", energyWh: moreWh } };
}
