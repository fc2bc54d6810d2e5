import { Link } from "@tanstack/react-router";
import type { Formats } from "../app/format/formats.ts";
import { useFormats } from "../app/format/locale.tsx";
import { type LocalDate, type LocalSpan, SPANS, type Span, startOfDate } from "./span.ts";

const NAMES: Record<Span, string> = { day: "Day", week: "Week", month: "Month", year: "Year" };

/** Chooses day, week, month or year, and goes back and forth by one of it, on the page at `to`. */
export function SpanPicker({
  range,
  today,
  to = "/me",
}: {
  range: LocalSpan;
  today: LocalDate;
  to?: "/me" | "/grid";
}) {
  const { span, endDate, previousDate } = range;
  const isNewest = endDate > today;
  return (
    <nav className="span-picker" aria-label="Time that is shown">
      <ul className="span-lengths">
        {SPANS.map((each) => (
          <li key={each}>
            <Link
              to={to}
              search={
                each === span && isNewest ? { span: each } : { span: each, at: dateWithin(range, today) }
              }
              className="button"
              aria-current={each === span ? "true" : undefined}
              resetScroll={false}
            >
              {NAMES[each]}
            </Link>
          </li>
        ))}
      </ul>
      <div className="span-moves">
        <Link to={to} search={{ span, at: previousDate }} className="button" resetScroll={false}>
          <span aria-hidden="true">‹</span>
          <span className="visually-hidden">Previous {span}</span>
        </Link>
        <strong className="span-label">
          <SpanLabel range={range} today={today} />
        </strong>
        {isNewest ? (
          <button type="button" className="button" disabled>
            <span aria-hidden="true">›</span>
            <span className="visually-hidden">Next {span}</span>
          </button>
        ) : (
          <Link to={to} search={{ span, at: endDate }} className="button" resetScroll={false}>
            <span aria-hidden="true">›</span>
            <span className="visually-hidden">Next {span}</span>
          </Link>
        )}
        {isNewest ? null : (
          <Link to={to} search={{ span }} className="button quiet" resetScroll={false}>
            Now
          </Link>
        )}
      </div>
    </nav>
  );
}

/** Another length of time shows the same time, and today where that is within. */
function dateWithin({ firstDate, endDate }: LocalSpan, today: LocalDate): LocalDate {
  return today >= firstDate && today < endDate ? today : firstDate;
}

function SpanLabel({ range, today }: { range: LocalSpan; today: LocalDate }) {
  return spanLabel(range, today, useFormats());
}

/**
 * What a time is called: Mon 12 May; Mon 12 May – Sun 18 May; May 2025; 2025. Days of another year than `today` say which.
 */
export function spanLabel(
  { span, firstDate, endDate }: LocalSpan,
  today: LocalDate,
  formats: Formats,
): string {
  const [first, now] = [firstDate, today].map((date) => startOfDate(date, formats.timeZone)) as [
    number,
    number,
  ];
  if (span === "day") return formats.day(first, now);
  if (span === "year") return firstDate.slice(0, 4);
  if (span === "month") return monthName(firstDate);
  // A day of 23 hours is still a day: a minute before the end lies within the last one.
  const last = startOfDate(endDate, formats.timeZone) - 60;
  return `${formats.day(first, now)} – ${formats.day(last, now)}`;
}

/** May 2025 */
export function monthName(date: LocalDate): string {
  return MONTH.format(Date.parse(`${date}T00:00:00Z`));
}

const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
