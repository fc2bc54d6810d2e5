import { type ReactNode, useState } from "react";
import { AccountLink } from "../accounts/AccountLink.tsx";
import type { Operator } from "../app/api/operator.ts";
import { asSentence } from "../app/format/sentences.ts";
import { Card } from "../app/parts/Card.tsx";
import { FoundLink } from "../app/parts/FoundLink.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { HashedText } from "../app/parts/HashedText.tsx";
import { Icon } from "../app/parts/Icon.tsx";
import { Time } from "../app/parts/Time.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";
import { OperatorCards } from "./OperatorCards.tsx";

type Exception = Operator["exceptions"][number];

/** Exceptions that are shown before the reader asks for all; on a phone the health of the parts comes below them. */
const FIRST_TO_ACT = 6;
const FIRST_TO_WATCH = 3;

/** What needs a person, the urgent first; or that nothing does. */
export function Exceptions({ operator }: { operator: Operator }) {
  const act = operator.exceptions.filter(({ severity }) => severity === "act");
  const watch = operator.exceptions.filter(({ severity }) => severity === "watch");
  return (
    <div className="stack">
      {act.length > 0 ? (
        <Card title="Needs you now" tone="act" aside={countText(act.length)}>
          <ExceptionList exceptions={act} firstShown={FIRST_TO_ACT} />
        </Card>
      ) : (
        <Calm health={operator.health} hasWatch={watch.length > 0} />
      )}
      {watch.length > 0 ? (
        <Card title="Keep an eye on" tone="watch" aside={countText(watch.length)}>
          <ExceptionList exceptions={watch} firstShown={FIRST_TO_WATCH} />
        </Card>
      ) : null}
    </div>
  );
}

function countText(count: number): string {
  return count === 1 ? "1 thing" : `${count} things`;
}

/** Nothing needs a person: says so, and by which figures. */
function Calm({ health, hasWatch }: Pick<Operator, "health"> & { hasWatch: boolean }) {
  return (
    <section className="calm" aria-labelledby="calm-head">
      <Icon name="audit" size={44} />
      <div className="stack calm-text">
        <h2 id="calm-head">{hasWatch ? "Nothing needs you now" : "Nothing needs you"}</h2>
        <p>All {health.length} parts work.</p>
        <OperatorCards place="calm" />
      </div>
    </section>
  );
}

function ExceptionList({ exceptions, firstShown }: { exceptions: readonly Exception[]; firstShown: number }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? exceptions : exceptions.slice(0, firstShown);
  return (
    <>
      <ul className="exceptions">
        {shown.map((exception, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two exceptions may be alike in all that they say
          <ExceptionItem key={i} exception={exception} />
        ))}
      </ul>
      {exceptions.length > firstShown ? (
        <button type="button" className="button start" onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${exceptions.length}`}
        </button>
      ) : null}
    </>
  );
}

function ExceptionItem({ exception }: { exception: Exception }) {
  const { title, detail, whatToDo, at, subject } = exception;
  const links = linksOf(subject);
  return (
    <li className="exception">
      <div className="row spread">
        <h3>{title}</h3>
        <span className="quiet small">
          <Time at={at} form="withZone" />
        </span>
      </div>
      <p>
        <HashedText>{asSentence(detail)}</HashedText>
      </p>
      <p className="to-do">
        <strong>What to do: </strong>
        {whatToDo}
      </p>
      {links.length > 0 ? <p className="row small">{links}</p> : null}
    </li>
  );
}

/** Where an exception leads. */
function linksOf({
  areaId,
  intervalId,
  account,
  orderId,
  transactionHash,
}: Exception["subject"]): ReactNode[] {
  const links: ReactNode[] = [];
  if (areaId !== null && intervalId !== null)
    links.push(<IntervalLink key="interval" areaId={areaId} intervalId={intervalId} />);
  if (orderId !== null)
    links.push(
      <FoundLink key="order" kind="order" id={orderId}>
        the order
      </FoundLink>,
    );
  if (account !== null) links.push(<AccountLink key="account" account={account} />);
  if (transactionHash !== null)
    links.push(
      <span key="transaction">
        transaction <Hash value={transactionHash} to="transaction" />
      </span>,
    );
  return links;
}
