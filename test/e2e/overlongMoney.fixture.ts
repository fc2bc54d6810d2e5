const OVERLONG = /(?:[€$£¥][\d,]+|(?<![\w.])[\d,]+)\.\d{4,}/g;

/** Money and prices that prose says with more than three decimals. */
export function overlongMoney(prose: string): readonly string[] {
  return prose.match(OVERLONG) ?? [];
}
