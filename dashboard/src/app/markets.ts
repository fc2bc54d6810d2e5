import { whenTold } from "./api/answer.ts";
import { useSessionState } from "./api/session.ts";
import { usePageDomains } from "./pageDomains.tsx";

/** A market's contract: what it is called, and where it is. */
export type Market = { readonly title: string; readonly address: string };

/** The markets of this community, in the order of the fields; none until the server has said which chain this is. */
export function useMarkets(): readonly Market[] {
  const { domains, words } = usePageDomains();
  const contracts = whenTold(useSessionState(), ({ chain }) => chain.contracts, {});
  return domains.flatMap(({ market }) => {
    const address = market === undefined ? undefined : contracts[market];
    return market === undefined || address === undefined ? [] : [{ title: words.contract(market), address }];
  });
}
