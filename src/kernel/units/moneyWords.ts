import { MICRO_PER_CENT, MICRO_PER_FINE, MICRO_PER_PRICE_STEP, roundToNearest } from "./roundedParts.ts";

/** Sentences are written in English; numbers follow. */
const LOCALE = "en-GB";
const MICRO_PER_UNIT = 1_000_000;

/** Money as sentences and pages say it, with its currency and never more than three decimals; exact values are micro. */
export type MoneyWords = {
  /** With cents, as people pay: €1,234.50. */
  money(micro: bigint): string;
  /** With three decimals, for what a single interval comes to: €0.012. */
  fineMoney(micro: bigint): string;
  /** The same of something that moved, however little: "less than €0.001" instead of nothing. */
  movedMoney(micro: bigint): string;
  /** A price of a kWh, without its unit: €0.173. */
  price(microPerKwh: bigint): string;
  /** How far one price is above another, as both are written: €0.060; "less than €0.001" where both are written alike. */
  priceDifference(high: bigint, low: bigint): string;
};

/** @param currency ISO 4217 code */
export function moneyWords(currency: string): MoneyWords {
  const known = knownWords.get(currency);
  if (known) return known;
  const words = createWords(currency);
  knownWords.set(currency, words);
  return words;
}

/** A format takes as long to make as some hundred texts of it. */
const knownWords = new Map<string, MoneyWords>();

function createWords(currency: string): MoneyWords {
  const money = rounding(currency, { unit: MICRO_PER_CENT, decimals: 2 });
  const fineMoney = rounding(currency, { unit: MICRO_PER_FINE, decimals: 3 });
  const price = rounding(currency, { unit: MICRO_PER_PRICE_STEP, decimals: 3 });
  return {
    money,
    fineMoney,
    movedMoney: (micro) =>
      micro !== 0n && roundToNearest(micro, MICRO_PER_FINE) === 0n
        ? `less than ${fineMoney(MICRO_PER_FINE)}`
        : fineMoney(micro),
    price,
    priceDifference(high, low) {
      const [above, below] = [high, low].map((each) => roundToNearest(each, MICRO_PER_PRICE_STEP));
      const difference = (above ?? 0n) - (below ?? 0n);
      return difference === 0n && high !== low
        ? `less than ${price(MICRO_PER_PRICE_STEP)}`
        : price(difference);
    },
  };
}

function rounding(currency: string, { unit, decimals }: { unit: bigint; decimals: number }) {
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return (micro: bigint) => format.format(Number(roundToNearest(micro, unit)) / MICRO_PER_UNIT);
}
