import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./Chart.css";

/** A line, step line or bars over time; `values` are null where there is nothing. */
export type Series = {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A token of tokens.css without its dashes, such as "local". */
  readonly color: string;
  readonly form?: "line" | "step" | "bars" | "points";
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
};

/**
 * A chart over time with the table of its figures behind it, for readers who can't see it. The picture follows the size
 * of the page and its colours those of the reader's light or dark.
 */
export function Chart({
  title,
  times,
  series,
  unit,
  timeZone,
  height = 220,
  formatValue,
  formatTime,
  tableRows = 96,
}: {
  title: string;
  /** Unix seconds, rising. */
  times: readonly number[];
  series: readonly Series[];
  unit: string;
  timeZone: string;
  height?: number;
  formatValue: (value: number) => string;
  formatTime: (unixSeconds: number) => string;
  /** Rows of the table behind the chart; the newest are shown. */
  tableRows?: number;
}) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    return drawChart({ element, times, series, unit, timeZone, height, formatValue });
  }, [times, series, unit, timeZone, height, formatValue]);
  return (
    <figure className="chart" aria-label={title}>
      <Legend series={series} />
      <div ref={frame} className="chart-frame" aria-hidden="true" style={{ minHeight: height }} />
      <ChartTable
        title={title}
        head={["Time", ...series.map(({ label }) => `${label} (${unit})`)]}
        rows={tableOf({ times, series, formatValue, formatTime, tableRows })}
      />
    </figure>
  );
}

/** What each colour stands for. */
function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul className="chart-legend" aria-hidden="true">
      {series.map(({ label, color, isDashed }) => (
        <li key={label}>
          <span className={`swatch${isDashed ? " dashed" : ""}`} style={{ color: `var(--${color})` }} />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** The figures of a picture as a table that opens on demand. */
export function ChartTable({
  title,
  head,
  rows,
}: {
  title: string;
  head: readonly string[];
  rows: readonly (readonly ReactNode[])[];
}) {
  return (
    <details className="chart-table">
      <summary>Show as table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="table-frame" tabIndex={0} aria-label={`${title}, as a table`}>
        <table className="data-table">
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              {head.map((name, i) => (
                <th key={name} scope="col" className={i > 0 ? "number" : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a chart have no name of their own
              <tr key={i}>
                {row.map((cell, j) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                  <td key={j} className={j > 0 ? "number" : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function tableOf({
  times,
  series,
  formatValue,
  formatTime,
  tableRows,
}: {
  times: readonly number[];
  series: readonly Series[];
  formatValue: (value: number) => string;
  formatTime: (unixSeconds: number) => string;
  tableRows: number;
}): string[][] {
  const first = Math.max(0, times.length - tableRows);
  return times
    .slice(first)
    .map((time, i) => [
      formatTime(time),
      ...series.map(({ values }) => {
        const value = values[first + i] ?? null;
        return value === null ? "–" : formatValue(value);
      }),
    ])
    .reverse();
}

/** Draws into `element` until the returned function is called. */
function drawChart({
  element,
  times,
  series,
  unit,
  timeZone,
  height,
  formatValue,
}: {
  element: HTMLElement;
  times: readonly number[];
  series: readonly Series[];
  unit: string;
  timeZone: string;
  height: number;
  formatValue: (value: number) => string;
}): () => void {
  const colors = matchMedia("(prefers-color-scheme: dark)");
  const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
  let plot: uPlot | null = null;
  const draw = () => {
    plot?.destroy();
    const options = chartOptions({ element, series, unit, timeZone, height, formatValue });
    plot = new uPlot(options, data, element);
  };
  const resize = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }));
  draw();
  resize.observe(element);
  colors.addEventListener("change", draw);
  return () => {
    colors.removeEventListener("change", draw);
    resize.disconnect();
    plot?.destroy();
  };
}

function chartOptions({
  element,
  series,
  timeZone,
  height,
  formatValue,
}: {
  element: HTMLElement;
  series: readonly Series[];
  unit: string;
  timeZone: string;
  height: number;
  formatValue: (value: number) => string;
}): uPlot.Options {
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
