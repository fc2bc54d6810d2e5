import type { UnitName } from "./hints.ts";
import type { Quantity } from "./recording.ts";

/**
 * A unit of cells.
 *
 * @property factor turns a cell into the base unit: W, Wh or micro per kWh
 */
export type Unit = { readonly unit: string; readonly quantity: Quantity; readonly factor: number };

/** Units by the names that hints use. */
export const UNIT_OF: Readonly<Record<UnitName, Unit>> = {
  Wh: { unit: "Wh", quantity: "energy", factor: 1 },
  kWh: { unit: "kWh", quantity: "energy", factor: 1_000 },
  MWh: { unit: "MWh", quantity: "energy", factor: 1_000_000 },
  W: { unit: "W", quantity: "power", factor: 1 },
  kW: { unit: "kW", quantity: "power", factor: 1_000 },
  MW: { unit: "MW", quantity: "power", factor: 1_000_000 },
  "currency/kWh": { unit: "currency/kWh", quantity: "price", factor: 1_000_000 },
  "cent/kWh": { unit: "cent/kWh", quantity: "price", factor: 10_000 },
  "currency/MWh": { unit: "currency/MWh", quantity: "price", factor: 1_000 },
  "micro/kWh": { unit: "micro/kWh", quantity: "price", factor: 1 },
};

export const PLAIN: Unit = { unit: "", quantity: "plain", factor: 1 };

/** Words of price units within a name of small letters, digits and underscores, the more specific first. */
const PRICE_WORDS: readonly (readonly [RegExp, UnitName])[] = [
  [/(^|_)micro_per_kwh$/, "micro/kWh"],
  [/(^|_)(ct|cent|cents|c|p|pence|rp|ore|pf)(_per)?_kwh(_|$)/, "cent/kWh"],
  [/(^|_)(eur|euro|chf|usd|gbp|aud|dkk|sek|nok|pln|czk|currency|per)(_per)?_kwh(_|$)/, "currency/kWh"],
  [/(^|_)(eur|euro|chf|usd|gbp|aud|dkk|sek|nok|pln|czk|currency|per)(_per)?_mwh(_|$)/, "currency/MWh"],
];

const ENERGY_WORDS: readonly (readonly [RegExp, UnitName])[] = [
  [/(^|_)(mwh)(_|$)/, "MWh"],
  [/(^|_)(kwh|kilowatt_?hours?|kilowattstunden?)(_|$)/, "kWh"],
  [/(^|_)(wh|watt_?hours?|wattstunden?)(_|$)/, "Wh"],
  [/(^|_)(mw)(_|$)/, "MW"],
  [/(^|_)(kw)(_|$)/, "kW"],
  [/(^|_)(w|watt|watts)(_|$)/, "W"],
];

/** `Load (kW)` and `load kW` are `load_kw`, `[€/MWh]` is `eur_mwh`; letters with marks lose them. */
export function normaliseName(name: string): string {
  return name
    .trim()
    .replace(/€/g, " eur ")
    .replace(/\$/g, " usd ")
    .replace(/£/g, " gbp ")
    .replace(/¢/g, " ct ")
    .replace(/ß/g, "ss")
    .replace(/([a-z]{3})([A-Z][a-z])/g, "$1_$2")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** Currencies by the words that name them in a unit; cents of several currencies say none. */
const CURRENCY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/(^|_)(eur|euro)(_per)?_[km]wh(_|$)/, "EUR"],
  [/(^|_)(rp)(_per)?_kwh(_|$)/, "CHF"],
  [/(^|_)(p|pence)(_per)?_kwh(_|$)/, "GBP"],
];
const CURRENCY_CODE = /(^|_)(chf|usd|gbp|aud|dkk|sek|nok|pln|czk)(_per)?_[km]wh(_|$)/;

/** ISO 4217 code of the currency that a column's name says with its unit; null where it says none. */
export function currencyInName(name: string): string | null {
  const key = normaliseName(name);
  const word = CURRENCY_WORDS.find(([pattern]) => pattern.test(key))?.[1];
  return word ?? CURRENCY_CODE.exec(key)?.[2]?.toUpperCase() ?? null;
}

/** The unit that a column's normalised name says; null where it says none. Reactive energy, volume and money are none of ours. */
export function unitInName(name: string): Unit | null {
  const found = [...PRICE_WORDS, ...ENERGY_WORDS].find(([pattern]) => pattern.test(name));
  return found === undefined ? null : UNIT_OF[found[1]];
}
