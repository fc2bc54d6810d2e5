import { CHAIN_COUNTS } from "#platform/audit/chainCounts.ts";
import type { CountWords } from "#platform/audit/replay.ts";
import { useFormats } from "../app/format/locale.tsx";
import { asSentence } from "../app/format/sentences.ts";
import { usePageDomains } from "../app/pageDomains.tsx";
import { Card } from "../app/parts/Card.tsx";
import { DataTable } from "../app/parts/DataTable.tsx";
import { Notice } from "../app/parts/States.tsx";
import type { AuditResult } from "./useAudit.ts";

/** What the last audit checked, how many of each kind, and what it could not verify. */
export function CheckedTable({ result: { checked, notes } }: { result: AuditResult }) {
  const { count } = useFormats();
  const words = useCountWords();
  const known = Object.keys(words).filter((kind) => kind in checked);
  const others = Object.keys(checked).filter((kind) => !(kind in words));
  return (
    <Card title="What was checked">
      <DataTable
        caption="What the last audit checked"
        rows={[...known, ...others]}
        keyOf={(kind) => kind}
        columns={[
          { head: "Kind", cell: (kind) => words[kind]?.name ?? kind },
          { head: "How", cell: (kind) => <span className="quiet">{words[kind]?.how}</span>, isExtra: true },
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

/** What the auditor counts: of the chain itself, then of the fields in their order. */
function useCountWords(): CountWords {
  const { domains } = usePageDomains();
  return Object.assign({}, CHAIN_COUNTS, ...domains.map(({ counts }) => counts));
}
