/** Of an account's bill, the time `[from, to)`, unix seconds. */
export type BillTime = { readonly account: number; readonly from: number; readonly to: number };

/** The address of an explained bill: its sums and some of its lines. */
export function billPath({ account, from, to }: BillTime, lines: { limit: number; order?: string }): string {
  const order = lines.order === undefined ? "" : `&order=${lines.order}`;
  return `/v1/participants/${account}/bill?from=${from}&to=${to}${order}&limit=${lines.limit}`;
}
