import { useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";
import type { z } from "zod";
import type { lookupWire } from "#platform/api/wireAudit.ts";
import { useGet } from "../app/api/useGet.ts";
import { capitalised } from "../app/format/sentences.ts";
import { usePageDomains } from "../app/pageDomains.tsx";
import { Card } from "../app/parts/Card.tsx";
import { FoundLink, foundKindOf } from "../app/parts/FoundLink.tsx";
import { SearchForm } from "../app/parts/SearchForm.tsx";
import { Empty, Loaded, Loading } from "../app/parts/States.tsx";

type Hit = z.infer<typeof lookupWire>["hits"][number];

/** Finds an order, a reading, a participant, a transaction or an interval; what was asked stays in the address. */
export function LookUp({ q }: { q: string }) {
  const navigate = useNavigate();
  const search = (text: string) => {
    const asked = text.trim();
    void navigate({ to: "/audit", search: asked === "" ? {} : { q: asked }, resetScroll: false });
    return text;
  };
  return (
    <Card title="Look something up">
      <search>
        <SearchForm
          className="lookup"
          label="A hash, an address, an account’s name or number, area/interval, or area/interval/member for a reading"
          button="Look up"
          initial={q}
          onSearch={search}
        />
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
  const found = foundKindOf(usePageDomains().domains, hit.kind);
  const kind = <span className="quiet small hit-kind">{found?.name ?? hit.kind}</span>;
  if (found && "component" in found)
    return (
      <details className="hit-opened" open={isAlone}>
        <summary>
          {kind} <strong>{capitalised(hit.title)}</strong>
        </summary>
        <Suspense fallback={<Loading what="what was found" />}>
          <found.component id={hit.id} />
        </Suspense>
      </details>
    );
  return (
    <p className="row">
      {kind}{" "}
      <FoundLink kind={hit.kind} id={hit.id}>
        {capitalised(hit.title)}
      </FoundLink>
    </p>
  );
}
