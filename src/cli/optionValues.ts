import { InvalidArgumentError } from "commander";
import type { Address } from "#kernel/crypto/hex.ts";

/*
 * What an option's text means, for commander, which names the option and its text in front of each refusal.
 */

const MOST_SEED = 2 ** 31;
const MOST_PORT = 65_535;

/** A whole number from one to another, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`a whole number from ${least} to ${most} is needed`);
    return value;
  };
}

/** A seed of random numbers. */
export const seed = wholeNumber(0, MOST_SEED);

/** A port to listen on; 0 for a free one. */
export const port = wholeNumber(0, MOST_PORT);

/** A number from one to another, both included. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most))
      throw new InvalidArgumentError(`a number from ${least} to ${most} is needed`);
    return value;
  };
}

/** A number above 0, to a billion. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e9)) throw new InvalidArgumentError("a number above 0 is needed");
  return value;
}

/** An address of the chain, in small letters. */
export function address(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new InvalidArgumentError("an address of 20 bytes is needed");
  return text.toLowerCase() as Address;
}
