import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import type { lookupWire } from "#platform/api/wireAudit.ts";
import { useGet } from "../app/api/useGet.ts";
import { Card } from "../app/parts/Card.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { ReadingTrail } from "../metering/ReadingTrail.tsx";

type Hit = z.infer<typeof lookupWire>["hits"][number];

const KINDS: Record<Hit["kind"], string> = {
  order: "Order",
  reading: "Meter reading",
  participant: "Participant",
  transaction: "Transaction",
  interval: "Interval",
};

const MAX_QUERY_CHARACTERS = 80;

/** Finds an order, a reading, a participant, a transaction or an interval; what was asked stays in the address. */
export function LookUp({ q }: { q: string }) {
  const [text, setText] = useState(q);
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const asked = text.trim();
    void navigate({ to: "/audit", search: asked === "" ? {} : { q: asked }, resetScroll: false });
  };
  return (
    <Card title="Look something up">
      <search>
        <form className="lookup" onSubmit={submit}>
          <label className="field">
            <span>
              A hash, an address, an account’s name or number, area/interval, or area/interval/account for a
              reading
            </span>
            <input
              type="search"
              value={text}
              maxLength={MAX_QUERY_CHARACTERS}
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) => setText(target.value)}
            />
          </label>
          <button type="submit" className="button primary">
            Look up
          </button>
        </form>
      </search>
      {q === "" ? (
        <p className="quiet small">
          Each leads from its signature to its payment, with the transactions on the way.
        </p>
      ) : (
        <Hits q={q} />
      )}
    </Card>
  );
}

function Hits({ q }: { q: string }) {
  const query = useGet<z.infer<typeof lookupWire>>(`/v1/lookup?q=${encodeURIComponent(q)}`);
  return (
    <Loaded query={query} what="what was found">
      {({ hits }) =>
        hits.length === 0 ? (
          <Empty>
            Nothing here is called “{q}”. Hashes begin with 0x; an interval is written area/interval.
          </Empty>
        ) : (
          <ul className="hits" aria-label={`Found for ${q}`}>
            {hits.map((hit) => (
              <li key={`${hit.kind} ${hit.id}`} className="hit">
                <HitItem hit={hit} isAlone={hits.length === 1} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function HitItem({ hit, isAlone }: { hit: Hit; isAlone: boolean }) {
  const kind = <span className="quiet small hit-kind">{KINDS[hit.kind]}</span>;
  if (hit.kind === "reading")
    return (
      <details className="hit-reading" open={isAlone}>
        <summary>
          {kind} <strong>{asTitle(hit.title)}</strong>
        </summary>
        <ReadingTrail id={hit.id} />
      </details>
    );
  return (
    <p className="row">
      {kind} <HitLink hit={hit} />
    </p>
  );
}

function HitLink({ hit: { kind, id, title: words } }: { hit: Hit }) {
  const title = asTitle(words);
  if (kind === "order")
    return (
      <Link to="/orders/$orderId" params={{ orderId: id }}>
        {title}
      </Link>
    );
  if (kind === "transaction")
    return (
      <Link to="/transactions/$hash" params={{ hash: id }}>
        {title}
      </Link>
    );
  if (kind === "participant")
    return (
      <Link to="/participants/$account" params={{ account: id }}>
        {title}
      </Link>
    );
  const [areaId = "", intervalId = ""] = id.split("/");
  return (
    <Link to="/intervals/$areaId/$intervalId" params={{ areaId, intervalId }}>
      {title}
    </Link>
  );
}

function asTitle(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
