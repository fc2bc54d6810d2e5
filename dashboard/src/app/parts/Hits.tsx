import { type ReactNode, Suspense } from "react";
import type { z } from "zod";
import type { lookupWire } from "#platform/api/wireAudit.ts";
import { useGet } from "../api/useGet.ts";
import { capitalised } from "../format/sentences.ts";
import { usePageDomains } from "../pageDomains.tsx";
import { FoundLink, foundKindOf } from "./FoundLink.tsx";
import { Empty, Loaded, Loading } from "./States.tsx";
import "./hits.css";

/** Something that a search found. */
export type Hit = z.infer<typeof lookupWire>["hits"][number];

/**
 * What the look-up finds for `q`, each with what kind it is; `nothing` is the sentence where it finds nothing. A kind that
 * `linkOf` has no link for leads to its own page, or opens where it is shown in the list itself.
 */
export function Hits({
  q,
  nothing,
  linkOf = () => null,
}: {
  q: string;
  nothing: string;
  linkOf?: (hit: Hit) => ReactNode;
}) {
  const query = useGet<z.infer<typeof lookupWire>>(`/v1/lookup?q=${encodeURIComponent(q)}`);
  return (
    <Loaded query={query} what="what was found">
      {({ hits }) =>
        hits.length === 0 ? (
          <Empty>{nothing}</Empty>
        ) : (
          <ul aria-label={`Found for ${q}`}>
            {hits.map((hit) => (
              <li key={`${hit.kind} ${hit.id}`} className="hit">
                <HitItem hit={hit} link={linkOf(hit)} isAlone={hits.length === 1} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function HitItem({ hit, link, isAlone }: { hit: Hit; link: ReactNode; isAlone: boolean }) {
  const found = foundKindOf(usePageDomains().domains, hit.kind);
  const kind = <span className="quiet small hit-kind">{found?.name ?? hit.kind}</span>;
  if (link === null && found && "component" in found)
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
      {link ?? (
        <FoundLink kind={hit.kind} id={hit.id}>
          {capitalised(hit.title)}
        </FoundLink>
      )}
    </p>
  );
}
