import type { PageDomain } from "../pageDomain.ts";

/** The answers of the API that pages keep up to date, by their names. */
export type Answers = {
  readonly all: readonly string[];
  /** Kinds of events that change something on a page. */
  readonly kinds: readonly string[];
  /** What can be another after an event of a kind. */
  readonly changedBy: (kind: string) => readonly string[];
  /** Whether the answer at an address is one of these. */
  readonly isAnswer: (path: string, names: Iterable<string>) => boolean;
};

/** The answers of all fields, with what each field says of its own and of those below it. */
export function answersOf(domains: readonly PageDomain[]): Answers {
  const addresses = new Map(domains.flatMap(({ answers = {} }) => Object.entries(answers)));
  const byAny = domains.flatMap(({ changedByAny = [] }) => changedByAny);
  const namesOf = (kind: string) => domains.flatMap(({ changedBy = {} }) => changedBy[kind] ?? []);
  const heard = new Set(domains.flatMap(({ changedBy = {} }) => Object.keys(changedBy)));
  const kinds = [...heard].filter((kind) => namesOf(kind).length > 0);
  const changed = new Map(kinds.map((kind) => [kind, [...new Set([...namesOf(kind), ...byAny])]]));
  return {
    all: [...addresses.keys()],
    kinds,
    changedBy: (kind) => changed.get(kind) ?? [],
    isAnswer: (path, names) => [...names].some((name) => addresses.get(name)?.test(path)),
  };
}
