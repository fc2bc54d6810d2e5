/**
 * How the total of a bill comes about, in whose hands its money is, micro; owed positive, received negative. Of a time
 * `[from, to)`: total = through the account + by the supplier + settled later − settled for earlier − without tariff
 * (`docs/model/bills.md`, equation 9).
 *
 * @property throughAccountMicro settled in this time through the account in the clearing house
 * @property bySupplierMicro energy beyond markets at the tariff: the supplier's own bill, which never passes the account
 * @property settledLaterMicro owed for intervals of this time, settled after it
 * @property settledForEarlierMicro settled in this time for intervals before it, so that it is of an earlier bill
 * @property withoutTariffMicro settled for intervals of this time whose tariff is not known, which count in no bill
 */
export type Reconciliation = {
  readonly totalMicro: bigint;
  readonly throughAccountMicro: bigint;
  readonly bySupplierMicro: bigint;
  readonly settledLaterMicro: bigint;
  readonly settledForEarlierMicro: bigint;
  readonly withoutTariffMicro: bigint;
};

/** What settlements moved through an account within a time, micro, paid positive; `forEarlierMicro` of it for intervals before. */
export type SettledMoney = { readonly paidMicro: bigint; readonly forEarlierMicro: bigint };

/** The sums of a bill that a reconciliation begins with. */
export type BillSums = {
  readonly netMicro: bigint;
  readonly gridMicro: bigint;
  readonly feedInMicro: bigint;
  readonly marketBillMicro: bigint;
};

/** Brings a bill and its account together. Charges are owed with an interval and settled through the account after it. */
export function reconcile(bill: BillSums, { paidMicro, forEarlierMicro }: SettledMoney): Reconciliation {
  const bySupplierMicro = bill.gridMicro - bill.feedInMicro;
  return {
    totalMicro: bill.marketBillMicro,
    throughAccountMicro: paidMicro,
    bySupplierMicro,
    settledLaterMicro: bill.netMicro - (paidMicro - forEarlierMicro),
    settledForEarlierMicro: forEarlierMicro,
    withoutTariffMicro: bill.netMicro - (bill.marketBillMicro - bySupplierMicro),
  };
}

/** A line of a reconciliation as it is shown: what it is, in words, and what it adds to the total, micro. */
export type ReconciliationLine = {
  readonly name: keyof Omit<Reconciliation, "totalMicro">;
  readonly words: string;
  readonly micro: bigint;
};

/** The lines, which add up to the total; those that bridge two bills are left out where they are nothing. */
export function linesOfReconciliation(money: Reconciliation): ReconciliationLine[] {
  const lines: ReconciliationLine[] = [
    { name: "throughAccountMicro", words: "through this account", micro: money.throughAccountMicro },
    {
      name: "bySupplierMicro",
      words: "by your supplier, outside of this account",
      micro: money.bySupplierMicro,
    },
    {
      name: "settledLaterMicro",
      words: "still to settle at the end of this time",
      micro: money.settledLaterMicro,
    },
    {
      name: "settledForEarlierMicro",
      words: "settled in this time, of an earlier bill",
      micro: -money.settledForEarlierMicro,
    },
    {
      name: "withoutTariffMicro",
      words: "for intervals whose tariff is not known, in no bill",
      micro: -money.withoutTariffMicro,
    },
  ];
  return lines.filter(({ name, micro }) => micro !== 0n || ALWAYS_SHOWN.includes(name));
}

const ALWAYS_SHOWN: readonly ReconciliationLine["name"][] = ["throughAccountMicro", "bySupplierMicro"];
