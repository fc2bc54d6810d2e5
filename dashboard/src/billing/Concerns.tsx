import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { concernsWire } from "#platform/api/wireConcerns.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";

type Found = z.infer<typeof concernsWire>;
type Concern = Found["concerns"][number];

/** "Is something wrong?": what the owner should know, what is to be done first; nothing wrong says what was looked at. */
export function Concerns({ account }: { account: number }) {
  const query = useGet<Found>(`/v1/participants/${account}/concerns`);
  return (
    <Loaded query={query} what="whether something is wrong">
      {(found) => (
        <Card title={titleOf(found)} tone={toneOf(found)}>
          {found.concerns.length === 0 ? null : (
            <ul className="concerns">
              {found.concerns.map((concern) => (
                <li key={`${concern.kind} ${concern.since} ${concern.intervalId} ${concern.orderId}`}>
                  <OneConcern concern={concern} />
                </li>
              ))}
            </ul>
          )}
          <LookedAt found={found} />
        </Card>
      )}
    </Loaded>
  );
}

function needsOwner({ severity }: Concern): boolean {
  return severity === "act";
}

function titleOf({ concerns }: Found): string {
  const urgent = concerns.filter(needsOwner).length;
  if (urgent > 0) return urgent === 1 ? "One thing needs you" : `${urgent} things need you`;
  if (concerns.length === 0) return "Nothing is wrong";
  return concerns.length === 1
    ? "Nothing needs you; one thing to know"
    : `Nothing needs you; ${concerns.length} things to know`;
}

function toneOf({ concerns }: Found): "act" | "watch" | "good" {
  if (concerns.some(needsOwner)) return "act";
  return concerns.length > 0 ? "watch" : "good";
}

function OneConcern({ concern }: { concern: Concern }) {
  const { title, detail, whatToDo, costMicro } = concern;
  return (
    <>
      <p>
        <strong>{title}</strong>
        {costMicro === null ? null : (
          <>
            : it cost <Money micro={costMicro} />
          </>
        )}
      </p>
      <p className="small">
        {detail} <span className="quiet">{whatToDo}</span> <WhereTo concern={concern} />
      </p>
    </>
  );
}

function WhereTo({ concern: { areaId, intervalId, since } }: { concern: Concern }) {
  if (areaId === null || intervalId === null)
    return (
      <span className="quiet">
        Since <Time at={since} />.
      </span>
    );
  return (
    <Link
      to="/intervals/$areaId/$intervalId"
      params={{ areaId: String(areaId), intervalId: String(intervalId) }}
    >
      See the interval
    </Link>
  );
}

function LookedAt({ found: { from, lookedAt } }: { found: Found }) {
  const { dateTime } = useFormats();
  const parts = lookedAt.map(({ what, until }) =>
    until === null ? `${what} (none so far)` : `${what} (up to ${dateTime(until)})`,
  );
  return (
    <p className="quiet small">
      Looked at since {dateTime(from)}: {parts.join("; ")}.
    </p>
  );
}
