import { ACCOUNTS_COUNTS } from "#domains/accounts/audit/accountsCounts.ts";
import { METERING_COUNTS } from "#domains/metering/audit/meteringCounts.ts";
import { POOL_COUNTS } from "#domains/pool/audit/poolCounts.ts";
import { CHAIN_COUNTS } from "#platform/audit/chainCounts.ts";
import type { CountWords } from "#platform/audit/replay.ts";
import { useFormats } from "../app/format/locale.tsx";
import { asSentence } from "../app/format/sentences.ts";
import { Card } from "../app/parts/Card.tsx";
import { DataTable } from "../app/parts/DataTable.tsx";
import { Notice } from "../app/parts/States.tsx";
import type { AuditResult } from "./useAudit.ts";

/** What the auditor counts, in the order of the market's life. */
const KINDS: CountWords = { ...CHAIN_COUNTS, ...ACCOUNTS_COUNTS, ...METERING_COUNTS, ...POOL_COUNTS };

/** What the last audit checked, how many of each kind, and what it could not verify. */
export function CheckedTable({ result: { checked, notes } }: { result: AuditResult }) {
  const { count } = useFormats();
  const known = Object.keys(KINDS).filter((kind) => kind in checked);
  const others = Object.keys(checked).filter((kind) => !(kind in KINDS));
  return (
    <Card title="What was checked">
      <DataTable
        caption="What the last audit checked"
        rows={[...known, ...others]}
        keyOf={(kind) => kind}
        columns={[
          { head: "Kind", cell: (kind) => KINDS[kind]?.name ?? kind },
          { head: "How", cell: (kind) => <span className="quiet">{KINDS[kind]?.how}</span>, isExtra: true },
          { head: "Checked", cell: (kind) => count(checked[kind] ?? 0), isNumber: true },
        ]}
      />
      {notes.length > 0 ? (
        <Notice tone="watch">
          <strong>What could not be verified</strong>
          <ul className="notes">
            {notes.map((note) => (
              <li key={note}>{asSentence(note)}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </Card>
  );
}
