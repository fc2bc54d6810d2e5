import { Card } from "../app/parts/Card.tsx";
import { monthName } from "./SpanPicker.tsx";
import type { LocalDate } from "./span.ts";

const TABLES = [
  { file: "bill.csv", name: "Bill, line by line" },
  { file: "orders.csv", name: "Orders" },
  { file: "movements.csv", name: "Movements of money" },
] as const;

/** Everything to keep: the month's statement to print, and all figures as CSV. */
export function Downloads({ account, date }: { account: number; date: LocalDate }) {
  const of = `/v1/participants/${account}`;
  return (
    <Card title="To keep">
      <p>
        <a
          className="button"
          href={`${of}/statement?month=${date.slice(0, 7)}`}
          target="_blank"
          rel="noreferrer"
        >
          Statement of {monthName(date)}, to print
        </a>
      </p>
      <ul className="row">
        {TABLES.map(({ file, name }) => (
          <li key={file}>
            <a href={`${of}/${file}`} download>
              {name} (CSV)
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
