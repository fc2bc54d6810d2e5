/** How much an audit has verified. */
export type AuditCounts = {
  /** Blocks whose hashes and links were checked. */
  blocks: number;
  /** Transactions that caused events of the contracts. */
  transactions: number;
  accounts: number;
  /** Signatures recovered: of orders and of readings. */
  signatures: number;
  /** Orders: submitted ones, and those of the desk's archive. */
  orders: number;
  /** Clearings whose orders, submitted or archived, give the root of the book. */
  books: number;
  /** Intervals whose book was cleared anew. */
  clearings: number;
  trades: number;
  /** Published roots of readings. */
  roots: number;
  /** Signed readings that give the published roots. */
  readings: number;
  /** Reading words that settlements opened and that are in the published trees. */
  openedReadings: number;
  /** Intervals settled and closed. */
  settlements: number;
  /** Positions paid. */
  payments: number;
  /** Intervals whose money was given back. */
  voided: number;
  /** Intervals at the end of the chain that are not settled yet. */
  openIntervals: number;
};

export function createCounts(): AuditCounts {
  return {
    blocks: 0,
    transactions: 0,
    accounts: 0,
    signatures: 0,
    orders: 0,
    books: 0,
    clearings: 0,
    trades: 0,
    roots: 0,
    readings: 0,
    openedReadings: 0,
    settlements: 0,
    payments: 0,
    voided: 0,
    openIntervals: 0,
  };
}
