import "./myEnergy.css";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import type { Participant } from "../accounts/names.ts";
import { useQueryTexts } from "../app/address.ts";
import { whenTold } from "../app/api/answer.ts";
import { useMarketClock } from "../app/api/marketClock.ts";
import type { Session, SessionState } from "../app/api/session.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { AccountCards } from "../app/parts/AccountCards.tsx";
import { Empty, Loaded, Loading, Notice } from "../app/parts/States.tsx";
import { SignInHere } from "../app/wallet/SignInHere.tsx";
import { useIdentity } from "../app/wallet/useIdentity.ts";
import { useAreas } from "../metering/areas.ts";
import { BillLines } from "./BillLines.tsx";
import { type BillTime, billPath } from "./billPath.ts";
import { Concerns } from "./Concerns.tsx";
import { Downloads } from "./Downloads.tsx";
import { EnergyChart } from "./EnergyChart.tsx";
import { EnergyFigures } from "./EnergyFigures.tsx";
import { Outlook } from "./Outlook.tsx";
import { ReconciliationCard } from "./ReconciliationCard.tsx";
import { SpanPicker } from "./SpanPicker.tsx";
import { Statement } from "./Statement.tsx";
import { sumBehind } from "./seriesSums.ts";
import { dateAt, isSpan, type LocalSpan, readDate, spanAround, startOfDate } from "./span.ts";
import { useSeries } from "./useSeries.ts";

type ExplainedBill = z.infer<typeof explainedBillWire>;

/** "What did I pay, earn, and why?" for the user who is signed in. */
export function MyEnergyPage() {
  const { state, session } = useIdentity();
  return (
    <div className="stack">
      <h1>{session?.name ? `My energy: ${session.name}` : "My energy"}</h1>
      {state === undefined ? <Loading what="who you are" /> : <Reader state={state} session={session} />}
    </div>
  );
}

function Reader({ state, session }: { state: SessionState; session: Session | null }) {
  if (session === null) return <SignInHere what="what you paid, earned, and why" />;
  if (session.account !== null)
    return <MyEnergy key={session.account} state={state} session={session} account={session.account} />;
  if (session.roles.includes("operator"))
    return (
      <Notice>
        <p>
          You are signed in as the operator, who has no meter and no bill. What needs you stands on the{" "}
          <Link to="/operator">operator’s page</Link>.
        </p>
      </Notice>
    );
  return (
    <Notice tone="watch">
      <p>
        Your address has no account in this community. The operator registers participants; after that your
        figures stand here.
      </p>
    </Notice>
  );
}

type Mine = { readonly state: SessionState; readonly session: Session; readonly account: number };

function MyEnergy(mine: Mine) {
  const clock = useMarketClock();
  return (
    <Loaded query={clock} what="the market's clock">
      {({ now }) => <MySpan {...mine} now={now} />}
    </Loaded>
  );
}

function MySpan({ now, ...mine }: Mine & { now: number }) {
  const { timeZone } = useFormats();
  const search = useQueryTexts("span", "at");
  const today = dateAt(now, timeZone);
  const date = readDate(search.at) ?? today;
  const range = spanAround(isSpan(search.span) ? search.span : "day", date);
  const { account } = mine;
  const bounds = { from: startOfDate(range.firstDate, timeZone), to: startOfDate(range.endDate, timeZone) };
  return (
    <>
      <Concerns account={account} />
      <SpanPicker range={range} today={today} />
      <Energy key={`${bounds.from} ${bounds.to}`} account={account} range={range} today={today} {...bounds}>
        <BillLines account={account} span={range.span} {...bounds} />
      </Energy>
      <div className="columns columns-left columns-top">
        <AccountCards account={account} owner={mine} during={bounds} place="main" />
        <div className="stack">
          <AccountCards account={account} owner={mine} during={bounds} place="side" />
          <Downloads account={account} range={range} today={today} {...bounds} />
        </div>
      </div>
    </>
  );
}

/** Figures, chart and statement of a time, and below them the lines of its bill. */
function Energy({
  range,
  today,
  children,
  ...bounds
}: BillTime & { range: LocalSpan; today: string; children: ReactNode }) {
  const query = useGet<ExplainedBill>(billPath(bounds, { limit: 1 }));
  const areas = useAreasOf(bounds.account);
  const series = useSeries({ ...bounds, areaId: areas.chosen, span: range.span, today });
  return (
    <Loaded query={query} what="the bill">
      {(explained) => {
        const { bill, summary, lines } = explained;
        if (bill === null && !series.isTold)
          return (
            <Loaded query={series} what="the readings">
              {() => null}
            </Loaded>
          );
        if (bill === null && whenTold(series, ({ startsAt }) => startsAt.length === 0, false))
          return (
            <Empty>
              Nothing of this time is measured or settled yet. With each settled interval come figures, a
              chart, and a line of the bill with its reason.
            </Empty>
          );
        return (
          <>
            {bill ? (
              <EnergyFigures bill={bill} behind={areas.choice ? null : whenTold(series, sumBehind, null)} />
            ) : (
              <Empty>
                Nothing of this time is settled yet. A line of the bill comes with each settlement.
              </Empty>
            )}
            <div className="columns columns-left columns-top">
              <Loaded query={series} what="the chart">
                {(loaded) => <EnergyChart series={loaded} range={range} choice={areas.choice} />}
              </Loaded>
              {bill ? <Statement bill={bill} summary={summary} /> : null}
            </div>
            <ReconciliationCard {...bounds} reconciliation={explained.reconciliation} />
            {bill && series.isTold ? (
              <Outlook
                account={bounds.account}
                range={range}
                bill={bill}
                knownUntil={(lines[0]?.startsAt ?? bounds.from) + series.body.intervalSeconds}
                today={today}
              />
            ) : null}
            {children}
          </>
        );
      }}
    </Loaded>
  );
}

/** The area that the chart is of, with a choice where the account has meters in several; the first one by default. */
function useAreasOf(account: number): { readonly chosen: number | null; readonly choice: ReactNode } {
  const [chosen, setChosen] = useState<number | null>(null);
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  const areas = whenTold(useAreas(), (told) => told.areas, []);
  const members = whenTold(participant, (told) => told.members, []);
  const metered = members.filter(({ meterId }) => meterId !== null);
  const areaIds = [...new Set(metered.map(({ areaId }) => areaId))].sort((a, b) => a - b);
  if (areaIds.length < 2) return { chosen: null, choice: null };
  const nameOf = (areaId: number) => areas.find((area) => area.areaId === areaId)?.name ?? `Area ${areaId}`;
  const choice = (
    <select
      aria-label="Area that is shown"
      value={chosen ?? areaIds[0]}
      onChange={({ target }) => setChosen(Number(target.value))}
    >
      {areaIds.map((areaId) => (
        <option key={areaId} value={areaId}>
          {nameOf(areaId)}
        </option>
      ))}
    </select>
  );
  return { chosen, choice };
}
