import { AUDIT_COUNTS } from "#domains/audit.ts";
import type { AuditReport } from "#platform/audit/auditor.ts";
import type { HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { alignColumns } from "./alignColumns.ts";

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
  const rows = Object.entries(AUDIT_COUNTS).map(([name, words]) => [
    String(report.checked[name] ?? 0),
    words.name,
    words.how,
  ]);
  const table = alignColumns(rows, "rll");
  if (report.verdict === "discrepancy") {
    const { rule, sentence } = report.discrepancy;
    return `DISCREPANCY (${rule})\n${sentence}\n\nVerified before it:\n${table}\n`;
  }
  const { fromBlock, toBlock, toBlockHash, newestBlock, headers, notes } = report;
  const hash = toBlockHash === null ? "" : ` (${toBlockHash})`;
  const head = `CLEAN: blocks ${fromBlock} to ${toBlock}${hash}`;
  const proof = headers === null ? [] : [HEADER_WORDS[headers]];
  return `${[`${head}\n${sinceWords(newestBlock - toBlock)}`, ...proof, table, ...notes.map((note) => `Note: ${note}.`)].join("\n\n")}\n`;
}

function sinceWords(blocks: number): string {
  if (blocks === 0) return "No block came since.";
  return blocks === 1
    ? "1 block came since and is not audited."
    : `${blocks} blocks came since and are not audited.`;
}
