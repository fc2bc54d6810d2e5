import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { explainedLineWire } from "#domains/billing/wireReasons.ts";
import { memberText } from "../accounts/members.ts";
import { useHasSeveralMembers } from "../accounts/useHasSeveralMembers.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Pager } from "../app/parts/DataTable.tsx";
import { Empty } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { useAreas } from "../metering/areas.ts";
import { dateAt } from "./span.ts";

export type BillLine = z.infer<typeof explainedLineWire>;

/** Lines of a page: four hours of quarter-hours, which a phone can still scroll past. */
export const LINES_PER_PAGE = 16;

/** Each interval with its sentence of reason, by day, the latest first. */
export function BillLines({
  account,
  lines,
  page,
  onPage,
}: {
  account: number;
  /** Of a page, and one more where another page follows. */
  lines: readonly BillLine[];
  page: number;
  onPage: (page: number) => void;
}) {
  const { timeZone } = useFormats();
  return (
    <Card title="Line by line" aside="the latest first">
      {lines.length === 0 ? (
        <Empty>No line of this time. One is written for each interval when it is settled.</Empty>
      ) : (
        daysOf(lines.slice(0, LINES_PER_PAGE), timeZone).map(({ date, lines: ofDay }) => (
          <Day key={date} account={account} lines={ofDay} />
        ))
      )}
      <Pager label="Pages of the bill" page={page} hasMore={lines.length > LINES_PER_PAGE} onPage={onPage} />
    </Card>
  );
}

function Day({ account, lines }: { account: number; lines: readonly BillLine[] }) {
  const formats = useFormats();
  const hasSeveral = useHasSeveralMembers(account);
  return (
    <section>
      <h3>{formats.day(lines[0]?.startsAt ?? 0)}</h3>
      <ul className="lines">
        {lines.map((line) => (
          <li key={`${line.areaId} ${line.intervalId} ${line.member}`} className="line">
            <LineHead line={line} place={hasSeveral ? memberText(line) : null} />
            <span className="line-amount">
              <Amount line={line} />
            </span>
            <p className="line-reason">{line.reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Which interval a line is of, and which metering point where there are several; how long its reading was waited for in vain. */
function LineHead({ line, place }: { line: BillLine; place: string | null }) {
  const formats = useFormats();
  const { data } = useAreas();
  const { areaId, intervalId, startsAt, isReadingMissing } = line;
  const area = data?.areas.find((each) => each.areaId === areaId);
  const endsAt = startsAt + (area?.terms.intervalSeconds ?? 0);
  return (
    <span>
      <Link
        to="/intervals/$areaId/$intervalId"
        params={{ areaId: String(areaId), intervalId: String(intervalId) }}
      >
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

function Amount({ line }: { line: BillLine }) {
  if (line.beyondMicro === null) return <span className="quiet">tariff not known</span>;
  const total = BigInt(line.netMicro) + BigInt(line.beyondMicro);
  if (total >= 0n) return <Money micro={total} />;
  return (
    <span className="earned">
      <Money micro={-total} /> earned
    </span>
  );
}

function daysOf(lines: readonly BillLine[], timeZone: string) {
  const days = new Map<string, BillLine[]>();
  for (const line of lines) {
    const date = dateAt(line.startsAt, timeZone);
    days.set(date, [...(days.get(date) ?? []), line]);
  }
  return [...days].map(([date, ofDay]) => ({ date, lines: ofDay }));
}
