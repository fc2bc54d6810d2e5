import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { useDay } from "../../app/format/useDay.ts";
import { Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { DataTable } from "../../app/parts/DataTable.tsx";
import { Figure, Figures } from "../../app/parts/Figure.tsx";
import { Empty, Loaded, Notice } from "../../app/parts/States.tsx";
import type { SessionEarnings } from "./sessions.ts";

/** Days that are shown; the table of the CSV has all. */
const SHOWN_DAYS = 31;

/** What sessions paid, by day and month, beside what the account's own movements have of them. */
export function EarningsCard({ areaId, payee }: { areaId: number; payee: number }) {
  const query = useGet<SessionEarnings>(`/v1/areas/${areaId}/session-earnings?payee=${payee}`);
  return (
    <Card title="Earnings">
      <Loaded query={query} what="the earnings">
        {(earnings) => <Earnings earnings={earnings} />}
      </Loaded>
    </Card>
  );
}

function Earnings({ earnings }: { earnings: SessionEarnings }) {
  const formats = useFormats();
  const day = useDay();
  const { days, months, earnedMicro, bookedMicro, awaitedMicro, awaitedSessions, since } = earnings;
  const isSame = earnedMicro === bookedMicro;
  return (
    <div className="stack">
      <Figures>
        <Figure
          label="Paid"
          value={<Money micro={earnedMicro} />}
          note={`since ${formats.date(since)}`}
          meaning="money"
        />
        <Figure
          label="To come"
          value={<Money micro={awaitedMicro} />}
          note={
            awaitedSessions === 0
              ? "nothing that is charged waits"
              : `${formats.count(awaitedSessions)} charged, still disputable or not ended`
          }
          meaning="money"
        />
      </Figures>
      <Notice tone={isSame ? "good" : "act"}>
        <p data-reconciled={isSame}>
          {isSame ? (
            <>The account’s movements have the same, to the micro.</>
          ) : (
            <>
              The account’s movements have <Money micro={bookedMicro} />: they differ.
            </>
          )}
        </p>
      </Notice>
      {months.length === 0 ? (
        <Empty>No session has been paid yet.</Empty>
      ) : (
        <>
          <EarningsTable
            caption="Earnings by month"
            rows={months}
            nameOf={monthName(formats.date)}
            head="Month"
          />
          <EarningsTable caption="Earnings by day" rows={days.slice(0, SHOWN_DAYS)} nameOf={day} head="Day" />
        </>
      )}
    </div>
  );
}

/** 12 May 2025 as May 2025. */
function monthName(date: (unixSeconds: number) => string) {
  return (at: number) => date(at).replace(/^\d+ /, "");
}

function EarningsTable({
  caption,
  head,
  rows,
  nameOf,
}: {
  caption: string;
  head: string;
  rows: SessionEarnings["days"];
  nameOf: (at: number) => string;
}) {
  const formats = useFormats();
  return (
    <DataTable
      caption={caption}
      rows={rows}
      keyOf={({ from }) => from}
      columns={[
        { head, cell: ({ from }) => nameOf(from) },
        { head: "Sessions", isNumber: true, cell: ({ sessions }) => formats.count(sessions) },
        { head: "Paid", isNumber: true, cell: ({ paidMicro }) => <Money micro={paidMicro} /> },
      ]}
    />
  );
}
