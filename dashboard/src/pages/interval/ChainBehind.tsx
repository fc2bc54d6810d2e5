import type { z } from "zod";
import type { evidenceWire } from "#api/wireEvidence.ts";
import { useSenderNames } from "../../api/names.ts";
import { useGet } from "../../api/useGet.ts";
import { useFormats } from "../../format/locale.tsx";
import { purposeWords } from "../../format/purposes.ts";
import { type Column, DataTable } from "../../parts/DataTable.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Hash } from "../../parts/Hash.tsx";
import { Empty, Loaded } from "../../parts/States.tsx";
import type { Interval } from "../IntervalPage.tsx";

type Evidence = z.infer<typeof evidenceWire>;
type Transaction = Evidence["transactions"][number];

/** Transactions, blocks, gas, and who signed what. */
export function ChainBehind({ interval }: { interval: Interval }) {
  const { areaId, intervalId, bookRoot, readings, gasUsed } = interval;
  const formats = useFormats();
  const evidence = useGet<Evidence>(`/v1/intervals/${areaId}/${intervalId}/evidence`);
  const columns = useColumns();
  return (
    <Loaded query={evidence} what="the transactions">
      {({ transactions, chainId }) =>
        transactions.length === 0 ? (
          <Empty>No transaction yet: orders stay with the operator until the gate closes.</Empty>
        ) : (
          <div className="stack">
            <DataTable
              caption="Transactions of the interval"
              columns={columns}
              rows={transactions}
              keyOf={({ transactionHash }) => transactionHash}
            />
            <Facts
              facts={[
                { name: "Chain", value: chainId },
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
        )
      }
    </Loaded>
  );
}

function useColumns(): Column<Transaction>[] {
  const formats = useFormats();
  const senderName = useSenderNames();
  return [
    { head: "What", cell: ({ purpose }) => purposeWords(purpose) },
    { head: "Transaction", cell: ({ transactionHash }) => <Hash value={transactionHash} to="transaction" /> },
    { head: "Block", isNumber: true, cell: ({ block }) => formats.count(block) },
    { head: "Gas", isNumber: true, cell: ({ gasUsed }) => formats.count(gasUsed) },
    {
      head: "Signed by",
      isExtra: true,
      cell: ({ sender }) => senderName(sender) ?? <Hash value={sender} />,
    },
  ];
}
