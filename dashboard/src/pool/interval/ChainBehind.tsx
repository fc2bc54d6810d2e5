import { useFormats } from "../../app/format/locale.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import { Facts } from "../../app/parts/Facts.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Empty } from "../../app/parts/States.tsx";
import { useSenderNames } from "../../metering/senderNames.ts";
import type { Interval } from "../interval.ts";
import type { ReadEvidence } from "./useEvidence.ts";

type Transaction = ReadEvidence["transactions"][number];

/** Transactions, blocks, gas, and who signed what. */
export function ChainBehind({ interval, evidence }: { interval: Interval; evidence: ReadEvidence }) {
  const { bookRoot, readings, gasUsed } = interval;
  const formats = useFormats();
  const columns = useColumns();
  if (evidence.transactions.length === 0)
    return <Empty>No transaction yet: orders stay with the operator until the gate closes.</Empty>;
  return (
    <div className="stack">
      <DataTable
        caption="Transactions of the interval"
        columns={columns}
        rows={evidence.transactions}
        keyOf={({ transactionHash }) => transactionHash}
      />
      <Facts
        facts={[
          { name: "Chain", value: evidence.evidence.chainId },
          { name: "Gas in all", value: formats.count(gasUsed) },
          { name: "Root of the book of orders", value: bookRoot ? <Hash value={bookRoot} /> : "–" },
          {
            name: "Root of the readings",
            value: readings ? (
              <>
                <Hash value={readings.root} /> over {formats.count(readings.meters)} meters
              </>
            ) : (
              "–"
            ),
          },
        ]}
      />
    </div>
  );
}

function useColumns(): Column<Transaction>[] {
  const formats = useFormats();
  const senderName = useSenderNames();
  const words = useWords();
  return [
    { head: "What", cell: ({ purpose }) => words.call(purpose) },
    { head: "Transaction", cell: ({ transactionHash }) => <Hash value={transactionHash} to="transaction" /> },
    { head: "Block", isNumber: true, cell: ({ block }) => formats.count(block) },
    { head: "Gas", isNumber: true, cell: ({ gasUsed }) => formats.count(gasUsed) },
    {
      head: "Signed by",
      isExtra: true,
      cell: (transaction) => senderName(transaction) ?? <Hash value={transaction.sender} />,
    },
  ];
}
