import { Suspense } from "react";
import type { Operator } from "../app/api/operator.ts";
import { useGet } from "../app/api/useGet.ts";
import type { OperatorCard } from "../app/pageDomain.ts";
import { usePageDomains } from "../app/pageDomains.tsx";
import { Loaded, Loading } from "../app/parts/States.tsx";
import { Exceptions } from "./Exceptions.tsx";
import { Health } from "./Health.tsx";

/** Exceptions and health first, also on a phone; then what each field does and costs. */
export function OperatorDesk() {
  const query = useGet<Operator>("/v1/operator");
  return (
    <Loaded query={query} what="the operator’s desk">
      {(operator) => (
        <div className="stack">
          <div className={operator.exceptions.length > 0 ? "columns columns-left columns-top" : "stack"}>
            <Exceptions operator={operator} />
            <Health checks={operator.health} />
          </div>
          <Cards place="figures" operator={operator} />
          <div className="columns columns-left columns-top">
            <Cards place="main" operator={operator} />
            <Cards place="side" operator={operator} />
          </div>
          <Cards place="rules" operator={operator} />
        </div>
      )}
    </Loaded>
  );
}

/** What the fields show at one place of the page, in their order. */
function Cards({ place, operator }: { place: OperatorCard["place"]; operator: Operator }) {
  const { domains } = usePageDomains();
  return (
    <div className="stack">
      {domains.flatMap(({ name, operatorCards = [] }) =>
        operatorCards
          .filter((card) => card.place === place)
          .map(({ component: Card }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the cards of a field never change
            <Suspense key={`${name} ${i}`} fallback={<Loading what="a part of the page" />}>
              <Card operator={operator} />
            </Suspense>
          )),
      )}
    </div>
  );
}
