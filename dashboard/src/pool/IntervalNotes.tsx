import type { ReactNode } from "react";
import { waitedUntil } from "#domains/pool/rules/settlementTiming.ts";
import { whenTold } from "../app/api/answer.ts";
import { useMarketClock } from "../app/api/marketClock.ts";
import { Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { type Area, usePoolAreas } from "./areas.ts";
import type { Interval } from "./interval.ts";

/** What an interval has out of the ordinary: clearings that were given up, no supplier, readings that are late or never came. */
export function IntervalNotes({ interval }: { interval: Interval }) {
  const clock = useMarketClock();
  const area = whenTold(
    usePoolAreas(),
    ({ areas }) => areas.find(({ areaId }) => areaId === interval.areaId),
    undefined,
  );
  return (
    <>
      <NotFinal interval={interval} />
      <Attempts interval={interval} />
      {interval.isSupplied === false ? (
        <Notice tone="watch">
          <p>No supplier stood for this interval: what was bought and not used earns nothing.</p>
        </Notice>
      ) : null}
      <GivenBack interval={interval} />
      {area && clock.isTold ? <Waiting interval={interval} area={area} now={clock.body.now} /> : null}
    </>
  );
}

/** On a chain that can be reorganised. */
function NotFinal({ interval: { isFinal } }: { interval: Interval }): ReactNode {
  if (isFinal) return null;
  return (
    <Notice>
      <p>
        Not final yet: the chain may still replace the newest blocks that tell of this interval. Nothing is
        paid before they are final.
      </p>
    </Notice>
  );
}

function Attempts({ interval: { attempt, status } }: { interval: Interval }): ReactNode {
  if (attempt === 0) return null;
  const before = attempt === 1 ? "One clearing was" : `${attempt} clearings were`;
  const next = status === "collecting" ? "" : " What stands here is of the one after.";
  return (
    <Notice>
      <p>
        {before} given up before delivery, and what was reserved went back.{next}
      </p>
    </Notice>
  );
}

function GivenBack({ interval: { status } }: { interval: Interval }): ReactNode {
  if (status !== "returning" && status !== "returned") return null;
  return (
    <Notice tone="watch">
      <p>
        The readings of this interval did not come in time: what was reserved{" "}
        {status === "returned" ? "went back" : "goes back"}, and no trade counts.
      </p>
    </Notice>
  );
}

/** Delivery is over, and not all readings are there. */
function Waiting({
  interval: { intervalId, endsAt, status },
  area: { terms, waitingSeconds },
  now,
}: {
  interval: Interval;
  area: Area;
  now: number;
}): ReactNode {
  const isOpen = status === "cleared" || status === "settling";
  if (!isOpen || now < endsAt) return null;
  const until = waitedUntil(intervalId, { intervalSeconds: terms.intervalSeconds, waitingSeconds });
  if (now >= until)
    return (
      <p className="small">
        Readings were waited for until <Time at={until} form="withZone" />. A member without one counts as
        zero.
      </p>
    );
  return (
    <p className="small">
      Readings are waited for until <Time at={until} form="withZone" />. A member without one counts as zero
      then.
    </p>
  );
}
