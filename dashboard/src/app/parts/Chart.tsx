import { type ReactNode, useEffect, useRef, useState } from "react";
import { isTableOpen, rememberTable } from "./openTables.ts";
import { PointHint } from "./PointHint.tsx";
import type { Picture, Series } from "./picture.ts";
import { openPlot, type Plot } from "./plot.ts";
import "./Chart.css";

/**
 * A chart over time with the table of its figures behind it, for readers who can't see it. The picture follows the size
 * of the page and its colours those of the reader's light or dark.
 */
export function Chart({
  title,
  tableName = title,
  times,
  series,
  unit,
  timeZone,
  height = 220,
  formatValue,
  formatTime,
  tableRows = 96,
  isWhole = false,
  stepSeconds,
}: Omit<Picture, "height"> & {
  title: string;
  /** What the table has in common with those of other ranges: it stays open from one to the next. */
  tableName?: string;
  /** Of the values, at the head of their axis and of the table's columns. */
  unit: string;
  formatValue: (value: number) => string;
  height?: number;
  formatTime: (unixSeconds: number) => string;
  /** Rows of the table behind the chart; the newest are shown. */
  tableRows?: number;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    if (!frame.current) return;
    const opened = openPlot(frame.current, setPointed);
    plot.current = opened;
    return opened.close;
  }, []);
  useEffect(
    () => plot.current?.show({ times, series, timeZone, height, isWhole, stepSeconds }),
    [times, series, timeZone, height, isWhole, stepSeconds],
  );
  return (
    <figure className="chart" aria-label={title}>
      <Legend series={series} />
      <p className="chart-unit" aria-hidden="true">
        {unit}
      </p>
      <div ref={frame} className="chart-frame" aria-hidden="true" style={{ minHeight: height }} />
      <p className="chart-point" aria-hidden="true">
        {wordsAt(pointed, { times, series, formatValue, formatTime }) ?? (
          <PointHint at="the picture" rest="for figures" />
        )}
      </p>
      <ChartTable
        title={title}
        name={tableName}
        head={["Time", ...series.map(({ label }) => `${label} (${unit})`)]}
        rows={tableOf({ times, series, formatValue, formatTime, tableRows })}
      />
    </figure>
  );
}

type Words = {
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly formatValue: (value: number) => string;
  readonly formatTime: (unixSeconds: number) => string;
};

/** All that is shown at one time, nothing of a series that has none; null where the picture has no such time. */
function wordsAt(time: number | null, { times, series, formatValue, formatTime }: Words): string | null {
  const index = time === null ? -1 : times.indexOf(time);
  if (time === null || index < 0) return null;
  const values = series.flatMap(({ label, values }) => {
    const value = values[index] ?? null;
    return value === null ? [] : [`${label} ${formatValue(value)}`];
  });
  return [formatTime(time), ...values].join(" · ");
}

/** What each colour stands for. */
function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul className="chart-legend" aria-hidden="true">
      {series.map(({ label, color, ...look }) => (
        <li key={label}>
          <span className={swatchOf(look)} style={{ color: `var(--${color})` }} />
          {label}
        </li>
      ))}
    </ul>
  );
}

function swatchOf({ form, isDashed, isThin }: Pick<Series, "form" | "isDashed" | "isThin">): string {
  if (form === "points") return "swatch dot";
  return `swatch${isDashed ? " dashed" : ""}${isThin ? " thin" : ""}`;
}

/** The figures of a picture as a table that opens on demand. */
export function ChartTable({
  title,
  name = title,
  head,
  rows,
}: {
  title: string;
  /** As of {@link Chart}. */
  name?: string;
  head: readonly string[];
  rows: readonly (readonly ReactNode[])[];
}) {
  // Only as it begins: from then on the browser opens and closes it.
  const [isOpen] = useState(() => isTableOpen(name));
  return (
    <details
      className="chart-table"
      open={isOpen}
      onToggle={({ currentTarget }) => rememberTable(name, { isOpen: currentTarget.open })}
    >
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
}: Words & { tableRows: number }): string[][] {
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
