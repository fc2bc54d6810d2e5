import type { UseQueryResult } from "@tanstack/react-query";

/**
 * What is known of something that was asked for. Before it was told there is no body at all, not even an empty one: a page
 * can't take what it does not know for nothing, none or zero (R2.50). `error` is why it was not told, or not told anew.
 */
export type Answer<Body> = ({ readonly isTold: true; readonly body: Body } | { readonly isTold: false }) & {
  readonly error: Error | null;
  /** When it was told, milliseconds of this device's clock; 0 before. */
  readonly toldAt: number;
  readonly retry: () => void;
};

/** What a query has so far. */
export function answerOf<Body>({
  data,
  error,
  dataUpdatedAt: toldAt,
  refetch,
}: UseQueryResult<Body>): Answer<Body> {
  const rest = { error, toldAt, retry: () => void refetch() };
  return data === undefined ? { isTold: false, ...rest } : { isTold: true, body: data, ...rest };
}

/** What follows from an answer; `untold` stands for not known, never for none. */
export function whenTold<Body, Value>(
  answer: Answer<Body>,
  tell: (body: Body) => Value,
  untold: NoInfer<Value>,
): Value;
export function whenTold<Body, Value, Untold>(
  answer: Answer<Body>,
  tell: (body: Body) => Value,
  untold: Untold,
): Value | Untold;
export function whenTold<Body, Value, Untold>(
  answer: Answer<Body>,
  tell: (body: Body) => Value,
  untold: Untold,
): Value | Untold {
  return answer.isTold ? tell(answer.body) : untold;
}

/** Several answers as one, which is told when all of them are. */
export function together<Bodies extends Record<string, unknown>>(
  answers: {
    readonly [Name in keyof Bodies]: Answer<Bodies[Name]>;
  },
): Answer<Bodies> {
  const all = Object.entries<Answer<unknown>>(answers);
  const rest = {
    error: all.find(([, { error }]) => error !== null)?.[1].error ?? null,
    toldAt: Math.min(...all.map(([, { toldAt }]) => toldAt)),
    retry: () => {
      for (const [, { retry }] of all) retry();
    },
  };
  const told = all.flatMap(([name, answer]) => (answer.isTold ? [[name, answer.body] as const] : []));
  if (told.length < all.length) return { isTold: false, ...rest };
  return { isTold: true, body: Object.fromEntries(told) as Bodies, ...rest };
}
