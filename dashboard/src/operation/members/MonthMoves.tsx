import { Link, type LinkProps } from "@tanstack/react-router";
import { monthName } from "../../billing/SpanPicker.tsx";
import { type LocalDate, spanAround } from "../../billing/span.ts";

/** The month before, its name, the month after; none after the current one. */
export function MonthMoves({
  date,
  today,
  linkOf,
}: {
  date: LocalDate;
  today: LocalDate;
  /** Where the page is of another month. */
  linkOf: (date: LocalDate) => LinkProps;
}) {
  const { previousDate, endDate, firstDate } = spanAround("month", date);
  return (
    <nav className="row" aria-label="Month that is shown">
      <Link {...linkOf(previousDate)} className="button">
        <span aria-hidden="true">‹</span>
        <span className="visually-hidden">Previous month</span>
      </Link>
      <strong>{monthName(firstDate)}</strong>
      {endDate > today ? (
        <button type="button" className="button" disabled>
          <span aria-hidden="true">›</span>
          <span className="visually-hidden">Next month</span>
        </button>
      ) : (
        <Link {...linkOf(endDate)} className="button">
          <span aria-hidden="true">›</span>
          <span className="visually-hidden">Next month</span>
        </Link>
      )}
    </nav>
  );
}
