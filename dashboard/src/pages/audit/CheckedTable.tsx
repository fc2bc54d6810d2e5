import { useFormats } from "../../format/locale.tsx";
import { asSentence } from "../../format/sentences.ts";
import { Card } from "../../parts/Card.tsx";
import { DataTable } from "../../parts/DataTable.tsx";
import { Notice } from "../../parts/States.tsx";
import type { AuditResult } from "./useAudit.ts";

type Kind = { readonly name: string; readonly how: string };

/** What the auditor counts, in the order of the market's life. */
const KINDS: Readonly<Record<string, Kind>> = {
  blocks: { name: "Blocks", how: "hash, contents, and link to the block before" },
  transactions: { name: "Transactions", how: "bytes give the hash, the signature gives the sender" },
  accounts: { name: "Accounts", how: "numbered without gaps, one owner each" },
  signatures: { name: "Signatures", how: "of orders and of meter readings" },
  orders: { name: "Orders", how: "signed by the owner, within the limits" },
  books: { name: "Books", how: "all orders together give the recorded root" },
  clearings: { name: "Clearings", how: "cleared anew, with the same price and energy" },
  trades: { name: "Trades", how: "come of the clearing, none more, none less" },
  roots: { name: "Roots of readings", how: "published once, before they are settled" },
  readings: { name: "Readings", how: "signed by the meter’s device, give the published root" },
  openedReadings: { name: "Opened readings", how: "shown by a settlement, stand in the published tree" },
  settlements: { name: "Intervals settled", how: "every page paid, the remainder in the fund" },
  payments: { name: "Payments", how: "computed anew from positions and readings" },
  voided: { name: "Intervals given back", how: "all reserved money returned" },
  openIntervals: { name: "Intervals still open", how: "cleared and not settled yet: no fault" },
};

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
