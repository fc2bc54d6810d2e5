import type { z } from "zod";
import type { explainedBillWire, periodsWire } from "#domains/billing/wireReasons.ts";
import { MICRO_PER_CENT, roundDifference, roundParts } from "#kernel/units/roundedParts.ts";
import { whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { billPath } from "./billPath.ts";
import type { Bill } from "./EnergyFigures.tsx";
import { comparePeriods, forecastMonth, LEAST_DAYS, type MonthForecast } from "./outlook.ts";
import { monthName } from "./SpanPicker.tsx";
import { dayStarts, type LocalSpan, spanAround, startOfDate } from "./span.ts";

type Shown = {
  readonly account: number;
  readonly range: LocalSpan;
  readonly bill: Bill;
  /** End of the last interval that the bill has, unix seconds. */
  readonly knownUntil: number;
  readonly today: string;
};

/** How a time stands to the one before, and where this month's bill is going. */
export function Outlook(shown: Shown) {
  const { range, today } = shown;
  const isRunning = range.firstDate <= today && today < range.endDate;
  return (
    <Card title="Before, and to come">
      <Comparison {...shown} isRunning={isRunning} />
      {isRunning ? <Forecast account={shown.account} today={today} /> : null}
    </Card>
  );
}

function Comparison({ account, range, bill, knownUntil, isRunning }: Shown & { isRunning: boolean }) {
  const { timeZone, count } = useFormats();
  const [first, from] = [startOfDate(range.firstDate, timeZone), startOfDate(range.previousDate, timeZone)];
  const to = isRunning ? Math.min(first, from + (knownUntil - first)) : first;
  const path = billPath({ account, from, to }, { limit: 1 });
  const answer = useGet<z.infer<typeof explainedBillWire>>(from < to ? path : null, {
    question: `before ${account} ${from}`,
  });
  if (!answer.isTold) return null;
  const { bill: billBefore } = answer.body;
  const before = {
    intervals: billBefore?.intervals ?? 0,
    micro: BigInt(billBefore?.marketBillMicro ?? 0),
  };
  const now = { intervals: bill.intervals, micro: BigInt(bill.marketBillMicro) };
  const { kind, differenceMicro } = comparePeriods(now, before);
  const shown = roundDifference({ first: now.micro, second: before.micro }, MICRO_PER_CENT).difference;
  const which = `the ${range.span} before${isRunning ? ", up to the same time" : ""}`;
  if (kind === "unknown")
    return (
      <p className="quiet">
        Not to be compared with {which}: {count(before.intervals)} intervals are known of it, and{" "}
        {count(now.intervals)} of this one.
      </p>
    );
  return (
    <p>
      {kind === "same" ? "As much as" : <Money micro={differenceMicro} shown={shown < 0n ? -shown : shown} />}{" "}
      {kind === "same" ? "" : kind === "more" ? "more to pay than" : "less to pay than"} {which}, which came
      to <Came micro={before.micro} />.
    </p>
  );
}

function Forecast({ account, today }: { account: number; today: string }) {
  const { timeZone } = useFormats();
  const month = spanAround("month", today);
  const [from, to] = [startOfDate(month.firstDate, timeZone), startOfDate(today, timeZone)];
  const path = `/v1/participants/${account}/periods?from=${from}&to=${to}&of=day`;
  const answer = useGet<z.infer<typeof periodsWire>>(from === to ? null : path);
  if (from !== to && !answer.isTold) return null;
  const days = whenTold(answer, ({ periods }) => periods, []).map(({ intervals, marketBillMicro }) => ({
    intervals,
    micro: BigInt(marketBillMicro),
  }));
  const daysLeft = dayStarts({ ...month, firstDate: today }, timeZone).length;
  const name = monthName(today);
  const forecast = from === to ? null : forecastMonth(days, daysLeft);
  return forecast ? (
    <ForecastWords name={name} forecast={forecast} />
  ) : (
    <p className="quiet">
      The bill of {name} can’t be forecast yet: that takes {LEAST_DAYS} whole days of it, the market knows{" "}
      {days.length === 0 ? "none" : `${days.length}`}.
    </p>
  );
}

function ForecastWords({ name, forecast }: { name: string; forecast: MonthForecast }) {
  const { micro, soFarMicro, restMicro, meanMicro, wholeDays, daysLeft } = forecast;
  const shown = roundParts([soFarMicro, restMicro], { unit: MICRO_PER_CENT });
  const [soFar = soFarMicro, rest = restMicro] = shown.parts;
  return (
    <>
      <p>
        If it goes on like this, {name} comes to{" "}
        <strong>
          <Came micro={micro} shown={shown.total} />
        </strong>
        .
      </p>
      <p className="quiet small">
        The days before today came to <Came micro={soFarMicro} shown={soFar} />; the{" "}
        {daysLeft === 1 ? "day left, today, comes" : `${daysLeft} days left, today among them, come`} to{" "}
        <Came micro={restMicro} shown={rest} />, at the mean of the {wholeDays} whole ones, about{" "}
        <Came micro={meanMicro} /> a day. Weather and holidays are not foreseen.
      </p>
    </>
  );
}

function Came({ micro, shown = micro }: { micro: bigint; shown?: bigint }) {
  return micro < 0n ? (
    <>
      <Money micro={-micro} shown={-shown} /> earned
    </>
  ) : (
    <>
      <Money micro={micro} shown={shown} /> paid
    </>
  );
}
