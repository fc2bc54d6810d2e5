/** A stretch of time, half-open, unix seconds. */
export type Span = { readonly startsAt: number; readonly endsAt: number };

/** A shared stretch below this is taken for an accident of one file, seconds. */
const SHORTEST_WINDOW = 86_400;

/** Starts and ends that are tried when not all files share a stretch. */
const MAX_CANDIDATES = 100;

/**
 * The stretch that a run covers: what all spans share, when that is at least a day or nothing better exists; else the
 * stretch with the most home-hours, without the spans that do not cover it.
 *
 * @param spans at least one
 */
export function commonWindow(spans: readonly Span[]): Span {
  const shared = {
    startsAt: Math.max(...spans.map(({ startsAt }) => startsAt)),
    endsAt: Math.min(...spans.map(({ endsAt }) => endsAt)),
  };
  return shared.endsAt - shared.startsAt >= SHORTEST_WINDOW ? shared : fullestWindow(spans);
}

function fullestWindow(spans: readonly Span[]): Span {
  const starts = distinct(spans.map(({ startsAt }) => startsAt));
  const ends = distinct(spans.map(({ endsAt }) => endsAt));
  let best: Span = spans[0] as Span;
  let most = 0;
  for (const startsAt of starts)
    for (const endsAt of ends) {
      const span = { startsAt, endsAt };
      const worth = (endsAt - startsAt) * spans.filter((other) => covers(other, span)).length;
      if (worth > most) {
        most = worth;
        best = span;
      }
    }
  return best;
}

/** Whether `outer` covers all of `inner`. */
export function covers(outer: Span, inner: Span): boolean {
  return outer.startsAt <= inner.startsAt && outer.endsAt >= inner.endsAt;
}

function distinct(instants: readonly number[]): readonly number[] {
  return [...new Set(instants)].sort((one, other) => one - other).slice(0, MAX_CANDIDATES);
}
