/** Where a source errs: what it prints, what is computed here, and why. */
type Erratum = {
  readonly id: string;
  readonly printed: string;
  readonly computed: string;
  readonly note: string;
};

/** Errata for people, below a heading. */
export function renderErrata(heading: string, errata: readonly Erratum[]): string {
  const items = errata.map(
    ({ id, printed, computed, note }) =>
      `${id}\n  printed   ${printed}\n  computed  ${computed}\n  because   ${note}`,
  );
  return [heading, ...items].join("\n");
}
