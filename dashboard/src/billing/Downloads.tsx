import { duringPath } from "../app/during.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Card } from "../app/parts/Card.tsx";
import { monthName, spanLabel } from "./SpanPicker.tsx";
import { type LocalDate, type LocalSpan, monthsOf } from "./span.ts";

const TABLES = [
  { file: "bill.csv", name: "Bill, line by line" },
  { file: "orders.csv", name: "Orders" },
  { file: "movements.csv", name: "Movements of money" },
] as const;

/** Everything to keep: the months' statements to print, and all figures of the time as CSV. */
export function Downloads({
  account,
  range,
  today,
  ...during
}: {
  account: number;
  range: LocalSpan;
  today: LocalDate;
  from: number;
  to: number;
}) {
  const formats = useFormats();
  const of = `/v1/participants/${account}`;
  return (
    <Card title="To keep">
      <ul className="row">
        {monthsOf(range)
          .filter((month) => month <= today)
          .map((month) => (
            <li key={month}>
              <a
                className="button"
                href={`${of}/statement?month=${month.slice(0, 7)}`}
                target="_blank"
                rel="noreferrer"
              >
                Statement of {monthName(month)}, to print
              </a>
            </li>
          ))}
      </ul>
      <p className="quiet small">Of {spanLabel(range, today, formats)}:</p>
      <ul className="row">
        {TABLES.map(({ file, name }) => (
          <li key={file}>
            <a href={duringPath(`${of}/${file}`, during)} download>
              {name} (CSV)
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
