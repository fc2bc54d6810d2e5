import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Picture, Series } from "./picture.ts";
import { indexAt, plotColumns, valueRange } from "./plotData.ts";
import { roundTicks, tickText } from "./ticks.ts";

/** A picture within an element of the page. */
export type Plot = {
  readonly show: (picture: Picture) => void;
  readonly close: () => void;
};

/**
 * Opens a plot that follows the width of `element` and the reader's light or dark. New figures are put into the picture
 * that stands; another one is made only when its lines, its zone or its colours are others. `onPoint` is told the time
 * that the reader points at or taps; null where nothing is shown. Who lifts the finger does not take it back.
 */
export function openPlot(element: HTMLElement, onPoint: (time: number | null) => void): Plot {
  let drawn: { readonly plot: uPlot; readonly look: string } | null = null;
  let shown: Picture | null = null;
  const setCursor = (plot: uPlot) => {
    const { left = -1 } = plot.cursor;
    if (left < 0 || !shown) return;
    const index = indexAt(shown, plot.posToVal(left, "x"));
    onPoint(index === null ? null : (shown.times[index] ?? null));
  };
  const draw = (picture: Picture) => {
    drawn?.plot.destroy();
    const options = { ...plotOptions(element, picture), hooks: { setCursor: [setCursor] } };
    drawn = { plot: new uPlot(options, dataOf(picture), element), look: lookOf(picture) };
  };
  const show = (picture: Picture) => {
    shown = picture;
    if (drawn?.look !== lookOf(picture)) return draw(picture);
    resize();
    drawn.plot.setData(dataOf(picture));
  };
  const resize = () => {
    if (!drawn || !shown) return;
    const size = { width: element.clientWidth, height: shown.height };
    if (drawn.plot.width !== size.width || drawn.plot.height !== size.height) drawn.plot.setSize(size);
  };
  const recolour = () => shown && draw(shown);
  const colors = matchMedia("(prefers-color-scheme: dark)");
  const observer = new ResizeObserver(resize);
  observer.observe(element);
  colors.addEventListener("change", recolour);
  return {
    show,
    close() {
      colors.removeEventListener("change", recolour);
      observer.disconnect();
      drawn?.plot.destroy();
    },
  };
}

function dataOf(picture: Picture): uPlot.AlignedData {
  const { times, values } = plotColumns(picture);
  return [times, ...values];
}

/** Whatever a picture can't take on afterwards. */
function lookOf({ series, timeZone, isWhole }: Picture): string {
  return JSON.stringify([timeZone, isWhole, series.map(({ values: _, ...look }) => look)]);
}

function plotOptions(
  element: HTMLElement,
  { series, timeZone, height, isWhole = false }: Omit<Picture, "times">,
): uPlot.Options {
  const colorOf = (token: string) => getComputedStyle(element).getPropertyValue(`--${token}`).trim();
  const quiet = colorOf("ink-quiet");
  const grid = { stroke: colorOf("line"), width: 1 };
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: quiet, grid, ticks: grid, font };
  return {
    width: element.clientWidth,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    padding: [8, HALF_A_DATE, 0, 0],
    scales: { y: { range: (_plot, least, most) => valueRange(least, most) } },
    axes: [
      { ...axis, space: 64, values: CLOCK_LABELS },
      { ...axis, ...valueAxis(isWhole, font) },
    ],
    series: [{}, ...series.map((one) => seriesOptions(one, colorOf))],
  };
}

/** Pixels on the right, so that the label of the last time is whole. */
const HALF_A_DATE = 28;
/** Pixels between two marks of the values, and between a mark's label and the picture. */
const MARK_SPACE = 40;
const LABEL_GAP = 18;

/** Round marks, told apart by as many decimals as they need; as wide as its widest label. */
function valueAxis(isWhole: boolean, font: string): uPlot.Axis {
  const ticksOf = ({ bbox }: uPlot, from: number, to: number) => {
    const most = Math.floor(bbox.height / devicePixelRatio / MARK_SPACE);
    return roundTicks({ from, to, most, leastStep: isWhole ? 1 : 0 });
  };
  return {
    splits: (plot, _axis, from, to) => [...ticksOf(plot, from, to).values],
    values: (plot, marks) => {
      const { min = 0, max = 0 } = plot.scales.y ?? {};
      const { decimals } = ticksOf(plot, min ?? 0, max ?? 0);
      return marks.map((mark) => tickText(mark, decimals));
    },
    size: ({ ctx }, labels) => {
      ctx.save();
      ctx.font = font;
      const widths = (labels ?? []).map((label) => ctx.measureText(label).width);
      ctx.restore();
      return Math.ceil(Math.max(0, ...widths)) + LABEL_GAP;
    },
  };
}

/** Clock and date labels of a European reader, by the length of a step. */
const CLOCK_LABELS: uPlot.Axis.Values = [
  [86_400 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [3_600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

function seriesOptions(
  { label, color, form = "line", isFilled = false, isDashed = false, isThin = false }: Series,
  colorOf: (token: string) => string,
): uPlot.Series {
  const stroke = colorOf(color);
  return {
    label,
    stroke,
    width: isThin ? 1 : 2,
    spanGaps: false,
    ...(isDashed ? { dash: [5, 4] } : {}),
    ...(isFilled || form === "bars" ? { fill: `${stroke}44` } : {}),
    ...pathsOf(form),
    points: { show: form === "points", fill: stroke, ...(form === "points" ? { paths: dotsOnBars } : {}) },
  };
}

/** A bar takes so much of its time, from its beginning on, and so many pixels at the most. */
const BAR_SHARE = 0.8;
const BAR_PIXELS = 40;
const DOT_PIXELS = 4;

/** A dot for each value, over the middle of the bar of the same time. */
function dotsOnBars(plot: uPlot, seriesIndex: number, first: number, last: number) {
  const fill = new Path2D();
  const [times, values] = [plot.data[0], plot.data[seriesIndex] ?? []];
  for (let i = first; i <= last; i += 1) {
    const [time, next, value] = [times[i], times[i + 1], values[i]];
    if (time === undefined || value === null || value === undefined) continue;
    const left = plot.valToPos(time, "x", true);
    const room = (plot.valToPos(next ?? time, "x", true) - left) * BAR_SHARE;
    const x = left + Math.min(room, BAR_PIXELS * devicePixelRatio) / 2;
    const y = plot.valToPos(value, "y", true);
    const radius = DOT_PIXELS * devicePixelRatio;
    fill.moveTo(x + radius, y);
    fill.arc(x, y, radius, 0, 2 * Math.PI);
  }
  return { stroke: null, fill };
}

function pathsOf(form: NonNullable<Series["form"]>): Pick<uPlot.Series, "paths"> {
  const { stepped, bars } = uPlot.paths;
  if (form === "step" && stepped) return { paths: stepped({ align: 1 }) };
  if (form === "bars" && bars) return { paths: bars({ size: [BAR_SHARE, BAR_PIXELS], align: 1 }) };
  if (form === "points") return { paths: () => null };
  return {};
}
