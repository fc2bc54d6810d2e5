import "../operator.css";
import { useState } from "react";
import type { z } from "zod";
import type { billsWire } from "#domains/billing/wire.ts";
import { useQueryTexts } from "../../app/address.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Pager } from "../../app/parts/DataTable.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { monthName } from "../../billing/SpanPicker.tsx";
import { dateAt, type LocalDate, readDate, spanAround, startOfDate } from "../../billing/span.ts";
import { FindBox } from "./FindBox.tsx";
import { ForOperator } from "./ForOperator.tsx";
import { MembersTable } from "./MembersTable.tsx";
import { MonthMoves } from "./MonthMoves.tsx";

/** More members than one looks through at once; the API gives no more. */
const MEMBERS_PER_PAGE = 499;

/** "What does each member owe for this month, and what of it is settled?" */
export function MembersPage() {
  return (
    <div className="stack">
      <header>
        <h1>Members</h1>
        <p className="quiet">What each member took, gave, owes and paid, of any month.</p>
      </header>
      <ForOperator what="the members and their bills">
        <FindBox account={null} />
        <Months />
      </ForOperator>
    </div>
  );
}

function Months() {
  const { timeZone } = useFormats();
  const { month } = useQueryTexts("month");
  const clock = useMarketClock();
  return (
    <Loaded query={clock} what="the market's clock">
      {({ now }) => {
        const today = dateAt(now, timeZone);
        const date = readDate(`${month}-01`) ?? spanAround("month", today).firstDate;
        return (
          <>
            <MonthMoves
              date={date}
              today={today}
              linkOf={(other) => ({ to: "/members", search: { month: other.slice(0, 7) } })}
            />
            <Bills key={date} date={date} />
          </>
        );
      }}
    </Loaded>
  );
}

function Bills({ date }: { date: LocalDate }) {
  const { timeZone } = useFormats();
  const [page, setPage] = useState(0);
  const { firstDate, endDate } = spanAround("month", date);
  const [from, to] = [firstDate, endDate].map((each) => startOfDate(each, timeZone));
  const paging = `limit=${MEMBERS_PER_PAGE + 1}&offset=${page * MEMBERS_PER_PAGE}`;
  const query = useGet<z.infer<typeof billsWire>>(`/v1/bills?from=${from}&to=${to}&${paging}`, {
    question: `bills ${date.slice(0, 7)}`,
  });
  const month = date.slice(0, 7);
  return (
    <Card title={`Bills of ${monthName(date)}`} aside={<AllAtOnce month={month} />}>
      <Loaded query={query} what="the bills">
        {({ bills }) =>
          bills.length === 0 ? (
            <Empty>No interval of this month is measured or settled yet.</Empty>
          ) : (
            <>
              <MembersTable bills={bills.slice(0, MEMBERS_PER_PAGE)} date={date} />
              <Pager
                label="Pages of members"
                page={page}
                hasMore={bills.length > MEMBERS_PER_PAGE}
                onPage={setPage}
              />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

/** Everything of a month at once. */
function AllAtOnce({ month }: { month: string }) {
  return (
    <span className="row small">
      <a href={`/v1/statements?month=${month}`} target="_blank" rel="noreferrer">
        All statements, to print
      </a>
      <a href={`/v1/bills.csv?month=${month}`} download>
        All bills (CSV)
      </a>
    </span>
  );
}
