import { expect, it } from "vitest";
import { type Answer, answerOf, together, whenTold } from "./answer.ts";

type Body = { readonly orders: readonly string[] };

function asked(body: Body | undefined, error: Error | null = null): Answer<Body> {
  const query = { data: body, error, dataUpdatedAt: body ? 5 : 0, refetch: () => undefined };
  return answerOf(query as unknown as Parameters<typeof answerOf<Body>>[0]);
}

it("has no body before it was told, so that nothing can be taken for empty", () => {
  const answer = asked(undefined);
  expect("body" in answer).toBe(false);
  // @ts-expect-error a page can't look into an answer without having asked whether it was told
  expect(answer.body).toBeUndefined();
  // @ts-expect-error nor fall back to an empty list
  expect(answer.body?.orders ?? []).toEqual([]);
  expect(whenTold(answer, ({ orders }) => orders.length, "…")).toBe("…");
});

it("tells an empty list from one that is not known", () => {
  expect(whenTold(asked({ orders: [] }), ({ orders }) => orders.length, null)).toBe(0);
  expect(whenTold(asked(undefined), ({ orders }) => orders.length, null)).toBeNull();
});

it("keeps what was told when it can’t be told anew", () => {
  const gone = new Error("the server does not answer");
  expect(asked({ orders: ["a"] }, gone)).toMatchObject({ isTold: true, error: gone, toldAt: 5 });
});

it("tells several answers together when all of them are there, and why not", () => {
  const [one, none] = [asked({ orders: ["a"] }), asked({ orders: [] })];
  expect(together({ one, none })).toMatchObject({
    isTold: true,
    body: { one: { orders: ["a"] }, none: { orders: [] } },
  });
  const refused = new Error("refused");
  const partly = together({ one, none: asked(undefined, refused) });
  expect(partly).toMatchObject({ isTold: false, error: refused });
  expect("body" in partly).toBe(false);
});
