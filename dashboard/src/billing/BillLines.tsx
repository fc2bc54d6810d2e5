import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import type { explainedBillWire, explainedLineWire, periodsWire } from "#domains/billing/wireReasons.ts";
import { memberText } from "../accounts/members.ts";
import { useHasSeveralMembers } from "../accounts/useHasSeveralMembers.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { useDay } from "../app/format/useDay.ts";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { useArea } from "../metering/areas.ts";
import { type BillTime, billPath } from "./billPath.ts";
import { monthName } from "./SpanPicker.tsx";
import { lineMicro, shownAmounts } from "./shownSums.ts";
import { dateAt, type Span } from "./span.ts";

export type BillLine = z.infer<typeof explainedLineWire>;
type ExplainedBill = z.infer<typeof explainedBillWire>;
type Period = z.infer<typeof periodsWire>["periods"][number];

/** More intervals than a day has, of several metering points too; what one answer gives at most. */
const MAX_LINES = 500;
/** Ranked lines that are shown at first, and that each wish for more adds. */
const RANKED_STEP = 16;

const ORDERS = [
  { order: "latest", name: "By time, the latest first" },
  { order: "dearest", name: "By money, what cost most first" },
  { order: "earnedMost", name: "By money, what earned most first" },
] as const;
type LineOrder = (typeof ORDERS)[number]["order"];

/** Each interval with its sentence of reason: a day's lines, days that open, months of days; or the largest of all first. */
export function BillLines({ span, ...time }: BillTime & { span: Span }) {
  const [order, setOrder] = useState<LineOrder>("latest");
  return (
    <Card title="Line by line" aside={<OrderChoice order={order} onOrder={setOrder} />}>
      {order === "latest" ? <ByTime span={span} {...time} /> : <Ranked key={order} order={order} {...time} />}
    </Card>
  );
}

function OrderChoice({ order, onOrder }: { order: LineOrder; onOrder: (order: LineOrder) => void }) {
  return (
    <select
      className="line-order"
      aria-label="Order of the lines"
      value={order}
      onChange={({ target }) =>
        onOrder(ORDERS.find((each) => each.order === target.value)?.order ?? "latest")
      }
    >
      {ORDERS.map((each) => (
        <option key={each.order} value={each.order}>
          {each.name}
        </option>
      ))}
    </select>
  );
}

function ByTime({ span, ...time }: BillTime & { span: Span }) {
  if (span === "day") return <Lines {...time} />;
  return span === "year" ? <Periods of="month" {...time} /> : <Periods of="day" {...time} />;
}

/** Days or months with their sums; each opens into what it is made of. */
function Periods({ of, shownTotal, ...time }: BillTime & { of: "day" | "month"; shownTotal?: bigint }) {
  const { account, from, to } = time;
  const query = useGet<z.infer<typeof periodsWire>>(
    `/v1/participants/${account}/periods?from=${from}&to=${to}&of=${of}`,
  );
  return (
    <Loaded query={query} what="the days">
      {({ periods }) => {
        if (periods.length === 0) return <NoLine />;
        const bills = periods.map(({ marketBillMicro }) => BigInt(marketBillMicro));
        const shown = shownAmounts(bills, shownTotal);
        return (
          <div className="periods">
            {periods.map((period, i) => (
              <OnePeriod
                key={period.from}
                account={account}
                of={of}
                period={period}
                shown={shown[i] ?? BigInt(period.marketBillMicro)}
              />
            ))}
          </div>
        );
      }}
    </Loaded>
  );
}

function OnePeriod({
  account,
  of,
  period,
  shown,
}: {
  account: number;
  of: "day" | "month";
  period: Period;
  /** What is written as its sum, micro. */
  shown: bigint;
}) {
  const [isOpen, setOpen] = useState(false);
  const { timeZone, count } = useFormats();
  const day = useDay();
  const time = { account, from: period.from, to: period.to };
  return (
    <details className="period" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span>{of === "day" ? day(period.from) : monthName(dateAt(period.from, timeZone))}</span>
        <span className="quiet small">{count(period.intervals)} intervals</span>
        <span className="line-amount">
          <PaidOrEarned micro={BigInt(period.marketBillMicro)} shown={shown} />
        </span>
      </summary>
      {isOpen ? (
        of === "day" ? (
          <Lines {...time} shownTotal={shown} />
        ) : (
          <Periods of="day" {...time} shownTotal={shown} />
        )
      ) : null}
    </details>
  );
}

/** All lines of a short time. */
function Lines({ shownTotal, ...time }: BillTime & { shownTotal?: bigint }) {
  const query = useGet<ExplainedBill>(billPath(time, { limit: MAX_LINES }));
  return (
    <Loaded query={query} what="the lines">
      {({ lines }) =>
        lines.length === 0 ? (
          <NoLine />
        ) : (
          <LineList
            account={time.account}
            lines={lines}
            shown={shownAmounts(lines.map(lineMicro), lines.length < MAX_LINES ? shownTotal : undefined)}
            isDated={false}
          />
        )
      }
    </Loaded>
  );
}

/** The largest lines of a time, some more on wish. */
function Ranked({ order, ...time }: BillTime & { order: LineOrder }) {
  const [shown, setShown] = useState(RANKED_STEP);
  const limit = Math.min(shown + 1, MAX_LINES);
  const query = useGet<ExplainedBill>(billPath(time, { order, limit }), {
    question: billPath(time, { order, limit: 0 }),
  });
  return (
    <Loaded query={query} what="the lines">
      {({ lines }) => (
        <>
          {lines.length === 0 ? (
            <NoLine />
          ) : (
            <LineList account={time.account} lines={lines.slice(0, shown)} shown={[]} isDated />
          )}
          {lines.length > shown ? (
            <button type="button" className="button" onClick={() => setShown(shown + RANKED_STEP)}>
              Show more
            </button>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

function NoLine(): ReactNode {
  return <Empty>No line of this time. One is written for each interval when it is settled.</Empty>;
}

function LineList({
  account,
  lines,
  shown,
  isDated,
}: {
  account: number;
  lines: readonly BillLine[];
  /** What is written of each, micro; where it is left out, its nearest cent. */
  shown: readonly (bigint | null)[];
  /** Whether each line says its day. */
  isDated: boolean;
}) {
  const day = useDay();
  const hasSeveral = useHasSeveralMembers(account);
  return (
    <ul className="lines">
      {lines.map((line, i) => (
        <li key={`${line.areaId} ${line.intervalId} ${line.member}`} className="line">
          <LineHead
            line={line}
            day={isDated ? day(line.startsAt) : null}
            place={hasSeveral ? memberText(line) : null}
          />
          <span className="line-amount">
            <Amount line={line} shown={shown[i] ?? null} />
          </span>
          <p className="line-reason">{line.reason}</p>
        </li>
      ))}
    </ul>
  );
}

/** Which interval a line is of, and which metering point where there are several; how long its reading was waited for in vain. */
function LineHead({ line, day, place }: { line: BillLine; day: string | null; place: string | null }) {
  const formats = useFormats();
  const { areaId, intervalId, startsAt, isReadingMissing } = line;
  const area = useArea(areaId);
  const endsAt = startsAt + (area?.terms.intervalSeconds ?? 0);
  return (
    <span>
      <Link
        to="/intervals/$areaId/$intervalId"
        params={{ areaId: String(areaId), intervalId: String(intervalId) }}
      >
        {day === null ? null : `${day}, `}
        {formats.span(startsAt, endsAt)}
      </Link>
      {place === null ? null : <span className="quiet small"> {place}</span>}
      {area && isReadingMissing ? (
        <span className="quiet small">
          {" "}
          no reading came by <Time at={endsAt + area.waitingSeconds} form="withZone" />
        </span>
      ) : null}
    </span>
  );
}

function Amount({ line, shown }: { line: BillLine; shown: bigint | null }) {
  const micro = lineMicro(line);
  if (micro === null) return <span className="quiet">tariff not known</span>;
  return <PaidOrEarned micro={micro} shown={shown ?? micro} />;
}

function PaidOrEarned({ micro, shown }: { micro: bigint; shown: bigint }) {
  if (micro >= 0n) return <Money micro={micro} shown={shown} />;
  return (
    <span className="earned">
      <Money micro={-micro} shown={-shown} /> earned
    </span>
  );
}
