import { DomainError } from "#kernel/units/domainError.ts";
import type { Hex } from "./hex.ts";

/**
 * A value of untrusted JSON with its place, which every error names. `shape` is what the value should be: it is there for
 * the compiler alone, so that only fields that are sent can be read.
 */
export type JsonValue<Shape> = { readonly value: unknown; readonly place: string; readonly shape?: Shape };

/** Entries of a list at most: more than a book of the largest kind has. */
const MAX_ENTRIES = 2 ** 22;
/** Digits of a number at most: 256 bits have 78. */
const MAX_DIGITS = 80;

/** A field of an object. */
export function fieldOf<Shape extends object, Name extends Extract<keyof Shape, string>>(
  { value, place }: JsonValue<Shape>,
  name: Name,
): JsonValue<Shape[Name]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new MalformedEvidenceError(place, "is not an object");
  const inner = place === "" ? name : `${place}.${name}`;
  return { value: (value as Readonly<Record<string, unknown>>)[name], place: inner };
}

/** The entries of a list, each read in turn. */
export function listOf<Entry, Item>(
  { value, place }: JsonValue<readonly Entry[]>,
  read: (entry: JsonValue<Entry>) => Item,
): Item[] {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES)
    throw new MalformedEvidenceError(place, "is not a list");
  return value.map((entry: unknown, i) => read({ value: entry, place: `${place}[${i}]` }));
}

/** Null, or what `read` makes of it. */
export function nullOr<Shape, Item>(
  { value, place }: JsonValue<Shape | null>,
  read: (json: JsonValue<Shape>) => Item,
): Item | null {
  return value === null ? null : read({ value, place });
}

/** A whole number from `least` to `greatest`. */
export function wholeOf(
  { value, place }: JsonValue<number>,
  least = 0,
  greatest = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new MalformedEvidenceError(place, "is not a whole number");
  if (value < least || value > greatest)
    throw new MalformedEvidenceError(place, `is outside ${least}…${greatest}`);
  return value;
}

/** A whole number in decimal digits, with its sign; at most 256 bits. */
export function decimalOf({ value, place }: JsonValue<string>): bigint {
  if (typeof value !== "string" || value.length > MAX_DIGITS || !/^-?\d+$/.test(value))
    throw new MalformedEvidenceError(place, "is not a whole number in decimal digits");
  return BigInt(value);
}

/** A whole number ≥ 0 in decimal digits that fits `bits` bits. */
export function unsignedOf(json: JsonValue<string>, bits: number): bigint {
  const number = decimalOf(json);
  if (BigInt.asUintN(bits, number) !== number)
    throw new MalformedEvidenceError(json.place, `does not fit ${bits} bits`);
  return number;
}

/** Exactly `bytes` bytes; any whole number of them without it. */
export function hexOf({ value, place }: JsonValue<string>, bytes?: number): Hex {
  const isHex = typeof value === "string" && /^0x(?:[0-9a-f]{2})*$/.test(value);
  if (!isHex || (bytes !== undefined && value.length !== 2 + 2 * bytes))
    throw new MalformedEvidenceError(place, `is not ${bytes ?? "whole"} bytes in lower-case hexadecimal`);
  return value as Hex;
}

/** One of the words. */
export function wordIn<Word extends string>(
  { value, place }: JsonValue<string>,
  words: readonly Word[],
): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new MalformedEvidenceError(place, `is none of ${words.join(", ")}`);
  return word;
}

export function textOf({ value, place }: JsonValue<string>): string {
  if (typeof value !== "string") throw new MalformedEvidenceError(place, "is not a text");
  return value;
}

export function flagOf({ value, place }: JsonValue<boolean>): boolean {
  if (typeof value !== "boolean") throw new MalformedEvidenceError(place, "is neither true nor false");
  return value;
}

export class MalformedEvidenceError extends DomainError {
  readonly code = "malformedEvidence";

  constructor(place: string, what: string) {
    super(`${place === "" ? "the evidence" : place} ${what}`);
  }
}
