import { useState } from "react";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Empty } from "../../app/parts/States.tsx";
import type { Words } from "../../app/words.ts";
import { IntervalLink } from "../../metering/IntervalLink.tsx";
import { FactValue } from "./FactValue.tsx";
import type { Transaction } from "./TransactionFacts.tsx";

type Event = Transaction["events"][number];

/** Events that are shown before the reader asks for more, and each time. */
const SHOWN_EVENTS = 25;

/** What a transaction did, an event each, in the chain's order. */
export function EventList({ events }: { events: readonly Event[] }) {
  const [shown, setShown] = useState(SHOWN_EVENTS);
  const words = useWords();
  if (events.length === 0) return <Empty>It caused no event of the market’s contracts.</Empty>;
  return (
    <>
      <ol className="events">
        {events.slice(0, shown).map((event, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events of a transaction never move
          <li key={i} className="event">
            <h3>{words.event(event.kind)}</h3>
            <Facts facts={factsOf(event, words)} />
          </li>
        ))}
      </ol>
      {events.length > shown ? (
        <button type="button" className="button start" onClick={() => setShown(shown + SHOWN_EVENTS)}>
          Show {Math.min(SHOWN_EVENTS, events.length - shown)} more of {events.length}
        </button>
      ) : null}
    </>
  );
}

/** The facts of an event; area and interval are one fact, and what is a record gives one for each of its fields. */
function factsOf({ kind, account, facts }: Event, words: Words): Fact[] {
  const fields: Record<string, unknown> = isRecord(facts) ? { ...facts } : {};
  const { areaId, intervalId } = fields;
  const lines: Fact[] = [];
  if (typeof areaId === "number" && typeof intervalId === "number") {
    lines.push({ name: "Interval", value: <IntervalLink areaId={areaId} intervalId={intervalId} /> });
    delete fields.areaId;
    delete fields.intervalId;
  }
  const named = fields.account ?? account;
  delete fields.account;
  if (typeof named === "number") lines.push({ name: "Account", value: <AccountLink account={named} /> });
  return [...lines, ...linesOf(fields, kind, words)];
}

function linesOf(fields: Record<string, unknown>, kind: string, words: Words): Fact[] {
  return Object.entries(fields).flatMap(([name, value]): Fact[] =>
    isRecord(value)
      ? linesOf(value, kind, words)
      : [{ name: words.factName(name, kind), value: <FactValue kind={kind} name={name} value={value} /> }],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
