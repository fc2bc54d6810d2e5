import { useState } from "react";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { useSessionState } from "../../app/api/session.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import type { Column } from "../../app/parts/DataTable.tsx";
import { PagedTable } from "../../app/parts/PagedTable.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { useQuotaAreas } from "../quotas.ts";
import { EarningsCard } from "./EarningsCard.tsx";
import { InvoiceLines } from "./InvoiceLines.tsx";
import type { RecordedSession, SessionRecords } from "./sessions.ts";
import { meanwhileWords, stageWords } from "./sessionWords.ts";

const SHOWN_SESSIONS = 25;

/** Which sessions are paid to me, how far is each, and what came of them? */
export function SessionsPage() {
  const session = useSessionState();
  return (
    <div className="stack">
      <header>
        <h1>Charging sessions</h1>
        <p className="quiet">What drivers charged at your stations, what each cost, and what was paid.</p>
      </header>
      <Loaded query={session} what="who you are">
        {({ session: known }) =>
          known?.account == null ? (
            <Empty>Sign in with the key of the account that the stations’ sessions are paid to.</Empty>
          ) : (
            <SessionsOf account={known.account} />
          )
        }
      </Loaded>
    </div>
  );
}

function SessionsOf({ account }: { account: number }) {
  const areas = useQuotaAreas();
  return (
    <Loaded query={areas} what="the areas of charging stations">
      {({ areas: known }) =>
        known.length === 0 ? (
          <Empty>No area here has charging stations.</Empty>
        ) : (
          known.map(({ areaId }) => <AreaSessions key={areaId} areaId={areaId} payee={account} />)
        )
      }
    </Loaded>
  );
}

function AreaSessions({ areaId, payee }: { areaId: number; payee: number }) {
  const [station, setStation] = useState("");
  const [chosen, setChosen] = useState<RecordedSession | null>(null);
  const path = `/v1/areas/${areaId}/session-records?payee=${payee}`;
  const shown = station === "" ? path : `${path}&station=${encodeURIComponent(station)}`;
  return (
    <>
      <EarningsCard areaId={areaId} payee={payee} />
      <Card
        title="Sessions, the newest first"
        aside={
          <a href={`/v1/areas/${areaId}/session-records.csv?payee=${payee}`} download>
            CSV
          </a>
        }
      >
        <StationFilter path={path} station={station} onStation={setStation} />
        <PagedTable<SessionRecords, RecordedSession>
          key={shown}
          path={shown}
          rowsOf={({ sessions }) => sessions}
          rowsPerPage={SHOWN_SESSIONS}
          columns={columnsOf(setChosen)}
          keyOf={({ id }) => id}
          caption="Charging sessions"
          what="the sessions"
          empty={
            <Empty>
              {station === ""
                ? "No session has been held for yet that is paid to this account."
                : `No session at ${station}.`}
            </Empty>
          }
        />
      </Card>
      {chosen?.record?.invoice ? <Chosen areaId={areaId} session={chosen} /> : null}
    </>
  );
}

function StationFilter({
  path,
  station,
  onStation,
}: {
  path: string;
  station: string;
  onStation: (station: string) => void;
}) {
  const query = useGet<SessionRecords>(`${path}&limit=1`);
  return (
    <Loaded query={query} what="the stations">
      {({ stations }) =>
        stations.length < 2 ? null : (
          <label className="field">
            <span>Station</span>
            <select value={station} onChange={({ target }) => onStation(target.value)}>
              <option value="">all</option>
              {stations.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        )
      }
    </Loaded>
  );
}

function Chosen({ areaId, session: { id, record } }: { areaId: number; session: RecordedSession }) {
  if (!record?.invoice) return null;
  return (
    <Card
      title={`Invoice of the session at ${record.stationId}`}
      aside={
        <a href={`/v1/areas/${areaId}/sessions/${id}/cdr`} download={`${id}.cdr.json`}>
          Charge detail record (OCPI)
        </a>
      }
    >
      <InvoiceLines invoice={record.invoice} />
    </Card>
  );
}

function columnsOf(onChoose: (session: RecordedSession) => void): readonly Column<RecordedSession>[] {
  return [
    {
      head: "Held, station",
      cell: ({ heldAt, record }) => (
        <>
          <Time at={heldAt} />
          <br />
          <span className="quiet small">{record?.stationId ?? "station not known here"}</span>
        </>
      ),
    },
    { head: "Driver", isExtra: true, cell: ({ driver }) => <AccountLink account={driver} /> },
    { head: "Stage", cell: (session) => <Stage session={session} /> },
    {
      head: "Energy",
      isNumber: true,
      isExtra: true,
      cell: ({ record }) => {
        const wh = record?.invoice?.energyWh ?? record?.running?.energyWh ?? null;
        return wh === null ? "–" : <Energy wh={wh} />;
      },
    },
    {
      head: "Charged",
      isNumber: true,
      cell: ({ amountMicro }) => (amountMicro === null ? "–" : <Money micro={amountMicro} />),
    },
    {
      head: "Paid",
      isNumber: true,
      isExtra: true,
      cell: ({ paidMicro }) => (paidMicro === null ? "–" : <Money micro={paidMicro} />),
    },
    {
      head: "Invoice",
      cell: (session) =>
        session.record?.invoice ? (
          <button type="button" className="button" onClick={() => onChoose(session)}>
            Show
          </button>
        ) : (
          "–"
        ),
    },
  ];
}

function Stage({ session }: { session: RecordedSession }) {
  const formats = useFormats();
  const meanwhile = meanwhileWords(session, formats);
  return (
    <>
      {stageWords(session, formats)}
      {meanwhile === null ? null : <span className="quiet small"> ({meanwhile})</span>}
    </>
  );
}
