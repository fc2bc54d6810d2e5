import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Picture, Series } from "./picture.ts";
import { plotColumns } from "./plotData.ts";

/** A picture within an element of the page. */
export type Plot = {
  readonly show: (picture: Picture) => void;
  readonly close: () => void;
};

/**
 * Opens a plot that follows the width of `element` and the reader's light or dark. New figures are put into the picture
 * that stands; another one is made only when its lines, its zone or its colours are others.
 */
export function openPlot(element: HTMLElement): Plot {
  let drawn: { readonly plot: uPlot; readonly look: string } | null = null;
  let shown: Picture | null = null;
  const draw = (picture: Picture) => {
    drawn?.plot.destroy();
    // Axes ask for the words of the picture that is shown by then.
    const formatValue = (value: number) => (shown ?? picture).formatValue(value);
    const options = plotOptions(element, { ...picture, formatValue });
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
function lookOf({ series, timeZone }: Picture): string {
  return JSON.stringify([timeZone, series.map(({ values: _, ...look }) => look)]);
}

function plotOptions(
  element: HTMLElement,
  { series, timeZone, height, formatValue }: Omit<Picture, "times">,
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
    padding: [8, 18, 0, 0],
    scales: { y: { range: (_plot, least, most) => [Math.min(0, least), Math.max(0, most) * HEADROOM] } },
    axes: [
      { ...axis, space: 64, values: CLOCK_LABELS },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map((tick) => formatValue(tick)) },
    ],
    series: [{}, ...series.map((one) => seriesOptions(one, colorOf))],
  };
}

/** Room above the highest value. */
const HEADROOM = 1.06;

/** Clock and date labels of a European reader, by the length of a step. */
const CLOCK_LABELS: uPlot.Axis.Values = [
  [86_400 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [3_600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

function seriesOptions(
  { label, color, form = "line", isFilled = false, isDashed = false }: Series,
  colorOf: (token: string) => string,
): uPlot.Series {
  const stroke = colorOf(color);
  return {
    label,
    stroke,
    width: 2,
    spanGaps: false,
    ...(isDashed ? { dash: [5, 4] } : {}),
    ...(isFilled || form === "bars" ? { fill: `${stroke}44` } : {}),
    ...pathsOf(form),
    points: { show: form === "points", size: 8, fill: stroke },
  };
}

function pathsOf(form: NonNullable<Series["form"]>): Pick<uPlot.Series, "paths"> {
  const { stepped, bars } = uPlot.paths;
  if (form === "step" && stepped) return { paths: stepped({ align: 1 }) };
  if (form === "bars" && bars) return { paths: bars({ size: [0.8, 40], align: 1 }) };
  if (form === "points") return { paths: () => null };
  return {};
}
