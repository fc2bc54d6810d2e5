import { expect, it } from "vitest";
import { assert, ImpossibleStateError, present } from "./assert.ts";
import { DomainError } from "./domainError.ts";

it("assert lets the possible pass and names the impossible", () => {
  expect(() => assert(true, "a market without a price")).not.toThrow();
  expect(() => assert(false, "a market without a price")).toThrow(
    new ImpossibleStateError("a market without a price"),
  );
});

it.each([[0], [""], [false], [0n]])("present gives %s back, which is there", (value) => {
  expect(present(value, "the value")).toBe(value);
});

it.each([[undefined], [null]])("present names what is missing when it is %s", (value) => {
  expect(() => present(value, "the price")).toThrow("impossible state: the price is missing");
});

it("a domain error carries its own name and its cause", () => {
  class GateClosedError extends DomainError {
    readonly code = "gateClosed";
  }
  const cause = new Error("late");
  const error = new GateClosedError("the gate closed at 900 s", { cause });
  expect(error).toMatchObject({ name: "GateClosedError", code: "gateClosed", cause });
});
