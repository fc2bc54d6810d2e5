import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Answers, answersOf } from "./api/answers.ts";
import type { PageDomain } from "./pageDomain.ts";
import { type Words, wordsOf } from "./words.ts";

/** The fields of expertise that these pages have, and what follows from them. */
type PageDomains = {
  readonly domains: readonly PageDomain[];
  readonly answers: Answers;
  readonly words: Words;
};

const PageDomainsContext = createContext<PageDomains>(gather([]));

/** Gives all pages the fields of expertise, in the order of their list. */
export function PageDomainsProvider({
  domains,
  children,
}: {
  domains: readonly PageDomain[];
  children: ReactNode;
}) {
  const gathered = useMemo(() => gather(domains), [domains]);
  return <PageDomainsContext value={gathered}>{children}</PageDomainsContext>;
}

function gather(domains: readonly PageDomain[]): PageDomains {
  return { domains, answers: answersOf(domains), words: wordsOf(domains) };
}

export function usePageDomains(): PageDomains {
  return useContext(PageDomainsContext);
}

/** The words of all fields. */
export function useWords(): Words {
  return usePageDomains().words;
}
