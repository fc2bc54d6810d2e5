import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import type { AuditReport } from "#platform/audit/auditor.ts";
import { alignColumns } from "./alignColumns.ts";
import type { HeaderProof } from "#domains/pool/evidencedHistory.ts";

/** What each count is, for people, in the order in which the audit goes. */
const COUNT_WORDS = {
  blocks: "blocks, each against its hashes and the block before",
  transactions: "transactions of the market, each with its sender's signature",
  accounts: "accounts, numbered without gaps",
  signatures: "signatures of orders and readings recovered",
  orders: "orders within their limits",
  books: "books that give their roots, with all that was not submitted",
  clearings: "clearings, each cleared anew",
  trades: "trades",
  roots: "roots of readings published",
  readings: "signed readings that give their roots",
  openedReadings: "readings opened for a settlement",
  settlements: "settlements, each computed anew",
  payments: "positions paid",
  voided: "intervals whose money was given back",
  openIntervals: "intervals not settled yet",
} as const satisfies Record<keyof AuditCounts, string>;

const HEADER_WORDS = {
  ethereum:
    "Headers: Ethereum's roots, which bind every transaction and event; the genesis is taken as given.",
  trusted: "Headers: trusted; the node's word stands for which events there are.",
} as const satisfies Record<HeaderProof, string>;

/**
 * An audit for people: what was verified, or the first discrepancy with its place. The JSON form is the report itself,
 * which holds whole numbers below 2⁵³ and text only.
 */
export function renderAudit(report: AuditReport): string {
  const rows = countNames().map((name) => [String(report.checked[name]), COUNT_WORDS[name]]);
  const table = alignColumns(rows, "rl");
  if (report.verdict === "discrepancy") {
    const { rule, sentence } = report.discrepancy;
    return `DISCREPANCY (${rule})\n${sentence}\n\nVerified before it:\n${table}\n`;
  }
  const { fromBlock, toBlock, toBlockHash, headers, notes } = report;
  const hash = toBlockHash === null ? "" : ` (${toBlockHash})`;
  const head = `CLEAN: blocks ${fromBlock} to ${toBlock}${hash}`;
  const proof = headers === null ? [] : [HEADER_WORDS[headers]];
  return `${[head, ...proof, table, ...notes.map((note) => `Note: ${note}.`)].join("\n\n")}\n`;
}

function countNames(): readonly (keyof AuditCounts)[] {
  return Object.keys(COUNT_WORDS) as (keyof AuditCounts)[];
}
