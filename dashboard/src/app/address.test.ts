import { expect, it } from "vitest";
import { textsOf } from "./address.ts";

it("takes texts of these names, also one of digits alone, and nothing else", () => {
  const query = { q: 123, span: "day", at: { from: 1 }, other: "x" };
  expect(textsOf(query, ["q", "span", "at", "gone"])).toEqual({ q: "123", span: "day" });
});
