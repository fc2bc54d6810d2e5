/** Decimals of money and prices (micro) and of energy in kWh (Wh). */
export const MONEY_DECIMALS = 6;
export const KWH_DECIMALS = 3;
/** Digits before the point; more is no amount of a household. */
const MAX_WHOLE_DIGITS = 9;

/**
 * A number as a person types it, with point or comma, as a whole number of its smallest unit: "0.20" with six decimals is
 * 200000n. Null when it is no number or has more decimals than the unit can hold.
 */
export function readDecimal(text: string, decimals: number): bigint | null {
  const form = new RegExp(`^([-−]?)(\\d{1,${MAX_WHOLE_DIGITS}})?(?:[.,](\\d{0,${decimals}}))?$`);
  const match = form.exec(text.trim());
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (whole === "" && fraction === "") return null;
  const size = BigInt(`${whole || "0"}${fraction.padEnd(decimals, "0")}`);
  return sign === "" ? size : -size;
}
