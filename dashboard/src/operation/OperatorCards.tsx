import { Suspense } from "react";
import type { OperatorCard } from "../app/pageDomain.ts";
import { usePageDomains } from "../app/pageDomains.tsx";
import { Loading } from "../app/parts/States.tsx";

/** What the fields show at one place of the operator's page, in their order. */
export function OperatorCards({ place }: Pick<OperatorCard, "place">) {
  const { domains } = usePageDomains();
  return (
    <div className="stack">
      {domains.flatMap(({ name, operatorCards = [] }) =>
        operatorCards
          .filter((card) => card.place === place)
          .map(({ component: Card }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the cards of a field never change
            <Suspense key={`${name} ${i}`} fallback={<Loading what="a part of the page" />}>
              <Card />
            </Suspense>
          )),
      )}
    </div>
  );
}
