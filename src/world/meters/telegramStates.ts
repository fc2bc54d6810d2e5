import { readTelegrams } from "#world/meterFiles/formats/dsmr.ts";
import type { ReadStates } from "./registerStates.ts";

/** More than any telegram has: what comes without an end is no telegram. */
const MAX_TELEGRAM_CHARACTERS = 8_192;
/** From the slash to the line of the exclamation mark. */
const TELEGRAM = /\/[^/!]{4,}?[\s\S]*?\r?\n![0-9A-Fa-f]{0,4}\r?\n/;

/** Whole telegrams of a stream, and what is left of it for the next piece. */
export function splitStream(text: string): { readonly telegrams: readonly string[]; readonly rest: string } {
  const telegrams: string[] = [];
  let rest = text;
  for (;;) {
    const found = TELEGRAM.exec(rest);
    if (!found) return { telegrams, rest: rest.slice(-MAX_TELEGRAM_CHARACTERS) };
    // A telegram that was cut off runs into the next one: the last beginning counts.
    telegrams.push(found[0].slice(found[0].lastIndexOf("\n/") + 1));
    rest = rest.slice(found.index + found[0].length);
  }
}

/** Registers of a P1 telegram of DSMR 2.2 to 5, Belgium and Luxembourg; one that does not match its checksum counts for nothing. */
export function readTelegramStates(text: string): ReadStates {
  const [telegram] = readTelegrams(text);
  if (!telegram) return { fault: "the telegram has no counter of electricity (1.8.x, 2.8.x)" };
  if (telegram.hasBadChecksum) return { fault: "the telegram does not match its checksum" };
  const { importWh, exportWh, at } = telegram;
  return { importWh, exportWh, saidAt: at };
}
