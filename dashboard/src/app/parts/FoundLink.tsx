import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FoundKind, PageDomain } from "../pageDomain.ts";
import { usePageDomains } from "../pageDomains.tsx";

/** The field's way to show a hit of this kind; undefined for a kind of no field. */
export function foundKindOf(domains: readonly PageDomain[], kind: string): FoundKind | undefined {
  return domains.map(({ found }) => found?.[kind]).find((each) => each !== undefined);
}

/** Leads to the page of something that has one; words alone where it has none. */
export function FoundLink({ kind, id, children }: { kind: string; id: string; children: ReactNode }) {
  const found = foundKindOf(usePageDomains().domains, kind);
  if (!found || !("address" in found)) return children;
  return <Link {...found.address(id)}>{children}</Link>;
}
