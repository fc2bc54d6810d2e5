import { type ReactNode, useMemo, useState } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Chart } from "../app/parts/Chart.tsx";
import type { Series } from "../app/parts/picture.ts";
import { RangePicker } from "../app/parts/RangePicker.tsx";
import { lastOf, RANGES, type Range } from "../app/parts/ranges.ts";
import { Empty } from "../app/parts/States.tsx";
import {
  byDay,
  byInterval,
  type ChartColumns,
  type EnergySeries,
  isSubMetered,
  lastPart,
} from "./seriesSums.ts";
import { dayStarts, type LocalSpan, type Span } from "./span.ts";

/** Rows of the table behind a chart: a day's quarter-hours, and two months of days. */
const TABLE_ROWS = 100;
const MAX_DOTS = 62;
const ENERGY_DECIMALS = 2;
const MONEY_DECIMALS = 2;
const FINE_DECIMALS = 3;
const SMALL_MONEY = 0.05;

/** Consumption and generation together, and what they cost beside the tariff alone (R6.10). */
export function EnergyChart({
  series,
  range,
  choice,
}: {
  series: EnergySeries;
  range: LocalSpan;
  /** Of the area, where there are several. */
  choice: ReactNode;
}) {
  const formats = useFormats();
  const isLong = range.span === "month" || range.span === "year";
  const [isDetailed, setDetailed] = useState(false);
  const ranges = rangesUpTo(range.span);
  const whole = ranges.at(-1) ?? RANGES[0];
  const [part, setPart] = useState<Range>(whole);
  const isPart = part.name !== whole.name;
  const isDaily = isLong && !isDetailed && !isPart;
  const columns = useMemo(
    () =>
      isDaily
        ? byDay(series, dayStarts(range, formats.timeZone))
        : byInterval(isPart ? lastPart(series, part.seconds) : series),
    [series, range, isDaily, isPart, part, formats.timeZone],
  );
  const aside =
    choice || (isLong && !isPart) ? (
      <>
        {choice}
        {isLong && !isPart ? <EveryInterval isDetailed={isDetailed} onChange={setDetailed} /> : null}
      </>
    ) : null;
  const title = isSubMetered(series) ? "Used and generated" : "In and out through the meter";
  return (
    <Card title={`${title}, by ${isDaily ? "day" : stepName(series.intervalSeconds)}`} aside={aside}>
      {series.startsAt.length === 0 ? (
        <Empty>No reading of this time yet. The first comes when an interval is over.</Empty>
      ) : (
        <>
          <RangePicker of="energy and cost" range={part} ranges={ranges} onChange={setPart} />
          {isPart ? <p className="quiet small">The {lastOf(part)} that were measured of this time.</p> : null}
          <Charts
            columns={columns}
            isDaily={isDaily}
            each={isDaily ? "a day" : eachStep(series.intervalSeconds)}
            names={namesOf(series)}
          />
        </>
      )}
    </Card>
  );
}

const NAMES: Readonly<Record<Span, string>> = { day: "Day", week: "Week", month: "Month", year: "Year" };

/** The parts of a time that can be looked at closely, and the time itself as the last. */
function rangesUpTo(span: Span): readonly Range[] {
  return RANGES.slice(0, RANGES.findIndex(({ name }) => name === NAMES[span]) + 1);
}

function EveryInterval({
  isDetailed,
  onChange,
}: {
  isDetailed: boolean;
  onChange: (isDetailed: boolean) => void;
}) {
  return (
    <label className="row">
      <input type="checkbox" checked={isDetailed} onChange={() => onChange(!isDetailed)} />
      every interval
    </label>
  );
}

type Names = { readonly used: string; readonly made: string };

function namesOf(series: EnergySeries): Names {
  return isSubMetered(series) ? { used: "Used", made: "Generated" } : { used: "Imported", made: "Exported" };
}

function Charts({
  columns,
  isDaily,
  each,
  names,
}: {
  columns: ChartColumns;
  isDaily: boolean;
  each: string;
  names: Names;
}) {
  const formats = useFormats();
  const energy = useMemo(() => energySeries(columns, isDaily, names), [columns, isDaily, names]);
  const cost = useMemo(() => costSeries(columns, isDaily), [columns, isDaily]);
  const money = useMemo(() => moneyText(formats.currency, columns), [formats.currency, columns]);
  const shared = {
    times: columns.times,
    timeZone: formats.timeZone,
    formatTime: isDaily ? formats.date : formats.dateTime,
    tableRows: TABLE_ROWS,
  };
  return (
    <>
      <Chart {...shared} title="Energy" unit={`kWh ${each}`} series={energy} formatValue={energyText} />
      <Chart
        {...shared}
        title="Cost"
        unit={`${formats.currency} ${each}`}
        series={cost}
        formatValue={money}
        height={140}
      />
    </>
  );
}

function energySeries({ times, used, made }: ChartColumns, isDaily: boolean, names: Names): Series[] {
  const form = isDaily ? "bars" : "step";
  return [
    { label: names.made, values: made, color: "sun", form, isFilled: true },
    { label: names.used, values: used, color: "home", form: lineForm(times, isDaily) },
  ];
}

function costSeries({ times, cost, tariff }: ChartColumns, isDaily: boolean): Series[] {
  const form = isDaily ? "bars" : "step";
  return [
    { label: "Cost with the market", values: cost, color: "money", form, isFilled: true },
    {
      label: "By the tariff alone",
      values: tariff,
      color: "grid",
      form: lineForm(times, isDaily),
      isDashed: lineForm(times, isDaily) === "step",
    },
  ];
}

/** Dots tell days apart from their bars, as long as there are few. */
function lineForm({ length }: ChartColumns["times"], isDaily: boolean): "points" | "step" {
  return isDaily && length <= MAX_DOTS ? "points" : "step";
}

function energyText(kwh: number): string {
  return kwh.toFixed(ENERGY_DECIMALS);
}

/** Cents, or tenths of a thousandth where all of it is a matter of cents. */
function moneyText(currency: string, { cost, tariff }: ChartColumns) {
  const isSmall = [...cost, ...tariff].every((value) => Math.abs(value ?? 0) < SMALL_MONEY);
  const digits = isSmall ? FINE_DECIMALS : MONEY_DECIMALS;
  const fractions = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency, ...fractions });
  return (value: number) => format.format(value);
}

/** As in "kWh an hour". */
function eachStep(intervalSeconds: number): string {
  const name = stepName(intervalSeconds);
  return name === "hour" ? "an hour" : `${intervalSeconds === 900 ? "a" : "in"} ${name}`;
}

function stepName(intervalSeconds: number): string {
  if (intervalSeconds === 900) return "quarter of an hour";
  if (intervalSeconds === 3_600) return "hour";
  return `${Math.round(intervalSeconds / 60)} minutes`;
}
