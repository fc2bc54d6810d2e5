import "../../billing/myEnergy.css";
import "../operator.css";
import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import { Movements } from "../../accounts/Movements.tsx";
import { useNames } from "../../accounts/names.ts";
import { useAddress, useQueryTexts } from "../../app/address.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { useDay } from "../../app/format/useDay.ts";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { BillLines } from "../../billing/BillLines.tsx";
import { type BillTime, billPath } from "../../billing/billPath.ts";
import { EnergyFigures } from "../../billing/EnergyFigures.tsx";
import { ReconciliationCard } from "../../billing/ReconciliationCard.tsx";
import { monthName } from "../../billing/SpanPicker.tsx";
import { Statement } from "../../billing/Statement.tsx";
import { dateAt, type LocalSpan, readDate, spanAround, startOfDate } from "../../billing/span.ts";
import { FindBox } from "./FindBox.tsx";
import { ForOperator } from "./ForOperator.tsx";
import { IntervalAsked } from "./IntervalAsked.tsx";
import { MonthMoves } from "./MonthMoves.tsx";

type ExplainedBill = z.infer<typeof explainedBillWire>;

/** A member's bill, lines, statement and account as the member sees them, for who has to answer a caller. */
export function MemberPage() {
  const { account } = useAddress("account");
  const nameOf = useNames();
  return (
    <div className="stack">
      <header>
        <p className="small">
          <Link to="/members">All members</Link>
        </p>
        <h1>{nameOf(Number(account))}</h1>
        <p className="quiet">
          As the member sees it. What the chain knows of the account stands on{" "}
          <Link to="/participants/$account" params={{ account }}>
            its page
          </Link>
          .
        </p>
      </header>
      <ForOperator what="a member’s bill">
        <FindBox key={account} account={account} />
        <MemberSpan key={`bill ${account}`} account={Number(account)} />
      </ForOperator>
    </div>
  );
}

function MemberSpan({ account }: { account: number }) {
  const { timeZone } = useFormats();
  const search = useQueryTexts("span", "at", "time");
  const clock = useMarketClock();
  return (
    <Loaded query={clock} what="the market's clock">
      {({ now }) => {
        const today = dateAt(now, timeZone);
        const date = readDate(search.at) ?? today;
        const range = spanAround(search.span === "day" ? "day" : "month", date);
        const from = startOfDate(range.firstDate, timeZone);
        const to = startOfDate(range.endDate, timeZone);
        const time = search.time === undefined ? null : Number(search.time);
        return (
          <>
            <MonthMoves
              date={date}
              today={today}
              linkOf={(at) => ({
                to: "/members/$account",
                params: { account: String(account) },
                search: { span: "month", at },
              })}
            />
            {time !== null && Number.isSafeInteger(time) ? (
              <IntervalAsked account={account} at={time} />
            ) : null}
            <MemberBill key={`${from} ${to}`} range={range} account={account} from={from} to={to} />
          </>
        );
      }}
    </Loaded>
  );
}

function MemberBill({ range, ...bounds }: BillTime & { range: LocalSpan }) {
  const { account } = bounds;
  const query = useGet<ExplainedBill>(billPath(bounds, { limit: 1 }));
  return (
    <>
      <Files range={range} {...bounds} />
      <Loaded query={query} what="the bill">
        {({ bill, summary, reconciliation }) => (
          <>
            {bill ? (
              <EnergyFigures bill={bill} behind={null} />
            ) : (
              <Empty>Nothing of this time is measured or settled yet.</Empty>
            )}
            <div className="columns columns-left columns-top">
              <ReconciliationCard {...bounds} reconciliation={reconciliation} />
              {bill ? <Statement bill={bill} summary={summary} /> : null}
            </div>
            <BillLines span={range.span} {...bounds} />
          </>
        )}
      </Loaded>
      <Movements account={account} owner={null} during={bounds} />
    </>
  );
}

const TABLES = ["bill", "orders", "movements", "reconciliation"] as const;

/** The statement of the month, and the chosen time as tables. */
function Files({ range, account, from, to }: BillTime & { range: LocalSpan }) {
  const day = useDay();
  const of = `/v1/participants/${account}`;
  const month = range.firstDate.slice(0, 7);
  return (
    <p className="row">
      {range.span === "day" ? <strong>{day(from)}</strong> : null}
      <a className="button" href={`${of}/statement?month=${month}`} target="_blank" rel="noreferrer">
        Statement of {monthName(range.firstDate)}
      </a>
      {TABLES.map((name) => (
        <a key={name} className="small" href={`${of}/${name}.csv?from=${from}&to=${to}`} download>
          {name} (CSV)
        </a>
      ))}
    </p>
  );
}
