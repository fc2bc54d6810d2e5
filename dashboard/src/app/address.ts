import { useParams, useSearch } from "@tanstack/react-router";

/** Parts of the page's own address, by the names in its path; empty where it has none of the name. */
export function useAddress<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, string>> {
  const parts: Record<string, string | undefined> = useParams({ strict: false });
  return Object.fromEntries(names.map((name) => [name, parts[name] ?? ""])) as Record<Name, string>;
}

/** Texts of the address's query by their names. The router reads digits as a number; here they are a text again. */
export function useQueryTexts<Name extends string>(
  ...names: readonly Name[]
): { readonly [Key in Name]?: string } {
  const query: Record<string, unknown> = useSearch({ strict: false });
  return textsOf(query, names);
}

/** What a query has of these names as texts, and nothing else. */
export function textsOf<Name extends string>(
  query: Record<string, unknown>,
  names: readonly Name[],
): { readonly [Key in Name]?: string } {
  const texts: { [Key in Name]?: string } = {};
  for (const name of names) {
    const value = query[name];
    if (typeof value === "string" || typeof value === "number") texts[name] = String(value);
  }
  return texts;
}
