import { Suspense } from "react";
import type { AccountCard, AccountCardProps } from "../pageDomain.ts";
import { usePageDomains } from "../pageDomains.tsx";
import { Loading } from "./States.tsx";

/** What every field shows of an account, one below the other: in the main column the markets before what they moved. */
export function AccountCards({ place, ...shown }: AccountCardProps & Pick<AccountCard, "place">) {
  const { domains } = usePageDomains();
  const ordered = place === "main" ? domains.toReversed() : domains;
  return (
    <div className="stack">
      {ordered.flatMap(({ name, accountCards = [] }) =>
        accountCards
          .filter((card) => card.place === place && (card.shownTo === "everybody" || shown.owner !== null))
          .map(({ component: Card }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the cards of a field never change
            <Suspense key={`${name} ${i}`} fallback={<Loading what="a part of the page" />}>
              <Card {...shown} />
            </Suspense>
          )),
      )}
    </div>
  );
}
