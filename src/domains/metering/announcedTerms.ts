/** Versions of a market's terms as its contract has them: the one in force, 0 for none, and the next one, 0 for none. */
export type TermsSource<Terms> = {
  schedule(): Promise<{ readonly version: number; readonly nextVersion: number; readonly nextFrom: number }>;
  termsOf(version: number): Promise<Terms>;
};

/** Which terms an area's market goes by; a later version takes effect with a week's notice. */
export type AnnouncedTerms<Terms> = {
  /** The terms of an interval or a period, as far as they are announced. */
  of(id: number): Terms;
  /** Looks for announced versions; within their notice is early enough. */
  refresh(): Promise<void>;
};

/** Opens the terms of an area's market; null when none were announced. */
export async function openAnnouncedTerms<Terms>(
  source: TermsSource<Terms>,
): Promise<AnnouncedTerms<Terms> | null> {
  const read = async () => {
    const { version, nextVersion, nextFrom } = await source.schedule();
    if (version === 0) return null;
    const terms = await source.termsOf(version);
    const next = nextVersion === 0 ? null : { from: nextFrom, terms: await source.termsOf(nextVersion) };
    return { terms, next };
  };
  const first = await read();
  if (first === null) return null;
  let known = first;
  return {
    of: (id) => (known.next && id >= known.next.from ? known.next.terms : known.terms),
    async refresh() {
      known = (await read()) ?? known;
    },
  };
}
